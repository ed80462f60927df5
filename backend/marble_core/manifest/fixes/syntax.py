"""Fixes for texts that are no JSON: what people write who know JavaScript, Python or YAML."""

from __future__ import annotations

import re

from marble_core.gojson import GoJsonError, TextEdit, scan
from marble_core.manifest.fixes.fix import Fix

_comment = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_single_quoted = re.compile(r"'([^'\"\\\n]*)'")
_comma_before = re.compile(r",[ \t\r\n]*\Z")
_WORDS = {"True": "true", "False": "false", "None": "null"}
_FAR = 10_000  # characters; no comma is looked for beyond them
_word = re.compile(r"[A-Za-z]+")


def fix(text: str, error: GoJsonError) -> Fix | None:
    """The edit at the place of the error, if the text goes on better with it: the next error must come later."""
    at = error.span.start.offset
    found = _at(text, at)
    if found is None:
        return None
    edited = text[: found.edits[0].start] + found.edits[0].text + text[found.edits[0].end :]
    try:
        scan(edited.encode())
    except GoJsonError as next_error:
        shift = len(edited) - len(text)
        if next_error.span.start.offset - shift <= at:
            return None
    return found


def _at(text: str, at: int) -> Fix | None:
    for look in (_byte_order_mark, _trailing_comma, _remark, _quotes, _literal, _missing_comma):
        if found := look(text, at):
            return found
    return None


def _byte_order_mark(text: str, at: int) -> Fix | None:
    if not text.startswith("\ufeff", at):
        return None
    return Fix("Remove the byte order mark", (TextEdit(at, at + 1, ""),))


def _trailing_comma(text: str, at: int) -> Fix | None:
    comma = _comma_before.search(text, max(0, at - _FAR), at) if text[at : at + 1] in {"}", "]"} else None
    return Fix("Remove the comma", (TextEdit(comma.start(), comma.start() + 1, ""),)) if comma else None


def _remark(text: str, at: int) -> Fix | None:
    comment = _comment.match(text, at)
    return Fix("Remove the comment", (TextEdit(at, comment.end(), ""),)) if comment else None


def _quotes(text: str, at: int) -> Fix | None:
    quoted = _single_quoted.match(text, at)
    return Fix("Use double quotes", (TextEdit(at, quoted.end(), f'"{quoted[1]}"'),)) if quoted else None


def _literal(text: str, at: int) -> Fix | None:
    word = _word.match(text, at)
    known = _WORDS.get(word[0]) if word else None
    return Fix(f"Change to {known}", (TextEdit(at, at + len(word[0]), known),)) if word and known else None


def _missing_comma(text: str, at: int) -> Fix | None:
    place = _end_before(text, at) if text[at : at + 1] in {'"', "{", "["} else None
    return Fix("Put a comma", (TextEdit(place, place, ","),)) if place is not None else None


def _end_before(text: str, at: int) -> int | None:
    """Where the value before this place ends."""
    end = len(text[:at].rstrip(" \t\r\n"))
    return end if end and text[end - 1] not in ",:[{" else None
