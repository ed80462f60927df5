"""Advice that somebody has accepted, with the reason: kept in a file beside the manifests, for people and for scripts.

The file is JSON: `{"Accepted": [{"File": "orders.json", "Rule": "A1", "Path": "Packages.dome.Debug", "Reason": "..."}]}`.
Only advice can be accepted. Errors are the coordinator's to refuse, and warnings are best mended.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError, require, scan
from marble_core.gojson.shapes import TEXT, Field, ListOf, Struct
from marble_core.manifest.findings import Finding, Severity

FILE_NAME = ".marble-check.json"
_LONGEST_REASON = 1000


class AcceptancesUnreadable(MarbleError):
    """The file of accepted advice is not what it should be."""

    code = "acceptances_unreadable"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`file` is the name of the manifest's file, without a folder; `path` as findings have it."""

    file: str = ""
    rule: str = ""
    path: str = ""
    reason: str = ""

    def covers(self, file: str, finding: Finding) -> bool:
        return (self.file, self.rule, self.path) == (file, finding.rule, finding.path)


@dataclass(frozen=True, slots=True)
class _Content:
    accepted: tuple[Acceptance, ...] = ()


_SHAPE = Struct(
    _Content,
    {
        "Accepted": Field(
            ListOf(
                Struct(
                    Acceptance,
                    {
                        "File": Field(TEXT, "file"),
                        "Rule": Field(TEXT, "rule"),
                        "Path": Field(TEXT, "path"),
                        "Reason": Field(TEXT, "reason"),
                    },
                )
            ),
            "accepted",
        )
    },
)


def parse_acceptances(raw: bytes) -> tuple[Acceptance, ...]:
    """The entries of such a file; raises AcceptancesUnreadable, also where a reason is missing."""
    try:
        accepted = require(_SHAPE, scan(raw)).accepted
    except GoJsonError as error:
        line = error.span.start.line
        raise AcceptancesUnreadable(f"{FILE_NAME}, line {line}: {error.sentence}", hint=error.hint) from error
    for entry in accepted:
        if not entry.reason.strip():
            raise AcceptancesUnreadable(f"{FILE_NAME} accepts {entry.rule} {entry.path} without a reason.")
        if not entry.rule.startswith("A"):
            raise AcceptancesUnreadable(f"{FILE_NAME} accepts {entry.rule}, which is no advice.")
    return accepted


def written_acceptances(entries: Iterable[Acceptance]) -> bytes:
    """The file that holds these entries."""
    listed = [
        {"File": it.file, "Rule": it.rule, "Path": it.path, "Reason": it.reason.strip()[:_LONGEST_REASON]}
        for it in entries
    ]
    return json.dumps({"Accepted": listed}, ensure_ascii=False, indent=2).encode() + b"\n"


def set_apart(
    findings: Sequence[Finding], acceptances: Sequence[Acceptance], file: str
) -> tuple[tuple[Finding, ...], tuple[tuple[Finding, str], ...]]:
    """The findings that are left, and those that are accepted with their reasons."""
    left: list[Finding] = []
    accepted: list[tuple[Finding, str]] = []
    for finding in findings:
        covered = (it for it in acceptances if it.covers(file, finding))
        entry = next(covered, None) if finding.severity is Severity.ADVICE else None
        if entry is None:
            left.append(finding)
        else:
            accepted.append((finding, entry.reason))
    return tuple(left), tuple(accepted)
