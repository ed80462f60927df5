"""Reports for people: one HTML page that needs nothing else, and simple enough to be printed by Qt.

Everything from outside is escaped; the page holds no script, no link and nothing to load.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice, zip_longest
from typing import Final

from marble_core.attestation.quote import Field, Form
from marble_core.attestation.report.model import Report
from marble_core.attestation.steps import Comparison, Outcome, StepResult, Verdict
from marble_core.attestation.times import instant

# Text and background, in the colours of the light theme. A word stands beside each: colour alone says nothing.
_NEUTRAL: Final = ("#454D5B", "#ECEEF2")
_GOOD: Final = ("#0A684D", "#E2F4EC")
_BAD: Final = ("#8C1616", "#FCE9E8")
_CAUTION: Final = ("#8A5A00", "#FFF3D6")
_SIMULATED: Final = ("#6D31AE", "#F3EBFC")

_OUTCOMES: Final = {
    Outcome.PASS: _GOOD,
    Outcome.NOTE: _CAUTION,
    Outcome.FAIL: _BAD,
    Outcome.NOT_CHECKED: _NEUTRAL,
    Outcome.SIMULATED: _SIMULATED,
}
_VERDICTS: Final = {
    Verdict.VERIFIED: _GOOD,
    Verdict.SIMULATED: _SIMULATED,
    Verdict.NOT_VERIFIED: _CAUTION,
    Verdict.FAILED: _BAD,
}

_STYLE: Final = """
body { font-family: sans-serif; font-size: 10pt; color: #1B1E25; max-width: 60em; margin: 2em auto; }
h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 1.5em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid #DADEE5; }
th { color: #5C6472; font-weight: normal; }
.bytes { font-family: monospace; font-size: 9pt; } .quiet { color: #5C6472; }
.other { background-color: #FCE9E8; text-decoration: underline; }
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_GROUP: Final = 8  # bytes that stand together
_ROW: Final = 16  # bytes on a line
_LABEL: Final = 10  # characters for "expected" and "found"
_LONG: Final = 256  # characters of text shown of a field


def render_html(report: Report) -> str:
    """The page, as text to be written in UTF-8."""
    colour, tint = _VERDICTS[report.verdict]
    edge = "dashed" if report.verdict is Verdict.SIMULATED else "solid"
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
            f"<title>Attestation: {escape(report.headline)}</title><style>{_STYLE}</style></head><body>",
            f'<div style="color: {colour}; background-color: {tint}; border: 2px {edge} {colour}; padding: 12px;">',
            f"<h1>{escape(report.headline)}</h1><p>{escape(report.line)}</p></div>",
            _facts(report),
            "<h2>Steps</h2><table>",
            *map(_step, report.steps),
            "</table>",
            _quote(report),
            "</body></html>",
            "",
        )
    )


def _facts(report: Report) -> str:
    root = report.root
    kind = "simulation root, no hardware proof" if root.is_simulation else "vouches for hardware"
    rows = [
        ("Coordinator", report.address or "not recorded"),
        ("Time", instant(report.at)),
        ("Policy", (report.policy.name or "without a name") if report.policy else "none"),
        ("Trusted root", f"{root.name} ({kind}), SHA-256 {root.fingerprint}"),
    ]
    if report.platform:
        platform = report.platform
        advisories = ", ".join(platform.advisories) or "none"
        rows += [
            ("Platform", f"FMSPC {platform.fmspc}, TCB level of {platform.tcb_date}: {platform.tcb_status}"),
            ("Advisories", advisories),
        ]
    if report.window:
        window = report.window
        rows.append(
            (
                "Collateral",
                f"valid from {instant(window.start)} to {instant(window.end)} ({window.ends_with} ends first)",
            )
        )
    rows.append(("Cryptography", f"{report.verifier} and checks of Marble Console"))
    return f"<table>{''.join(map(_row, rows))}</table>"


def _row(row: tuple[str, str]) -> str:
    return f"<tr><th>{escape(row[0])}</th><td>{escape(row[1])}</td></tr>"


def _step(result: StepResult) -> str:
    colour, tint = _OUTCOMES[result.outcome]
    code = f' <span class="quiet">{escape(result.reason.code)}</span>' if result.reason else ""
    details = f"<br>{escape(result.explanation)}{code}" if result.explanation else ""
    comparisons = "".join(map(_comparison, result.comparisons))
    return (
        f"<tr><td>{int(result.step)}</td><td><b>{escape(result.step.title)}</b></td>"
        f"<td>{escape(result.fact)}{details}{comparisons}</td>"
        f'<td style="color: {colour}; background-color: {tint};"><b>{escape(result.outcome.word)}</b></td></tr>'
    )


def _comparison(one: Comparison) -> str:
    lines = (
        _byte_lines(one.expected, one.found)
        if one.is_bytes
        else [_line("expected", escape(one.expected)), _line("found", escape(one.found))]
    )
    return (
        f'<br><span class="quiet">{escape(one.label)}</span>'
        f'<br><span class="bytes">{"<br>".join(lines)}</span>'
    )


def _byte_lines(expected: str, found: str) -> Iterator[str]:
    """Expected over found, row by row; of what was found, the bytes that differ are marked."""
    wanted, given = _pairs(expected), _pairs(found)
    marked = [
        pair if index < len(wanted) and wanted[index] == pair else _marked(pair)
        for index, pair in enumerate(given)
    ]
    rows = zip_longest(_rows(wanted), _rows(marked), fillvalue="")
    for number, (above, below) in enumerate(rows):
        yield _line("" if number else "expected", above)
        yield _line("" if number else "found", below)


def _line(label: str, content: str) -> str:
    return f"{label.ljust(_LABEL).replace(' ', '&nbsp;')}{content}"


def _marked(pair: str) -> str:
    return f'<span class="other">{pair}</span>'


def _pairs(digits: str) -> list[str]:
    return [escape(digits[at : at + 2]) for at in range(0, len(digits), 2)]


def _rows(pairs: Iterable[str]) -> Iterator[str]:
    groups = (" ".join(group) for group in _batched(pairs, _GROUP))
    return ("&nbsp; ".join(row) for row in _batched(groups, _ROW // _GROUP))


def _batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def _quote(report: Report) -> str:
    if report.quote is None:
        return ""
    envelope = ", in an Open Enclave envelope" if report.quote.is_wrapped else ""
    rows = "".join(map(_field, report.quote.fields))
    return (
        f"<h2>Quote</h2><p>{escape(report.quote.kind)}, {report.quote.size} bytes{envelope}</p>"
        f"<table><tr><th>Offset</th><th>Field</th><th>Value</th></tr>{rows}</table>"
    )


def _field(field: Field) -> str:
    if field.form in {Form.BYTES, Form.RESERVED} and len(field.data) <= _LONG:
        value = f'<span class="bytes">{"<br>".join(_rows(_pairs(field.data.hex())))}</span>'
    else:
        more = " …" if len(field.text) > _LONG else ""
        value = f"{escape(field.text[:_LONG])}{more}"
    return f"<tr><td>{field.offset}</td><td>{escape(field.label)}</td><td>{value}</td></tr>"
