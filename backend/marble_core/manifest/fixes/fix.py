"""What a fix is."""

from __future__ import annotations

from dataclasses import dataclass

from marble_core.gojson import TextEdit


@dataclass(frozen=True, slots=True)
class Fix:
    """`title` says what will be done: "Change to “web”". The places of `edits` are those of the text the fix is for."""

    title: str
    edits: tuple[TextEdit, ...]
