"""Judge a manifest: all findings for the operator, or the first refusal for the coordinator."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError, Node, Path, Span, String, path_text
from marble_core.manifest.advice import advice
from marble_core.manifest.decode import DecodedManifest, decode_manifest, no_json
from marble_core.manifest.findings import Finding, Severity
from marble_core.manifest.model import Manifest
from marble_core.manifest.rules import Fault, Rule, faults
from marble_core.manifest.schema import PLAIN_ENCODINGS

# A hostile manifest can break rules a million times; nobody reads further than this.
_MAX_FINDINGS = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """What checking found: errors in the order of the coordinator's checks, then the rest in the order of the text.

    `manifest` is None when the text did not decode (R0), `tree` when it is no JSON.
    """

    tree: Node | None
    manifest: Manifest | None
    findings: tuple[Finding, ...]

    @property
    def refusal(self) -> Finding | None:
        """The reason a coordinator gives; None when it accepts the manifest."""
        first = self.findings[0] if self.findings else None
        return first if first and first.severity is Severity.ERROR else None


class ManifestRefused(MarbleError):
    """A coordinator does not take this manifest. `message` is its answer, `finding` the reason with its place."""

    code = "manifest_refused"

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence)
        self.message = finding.message
        self.finding = finding


def check_manifest(raw: bytes, *, now: dt.datetime | None = None) -> Report:
    """Find everything that is wrong, suspicious or unwise in a manifest. Never raises, whatever the bytes.

    With `now` it is also said which certificates end soon.
    """
    try:
        decoded = decode_manifest(raw)
    except GoJsonError as error:
        return Report(None, None, (no_json(error),))
    if decoded.refusals:
        return Report(decoded.tree, None, decoded.refusals + _in_order(decoded.warnings))
    errors = tuple(islice(_errors(decoded), _MAX_FINDINGS))
    rest = decoded.warnings + tuple(islice(_advice(decoded, now), _MAX_FINDINGS))
    return Report(decoded.tree, decoded.manifest, errors + _in_order(rest))


def require_manifest(raw: bytes) -> Manifest:
    """The manifest, if a coordinator takes it; raises ManifestRefused with the first reason if not."""
    try:
        decoded = decode_manifest(raw)
    except GoJsonError as error:
        raise ManifestRefused(no_json(error)) from error
    for finding in (*decoded.refusals, *islice(_errors(decoded), 1)):
        raise ManifestRefused(finding)
    return decoded.manifest


def _errors(decoded: DecodedManifest) -> Iterator[Finding]:
    for rule, fault in faults(decoded.manifest):
        yield _finding(rule, fault, decoded)


def _finding(rule: Rule, fault: Fault, decoded: DecodedManifest) -> Finding:
    return Finding(
        rule.number,
        Severity.ERROR,
        path_text(fault.path),
        fault.sentence,
        f"{rule.stage}: {fault.message}",
        decoded.span_of(fault.path)
        if fault.offset is None
        else _span_of_template(fault.path, fault.offset, decoded),
        fault.path,
    )


def _span_of_template(path: Path, offset: int, decoded: DecodedManifest) -> Span:
    """From a place in a template to the end of that action, if the template stands in the manifest as it is."""
    found = decoded.find((*path, "Data"))
    encoding = decoded.find((*path, "Encoding"))
    encoded = (
        encoding.missing == 0
        and isinstance(encoding.node, String)
        and encoding.node.value.lower() not in PLAIN_ENCODINGS
    )
    if encoded or not isinstance(found.node, String):
        return found.span
    text = found.node.value
    end = text.find("}}", offset)
    return found.node.span_within(offset, end + 2 if end >= 0 else len(text))


def _advice(decoded: DecodedManifest, now: dt.datetime | None) -> Iterator[Finding]:
    for rule, severity, path, sentence in advice(decoded.manifest, now):
        span = decoded.span_of(path) if path else None
        yield Finding(rule, severity, path_text(path), sentence, span=span, at=path)


def _in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """In the order of the text; what has no place comes last."""
    return tuple(sorted(findings, key=lambda it: it.span.start.offset if it.span else sys.maxsize))
