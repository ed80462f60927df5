"""What differs between two texts, for a look before something is done. No Qt; runs on a worker."""

from __future__ import annotations

from marble_console.pages.compare.textdiff import Text, Texts, compare_lines


def differing(before: str, after: str) -> Texts:
    return Texts.of(compare_lines(Text.of(before), Text.of(after)))
