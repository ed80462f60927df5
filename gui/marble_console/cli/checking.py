"""`marble-console check FILE...`: manifests judged by the coordinator's own rules, without any coordinator.

Exit codes: 0 no errors, 1 errors (with --strict also warnings), 2 a file cannot be read.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from marble_console.acceptances import acceptances_beside
from marble_console.cli.output import BAD, GOOD, UNASKED, complain, content, printable, say
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.manifest.accepted import set_apart
from marble_core.manifest.check import check_manifest
from marble_core.manifest.findings import Finding, Severity

if TYPE_CHECKING:
    from marble_console.cli.output import Commands


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found in one file; `accepted` with the reasons."""

    file: Path
    findings: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, str], ...]

    @property
    def counts(self) -> Counter[Severity]:
        return Counter(finding.severity for finding in self.findings)


def add(commands: Commands) -> None:
    """Add the command to a parser."""
    check = commands.add_parser(
        "check",
        help=tr("judge manifests by the coordinator's own rules"),
        epilog=tr("Exit code: 0 no errors, 1 errors, 2 a file cannot be read."),
    )
    check.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help=tr("a manifest; - is standard input")
    )
    check.add_argument(
        "--format", choices=sorted(_WRITERS), default="text", help=tr("how to tell the findings")
    )
    check.add_argument("--strict", action="store_true", help=tr("let warnings fail too"))
    check.set_defaults(command=_check)


def _check(options: argparse.Namespace) -> int:
    now = dt.datetime.now(dt.UTC)
    checked: list[_Checked] = []
    unread = 0
    for file in options.files:
        try:
            checked.append(_look_at(file, now))
        except MarbleError as error:
            complain(error)
            unread += 1
    if checked:
        _WRITERS[options.format](checked)
    if unread:
        return UNASKED
    worst = Severity.WARNING if options.strict else Severity.ERROR
    return BAD if any(it.severity <= worst for one in checked for it in one.findings) else GOOD


def _look_at(file: Path, now: dt.datetime) -> _Checked:
    findings = _findings(file, content(file), now)
    left, accepted = set_apart(findings, acceptances_beside(file), file.name)
    return _Checked(file, left, accepted)


def _findings(file: Path, raw: bytes, now: dt.datetime) -> tuple[Finding, ...]:
    """What is found in a file; in YAML at the place it comes from."""
    if file.suffix.lower() not in {".yaml", ".yml"}:
        return check_manifest(raw, now=now).findings
    # Its parser takes longer to load than a small manifest to check.
    from marble_core.manifest.fromyaml import YamlRefused, from_yaml  # noqa: PLC0415 # see above

    try:
        converted = from_yaml(raw)
    except YamlRefused as error:
        sentence = f"{error.sentence} {error.hint}".rstrip()
        return (Finding("Y0", Severity.ERROR, "", sentence, sentence, error.span),)
    found = check_manifest(converted.json, now=now).findings
    return tuple(
        replace(it, span=converted.span(it.at, key=it.rule.startswith("C"))) if it.span else it
        for it in found
    )


def _text(checked: Sequence[_Checked]) -> None:
    for one in checked:
        for finding in one.findings:
            say(_line(one.file, finding))
        prefix = f"{one.file}: " if len(checked) > 1 else ""
        say(prefix + _verdict(one))


def _line(file: Path, finding: Finding) -> str:
    """`FILE:LINE:COLUMN: severity RULE: sentence`, which editors and terminals know how to jump to."""
    place = f"{file}:{finding.span.start.line}:{finding.span.start.column}" if finding.span else f"{file}"
    return f"{place}: {finding.severity.name.lower()} {finding.rule}: {finding.sentence}"


def _verdict(one: _Checked) -> str:
    errors = one.counts[Severity.ERROR]
    if errors:
        return ntr(
            "{count} error: a coordinator refuses this manifest.",
            "{count} errors: a coordinator refuses this manifest.",
            errors,
        )
    accepted = (
        ntr(" {count} advice is accepted.", " {count} pieces of advice are accepted.", len(one.accepted))
        if one.accepted
        else ""
    )
    return tr("No errors: a coordinator accepts this manifest.") + accepted


def _markdown(checked: Sequence[_Checked]) -> None:
    for number, one in enumerate(checked):
        if number:
            say("")
        say(f"## {_cell(str(one.file))}")
        say("")
        say(_verdict(one))
        if not (one.findings or one.accepted):
            continue
        for line in ("", tr("| Severity | Rule | Place | Path | Message |"), "|---|---|---|---|---|"):
            say(line)
        for finding in one.findings:
            say(_row(finding, finding.severity.name.lower(), finding.sentence))
        for finding, reason in one.accepted:
            say(_row(finding, tr("accepted"), f"{finding.sentence} {tr('Accepted:')} {reason}"))


def _row(finding: Finding, severity: str, message: str) -> str:
    place = f"{finding.span.start.line}:{finding.span.start.column}" if finding.span else ""
    path = f"`{_cell(finding.path)}`" if finding.path else ""
    return f"| {severity} | {finding.rule} | {place} | {path} | {_cell(message)} |"


def _cell(text: str) -> str:
    """Text for a cell of a table: names in a manifest may be anything."""
    return "".join(f"\\{sign}" if sign in "\\`|*_[]<>#" else sign for sign in printable(text))


def _json(checked: Sequence[_Checked]) -> None:
    told = [
        {
            "file": str(one.file),
            "accepted_by_coordinator": not one.counts[Severity.ERROR],
            "counts": {severity.name.lower(): one.counts[severity] for severity in Severity},
            "findings": [
                *(_as_json(finding) for finding in one.findings),
                *(_as_json(finding) | {"accepted": reason} for finding, reason in one.accepted),
            ],
        }
        for one in checked
    ]
    for line in json.dumps(told, indent=2).split("\n"):
        say(line)


def _as_json(finding: Finding) -> dict[str, object]:
    span = finding.span
    return {
        "rule": finding.rule,
        "severity": finding.severity.name.lower(),
        "path": finding.path,
        "message": finding.sentence,
        "answer": finding.message,
        "start": {"line": span.start.line, "column": span.start.column} if span else None,
        "end": {"line": span.end.line, "column": span.end.column} if span else None,
    }


_WRITERS: dict[str, Callable[[Sequence[_Checked]], None]] = {
    "text": _text,
    "markdown": _markdown,
    "json": _json,
}
