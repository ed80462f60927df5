"""What is worked out of a document's bytes on a worker thread: findings, their fixes, and facts that take time. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from marble_console.acceptances import acceptances_beside
from marble_console.pages.manifest.documents import Document
from marble_console.pages.manifest.problems import by_severity_and_place
from marble_core.manifest.accepted import AcceptancesUnreadable, set_apart
from marble_core.manifest.check import check_manifest
from marble_core.manifest.findings import Finding
from marble_core.manifest.fixes import Fixer

Check = Callable[[bytes], Sequence[Finding]]

# Fixes are worked out for so many problems; nobody reads further before mending some.
_MOST_FIXES = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `fixes` are the titles of the quick fixes, empty where there is none."""

    findings: tuple[Finding, ...]
    fixes: tuple[str, ...]
    accepted: tuple[tuple[Finding, str], ...]
    fingerprint: str
    facts: tuple[str, ...]
    trouble: str = ""


def check_now(raw: bytes) -> Sequence[Finding]:
    """The findings at this time: certificates that end soon are among them."""
    return check_manifest(raw, now=dt.datetime.now(dt.UTC)).findings


def checked(check: Check, document: Document) -> Checked:
    """Look at a document; what cannot be read beside it is told in `trouble`."""
    findings: Sequence[Finding] = sorted(check(document.raw), key=by_severity_and_place)
    accepted: tuple[tuple[Finding, str], ...] = ()
    trouble = ""
    if document.path is not None:
        try:
            findings, accepted = set_apart(findings, acceptances_beside(document.path), document.path.name)
        except AcceptancesUnreadable as error:
            trouble = error.sentence
    return Checked(
        tuple(findings),
        _titles(document, findings),
        accepted,
        document.fingerprint,
        (document.facts,),
        trouble,
    )


def _titles(document: Document, findings: Sequence[Finding]) -> tuple[str, ...]:
    if document.not_editable_because or not findings:
        return ("",) * len(findings)
    fixer = Fixer(document.text)
    fixes = [fixer.fix(finding) for finding in findings[:_MOST_FIXES]]
    titles = [fix.title if fix is not None else "" for fix in fixes]
    return tuple(titles + [""] * (len(findings) - len(titles)))
