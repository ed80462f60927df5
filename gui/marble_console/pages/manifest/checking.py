"""What is worked out of a document's bytes on a worker thread: findings, their fixes, and facts that take time. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from marble_console.acceptances import acceptances_beside
from marble_console.pages.manifest.documents import Document, digest
from marble_console.pages.manifest.problems import by_severity_and_place
from marble_console.words import tr
from marble_core.manifest.accepted import AcceptancesUnreadable, set_apart
from marble_core.manifest.check import check_manifest
from marble_core.manifest.findings import Finding, Severity
from marble_core.manifest.fixes import Fixer
from marble_core.manifest.fromyaml import Converted, YamlRefused, from_yaml
from marble_core.manifest.yamlfixes import YamlFixer

Check = Callable[[bytes], Sequence[Finding]]

# Fixes are worked out for so many problems; nobody reads further before mending some.
_MOST_FIXES = 200
_MOST_FIXES_IN_YAML = 20  # each is tried out


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `fixes` are the titles of the quick fixes, empty where there is none.

    `sent` is the JSON that is sent, where the document is YAML and was understood; the fingerprint is of what is sent.
    """

    findings: tuple[Finding, ...]
    fixes: tuple[str, ...]
    accepted: tuple[tuple[Finding, str], ...]
    fingerprint: str
    facts: tuple[str, ...]
    trouble: str = ""
    sent: bytes | None = None


def check_now(raw: bytes) -> Sequence[Finding]:
    """The findings at this time: certificates that end soon are among them."""
    return check_manifest(raw, now=dt.datetime.now(dt.UTC)).findings


def checked(check: Check, document: Document) -> Checked:
    """Look at a document; what cannot be read beside it is told in `trouble`."""
    converted = _converted(document)
    findings: Sequence[Finding]
    if isinstance(converted, Finding):
        findings = [converted]
    elif converted is not None:
        findings = [_in_yaml(finding, converted) for finding in check(converted.json)]
    else:
        findings = check(document.raw)
    findings = sorted(findings, key=by_severity_and_place)
    accepted: tuple[tuple[Finding, str], ...] = ()
    trouble = ""
    if document.path is not None:
        try:
            findings, accepted = set_apart(findings, acceptances_beside(document.path), document.path.name)
        except AcceptancesUnreadable as error:
            trouble = error.sentence
    sent = converted.json if isinstance(converted, Converted) else None
    fingerprint = document.fingerprint if sent is None else digest(sent)
    facts = (
        (document.facts,)
        if sent is None
        else (document.facts, tr("JSON to send: {size} bytes", size=f"{len(sent):,}"))
    )
    return Checked(tuple(findings), _titles(document, findings), accepted, fingerprint, facts, trouble, sent)


def _converted(document: Document) -> Converted | Finding | None:
    """The JSON of a YAML document, or why there is none; None for a document that is JSON."""
    if not document.is_yaml:
        return None
    try:
        return from_yaml(document.raw)
    except YamlRefused as error:
        return not_yaml(error)


def not_yaml(error: YamlRefused) -> Finding:
    """The finding for a text that is no YAML of one meaning; no coordinator ever sees it."""
    sentence = f"{error.sentence} {error.hint}".rstrip()
    return Finding("Y0", Severity.ERROR, "", sentence, sentence, error.span)


def _in_yaml(finding: Finding, converted: Converted) -> Finding:
    """The same finding with its place in the YAML."""
    if finding.span is None:
        return finding
    return replace(finding, span=converted.span(finding.at, key=finding.rule.startswith("C")))


def _titles(document: Document, findings: Sequence[Finding]) -> tuple[str, ...]:
    if document.not_editable_because or not findings:
        return ("",) * len(findings)
    try:
        fixer = YamlFixer(document.text) if document.is_yaml else Fixer(document.text)
    except YamlRefused:
        return ("",) * len(findings)
    most = _MOST_FIXES_IN_YAML if document.is_yaml else _MOST_FIXES
    fixes = [fixer.fix(finding) for finding in findings[:most]]
    titles = [fix.title if fix is not None else "" for fix in fixes]
    return tuple(titles + [""] * (len(findings) - len(titles)))
