"""A JSON text laid out anew: the same tokens in the same order, with other blanks and line breaks between them."""

from __future__ import annotations

import re

from marble_core.gojson.scanner import scan

_LONGEST_LIST = 100  # characters of a list that stays on one line

_scalar = r'(?:"(?:[^"\\]++|\\.)*+"|[^\s\[\]{},:"]++)'
_token = re.compile(rf"{_scalar}|[\[\]{{}},:]").match
_flat_list = re.compile(rf"\[\s*+(?:{_scalar}(?:\s*+,\s*+{_scalar})*+)?\s*+\]").match
_blanks_between = re.compile(rf"({_scalar})|\s++|(,)")
_skip = re.compile(r"\s*+").match


def laid_out(text: str, indent: str = "  ") -> str:
    """The text with a member on each line, short lists of plain values on one; raises GoJsonError where it is no JSON."""
    scan(text.encode())
    parts: list[str] = []
    depth = 0
    at, end = _after(text, 0), len(text)
    while at < end:
        token = _token(text, at)
        if token is None:
            raise AssertionError("the text is known to be JSON")
        mark = token[0]
        at = token.end()
        if mark in {"{", "["}:
            flat = _flat_list(text, token.start()) if mark == "[" else None
            inner = _after(text, at)
            if text[inner] in "}]":
                parts.append(mark + text[inner])
                at = inner + 1
            elif flat and len(one_line := _joined(flat[0])) <= _LONGEST_LIST:
                parts.append(one_line)
                at = flat.end()
            else:
                depth += 1
                parts += (mark, "\n", indent * depth)
        elif mark in {"}", "]"}:
            depth -= 1
            parts += ("\n", indent * depth, mark)
        elif mark == ",":
            parts += (",\n", indent * depth)
        else:
            parts.append(": " if mark == ":" else mark)
        at = _after(text, at)
    return "".join((*parts, "\n"))


def _joined(flat: str) -> str:
    return _blanks_between.sub(lambda found: found[1] or (", " if found[2] else ""), flat)


def _after(text: str, at: int) -> int:
    found = _skip(text, at)
    return found.end() if found else at
