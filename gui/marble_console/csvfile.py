"""Tables for spreadsheets, which take much for a formula."""

from __future__ import annotations


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: names come from the coordinator, and may be anything."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
