"""Making other people's text safe and short to show. No Qt."""

from __future__ import annotations

import html
import re

LONGEST_TOOLTIP = 2000
# Control characters could hide text, and direction marks could make it read otherwise than it is.
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def tidy(text: str, max_chars: int = 0) -> str:
    """The text without characters that cannot be seen, each replaced by U+FFFD; cut after `max_chars` with "…"."""
    if max_chars and len(text) > max_chars:
        text = text[: max_chars - 1] + "…"
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def one_line(text: str, max_chars: int = 0) -> str:
    """As `tidy`, with line breaks and tabs as blanks."""
    return tidy(" ".join(text.split()) if "\n" in text or "\t" in text else text, max_chars)


def tooltip(text: str) -> str:
    """The text for a tooltip. Qt has no switch there and reads as markup what looks like it, so that is escaped."""
    shown = tidy(text, LONGEST_TOOLTIP)
    if "<" not in shown and "&lt;" not in shown:
        return shown
    return f"<qt>{html.escape(shown).replace(chr(10), '<br>')}</qt>"


def short_hash(fingerprint: str, ends: int = 8) -> str:
    """A hash by its two ends, as in `f70b8b09…2405ed2a`; short ones stay whole."""
    return fingerprint if len(fingerprint) <= 2 * ends + 1 else f"{fingerprint[:ends]}…{fingerprint[-ends:]}"
