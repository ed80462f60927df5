"""Changes to a JSON text that leave the rest of it as it is: formatting, order, and everything not asked about.

Each function gives the smallest edit for one purpose, as a value; offsets count characters of the source. Nothing is
parsed and written anew, so what people have laid out by hand stays laid out by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from marble_core.gojson.nodes import Array, Node, Object, String

_indented = re.compile(r"\n([ \t]+)\S")


class TextEdit(NamedTuple):
    """The characters from `start` up to, but not including, `end` become `text`."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """The text after all edits, whose places are those of the text before; raises ValueError where they overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits):
        if edit.start < at or edit.end < edit.start or edit.end > len(text):
            raise ValueError("edits overlap, or lie outside the text")
        parts += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*parts, text[at:]))


def replace_value(node: Node, value: object) -> TextEdit:
    """Write another value in this place."""
    return TextEdit(
        node.start, node.end, _written(value, node, _indent_of_line(node.source.text, node.start))
    )


def rename_key(key: String, name: str) -> TextEdit:
    """Give a member another name."""
    return TextEdit(key.start, key.end, _json(name))


def remove_member(parent: Object, key: String) -> TextEdit:
    """Take out one member, with its comma."""
    members = [(name.start, value.end) for name, value in parent.members]
    return _remove(parent, members, next(at for at, (start, _) in enumerate(members) if start == key.start))


def remove_members(parent: Object, keys: Sequence[String]) -> tuple[TextEdit, ...]:
    """Take out several members at once; removing them one by one would leave a comma where the last ones go."""
    gone = {key.start for key in keys}
    places = [(name.start, value.end) for name, value in parent.members]
    kept = [place for place in places if place[0] not in gone]
    if not kept:
        return (TextEdit(parent.start + 1, parent.end - 1, ""),) if places else ()
    last = kept[-1]
    edits = [
        TextEdit(start, places[at + 1][0], "")
        for at, (start, _) in enumerate(places)
        if start in gone and start < last[0]
    ]
    if places[-1] != last:
        edits.append(TextEdit(last[1], places[-1][1], ""))
    return tuple(edits)


def remove_item(parent: Array, index: int) -> TextEdit:
    """Take out one element, with its comma."""
    return _remove(parent, [(item.start, item.end) for item in parent.items], index)


def add_member(parent: Object, name: str, value: object) -> TextEdit:
    """Put a member behind the others, laid out as they are."""
    places = [(key.start, member.end) for key, member in parent.members]
    return _add(parent, places, f"{_json(name)}{_colon(parent)}", value)


def add_item(parent: Array, value: object) -> TextEdit:
    """Put an element behind the others, laid out as they are."""
    return _add(parent, [(item.start, item.end) for item in parent.items], "", value)


def indent_unit(text: str) -> str:
    """What one level is indented by: the first indentation in the text, which is that of the outermost members."""
    found = _indented.search(text)
    return found[1] if found else ""


def _remove(parent: Node, places: Sequence[tuple[int, int]], at: int) -> TextEdit:
    start, end = places[at]
    if at + 1 < len(places):
        return TextEdit(start, places[at + 1][0], "")
    if at:
        return TextEdit(places[at - 1][1], end, "")
    return TextEdit(parent.start + 1, parent.end - 1, "")


def _add(parent: Node, places: Sequence[tuple[int, int]], prefix: str, value: object) -> TextEdit:
    text = parent.source.text
    if places:
        last_start, last_end = places[-1]
        gap = text[places[-2][1] : last_start] if len(places) > 1 else text[parent.start + 1 : last_start]
        if "\n" in gap:
            indent = _indent_of_line(text, last_start)
            return TextEdit(last_end, last_end, f",\n{indent}{prefix}{_written(value, parent, indent)}")
        return TextEdit(last_end, last_end, f", {prefix}{_one_line(value)}")
    unit = indent_unit(text)
    if not unit:
        return TextEdit(parent.start + 1, parent.end - 1, f"{prefix}{_one_line(value)}")
    outer = _indent_of_line(text, parent.start)
    inner = outer + unit
    return TextEdit(
        parent.start + 1, parent.end - 1, f"\n{inner}{prefix}{_written(value, parent, inner)}\n{outer}"
    )


def _indent_of_line(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


def _colon(parent: Object) -> str:
    """What stands between key and value where this text already has members."""
    text = parent.source.text
    for key, value in parent.members:
        return text[key.end : value.start] if "\n" not in text[key.end : value.start] else ": "
    return ": "


def _written(value: object, near: Node, indent: str) -> str:
    unit = indent_unit(near.source.text)
    return _laid_out(value, unit, indent) if unit else _one_line(value)


def _laid_out(value: object, unit: str, indent: str) -> str:
    """A value as people write it: a line for each member, lists of plain values on one line."""
    inner = indent + unit
    if isinstance(value, dict) and value:
        members = [f"{_json(name)}: {_laid_out(item, unit, inner)}" for name, item in value.items()]
        brackets = "{}"
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        members = [_laid_out(item, unit, inner) for item in value]
        brackets = "[]"
    else:
        return _one_line(value)
    joined = f",\n{inner}".join(members)
    return f"{brackets[0]}\n{inner}{joined}\n{indent}{brackets[1]}"


def _one_line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
