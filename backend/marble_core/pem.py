"""PEM blocks as Go reads them (spec: manifest.md, section 4; RFC 7468): the first good one, whatever is around it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from marble_core.gojson.shapes import decode_base64

# A marker is a line of its own; what stands before it on the line makes it plain text.
_marker = re.compile(r"^-----(BEGIN|END) ([^\n]*?)-----[ \t\r]*$", re.MULTILINE)
_header = re.compile(r"[^\n]*:[^\n]*\n")
_COLUMNS = 64


@dataclass(frozen=True, slots=True)
class PemBlock:
    label: str
    der: bytes


def pem_text(label: str, der: bytes) -> str:
    """DER as PEM, with a final newline."""
    text = base64.b64encode(der).decode("ascii")
    body = "\n".join(text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


def first_block(text: str) -> PemBlock | None:
    """The first block whose markers agree and whose content is base64; None where there is none."""
    begin: re.Match[str] | None = None
    for marker in _marker.finditer(text):
        if marker[1] == "BEGIN":
            begin = marker
            continue
        if begin is not None and begin[2] == marker[2]:
            der = _content(text[begin.end() + 1 : marker.start()])
            if der is not None:
                return PemBlock(begin[2], der)
        begin = None
    return None


def _content(lines: str) -> bytes | None:
    start = 0
    while header := _header.match(lines, start):
        start = header.end()
    try:
        return decode_base64(lines[start:].replace(" ", "").replace("\t", ""))
    except ValueError:
        return None
