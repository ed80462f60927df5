"""A review as a document: text for a terminal, Markdown for a pull request, one HTML page for paper, JSON for programs.

All four say the same, in the same order: the verdict, what it means in sentences, the impact, then every row. Secrets are
masked in all of them. What comes from a manifest is escaped; the page holds no script, no link and nothing to load.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any, Final

from marble_core.manifest.diff import ChangeKind
from marble_core.manifest.impact import Impact, ImpactSeverity, PermissionDelta
from marble_core.manifest.permissions import Permissions
from marble_core.manifest.review.model import Review, ReviewedSide, Row

SIGNS: Final = {
    ChangeKind.ADDED: "+",
    ChangeKind.REMOVED: "-",
    ChangeKind.CHANGED: "~",
    ChangeKind.MOVED: "=",
}
_UNJUDGED: Final = "What it means cannot be told, because one side is not a manifest that can be read."
_special = re.compile(r"([\\`*_{}\[\]<>#|~])")
_unprintable = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def verdict(review: Review) -> str:
    """Whether the manifests differ, in a sentence or two."""
    if review.same_bytes:
        return "No difference. The bytes are identical."
    if review.difference.same_meaning:
        return "No difference in meaning. The bytes differ in form: white space, order of keys, letter case."
    return f"The manifests differ: {counts(review)}."


def counts(review: Review) -> str:
    """`3 added, 1 removed`."""
    found = review.difference.counts
    return ", ".join(f"{count:,} {kind.value}" for kind, count in found.items() if count)


def as_text(review: Review) -> str:
    """For a terminal: a line for each change, then what they mean."""
    lines = [_text_row(row) for row in review.rows]
    if not review.difference.same_meaning:
        lines += ["", *_sentences(review)] if review.assessment is not None else ["", _UNJUDGED]
        if review.assessment is not None:
            lines += [
                "",
                *(
                    f"[{_severity(it.severity)}] {it.headline}. {it.explanation}"
                    for it in review.assessment.impacts
                ),
            ]
        lines.append("")
    return "\n".join([*map(_plain, lines), verdict(review), ""])


def as_markdown(review: Review) -> str:
    """For a pull request or a ticket."""
    parts = [
        "# Manifest review",
        "",
        *(f"- {_marked(line)}" for line in _head(review)),
        "",
        f"**{_marked(verdict(review))}**",
    ]
    if not review.difference.same_meaning:
        parts += ["", "## Summary", ""]
        parts += [f"- {_marked(sentence)}" for sentence in _sentences(review)]
        if review.assessment is None:
            parts += [_UNJUDGED]
        else:
            parts += ["", "## Impact", ""]
            parts += [_markdown_impact(impact) for impact in review.assessment.impacts]
            parts += _markdown_permissions(review.assessment.permissions)
        parts += ["", "## Changes", ""]
        for section, rows in groupby(review.rows, key=lambda row: row.section):
            parts += [
                f"### {_marked(section)}",
                "",
                "| | Path | Before | After | Severity | Reviewed |",
                "|---|---|---|---|---|---|",
            ]
            parts += [_markdown_row(row, row.key in review.reviewed) for row in rows]
            parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def as_json(review: Review) -> str:
    """For programs: everything that the other forms say, as one object."""
    assessment = review.assessment
    document = {
        "before": _side(review.before),
        "after": _side(review.after),
        "at": _instant(review.at),
        "same_bytes": review.same_bytes,
        "same_meaning": review.difference.same_meaning,
        "counts": {kind.value: count for kind, count in review.difference.counts.items()},
        "update": assessment.update.value if assessment is not None else None,
        "summary": {section.section: list(section.sentences) for section in assessment.summary}
        if assessment is not None
        else None,
        "impacts": [_impact(impact) for impact in assessment.impacts] if assessment is not None else None,
        "permissions": [_delta(delta) for delta in assessment.permissions]
        if assessment is not None
        else None,
        "changes": [_change(row, row.key in review.reviewed) for row in review.rows],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_html(review: Review) -> str:
    """One page that needs nothing else, and simple enough to be printed by Qt."""
    body = [
        f"<h1>Manifest review</h1><p>{'<br>'.join(map(_escaped, _head(review)))}</p>",
        f"<p><b>{_escaped(verdict(review))}</b></p>",
    ]
    if not review.difference.same_meaning:
        body += ["<h2>Summary</h2>", *(f"<p>{_escaped(sentence)}</p>" for sentence in _sentences(review))]
        if review.assessment is None:
            body.append(f"<p>{_UNJUDGED}</p>")
        else:
            body += ["<h2>Impact</h2><table>", *map(_html_impact, review.assessment.impacts), "</table>"]
            body += _html_permissions(review.assessment.permissions)
        body.append("<h2>Changes</h2><table><tr><th></th><th>Path</th><th>Before</th><th>After</th>")
        body.append("<th>Severity</th><th>Reviewed</th></tr>")
        for section, rows in groupby(review.rows, key=lambda row: row.section):
            body.append(f'<tr><td colspan="6" class="group">{_escaped(section)}</td></tr>')
            body += [_html_row(row, row.key in review.reviewed) for row in rows]
        body.append("</table>")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            f"<title>Manifest review</title><style>{_STYLE}</style></head><body>",
            *body,
            "</body></html>",
            "",
        )
    )


_STYLE: Final = """
body { font-family: sans-serif; font-size: 10pt; color: #1B1E25; max-width: 70em; margin: 2em auto; }
h1 { font-size: 16pt; } h2 { font-size: 12pt; margin-top: 1.5em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid #DADEE5; }
th { color: #5C6472; font-weight: normal; }
.group { background-color: #F1F3F6; font-weight: bold; } .value { font-family: monospace; font-size: 9pt; }
.high { color: #8C1616; background-color: #FCE9E8; } .quiet { color: #5C6472; }
.added { color: #046650; background-color: #DDF3EA; } .removed { color: #9A3A08; background-color: #FDEBDD; }
.changed { color: #1A559E; background-color: #E3EDFB; } .moved { color: #53566F; background-color: #ECECF3; }
"""


def _head(review: Review) -> Iterator[str]:
    for word, side in (("Before", review.before), ("After", review.after)):
        yield f"{word}: {side.title}, {side.size:,} bytes, SHA-256 {side.fingerprint}"
    yield f"Compared: {_instant(review.at)}"
    if review.rows:
        done = sum(row.key in review.reviewed for row in review.rows)
        yield f"Reviewed: {done} of {len(review.rows)} rows"
    yield "Values of secrets are masked."


def _sentences(review: Review) -> list[str]:
    if review.assessment is None:
        return []
    return [sentence for section in review.assessment.summary for sentence in section.sentences]


def _text_row(row: Row) -> str:
    severity = f" [{_severity(row.severity)}]" if row.severity is ImpactSeverity.HIGH else ""
    line = f"{SIGNS[row.kind]} {row.path}"
    match row.kind:
        case ChangeKind.MOVED:
            return f"{line} (was {row.before}){severity}"
        case ChangeKind.CHANGED:
            return f"{line}: {row.before} -> {row.after}{severity}"
        case ChangeKind.ADDED:
            return f"{line}: {row.after}{severity}"
        case ChangeKind.REMOVED:
            return f"{line}: {row.before}{severity}"


def _markdown_impact(impact: Impact) -> str:
    word = f"**{_severity(impact.severity)}** · " if impact.severity is ImpactSeverity.HIGH else ""
    return f"- {word}{_marked(impact.headline)}. {_marked(impact.explanation)}"


def _markdown_permissions(deltas: tuple[PermissionDelta, ...]) -> list[str]:
    if not deltas:
        return []
    rows = (
        f"| {_marked(user)} | {_marked(gained)} | {_marked(lost)} |" for user, gained, lost in _told(deltas)
    )
    return ["", "| User | Gains | Loses |", "|---|---|---|", *rows]


def _markdown_row(row: Row, reviewed: bool) -> str:
    cells = (
        SIGNS[row.kind],
        row.place,
        row.before,
        row.after,
        _severity(row.severity),
        "yes" if reviewed else "",
    )
    return f"| {' | '.join(map(_marked, cells))} |"


def _html_impact(impact: Impact) -> str:
    kind = "high" if impact.severity is ImpactSeverity.HIGH else "quiet"
    return (
        f'<tr><td class="{kind}">{_severity(impact.severity)}</td>'
        f"<td><b>{_escaped(impact.headline)}</b><br>{_escaped(impact.explanation)}</td></tr>"
    )


def _html_permissions(deltas: tuple[PermissionDelta, ...]) -> list[str]:
    if not deltas:
        return []
    rows = (
        f"<tr><td>{_escaped(user)}</td><td>{_escaped(gained)}</td><td>{_escaped(lost)}</td></tr>"
        for user, gained, lost in _told(deltas)
    )
    return [
        "<h2>Permissions</h2><table><tr><th>User</th><th>Gains</th><th>Loses</th></tr>",
        *rows,
        "</table>",
    ]


def _html_row(row: Row, reviewed: bool) -> str:
    severity = "high" if row.severity is ImpactSeverity.HIGH else "quiet"
    return (
        f'<tr><td class="{row.kind.value}">{SIGNS[row.kind]}</td><td>{_escaped(row.place)}</td>'
        f'<td class="value">{_escaped(row.before)}</td><td class="value">{_escaped(row.after)}</td>'
        f'<td class="{severity}">{_severity(row.severity)}</td><td>{"yes" if reviewed else ""}</td></tr>'
    )


def _told(deltas: tuple[PermissionDelta, ...]) -> Iterator[tuple[str, str, str]]:
    for delta in deltas:
        yield delta.user, _granted(delta.gained), _granted(delta.lost)


def _granted(rights: Permissions) -> str:
    return "; ".join(
        f"{action.value} on {', '.join(sorted(names))}" if names else action.value
        for action, names in rights.items()
    )


def _side(side: ReviewedSide) -> dict[str, Any]:
    return {"title": side.title, "sha256": side.fingerprint, "bytes": side.size}


def _impact(impact: Impact) -> dict[str, Any]:
    return {
        "kind": impact.kind.value,
        "severity": _severity(impact.severity),
        "headline": impact.headline,
        "explanation": impact.explanation,
        "names": list(impact.names),
        "paths": [change.path_text for change in impact.changes],
    }


def _delta(delta: PermissionDelta) -> dict[str, Any]:
    return {
        "user": delta.user,
        "gained": {action.value: sorted(names) for action, names in delta.gained.items()},
        "lost": {action.value: sorted(names) for action, names in delta.lost.items()},
    }


def _change(row: Row, reviewed: bool) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "path": row.path,
        "before": row.before,
        "after": row.after,
        "severity": _severity(row.severity) or None,
        "hidden": row.change.sensitive,
        "list": row.policy.value if row.policy is not None else None,
        "reviewed": reviewed,
    }


def _severity(severity: ImpactSeverity | None) -> str:
    return severity.name.lower() if severity is not None else ""


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def _plain(text: str) -> str:
    """Without what a terminal would obey, or what turns the direction of reading."""
    return _unprintable.sub("\N{REPLACEMENT CHARACTER}", text)


def _marked(text: str) -> str:
    return _special.sub(r"\\\1", _plain(text))


def _escaped(text: str) -> str:
    return escape(_plain(text))
