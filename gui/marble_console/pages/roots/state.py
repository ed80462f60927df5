"""What the dialog about a changed root shows, as a frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from marble_console.parts import Action, ChipState, Row
from marble_console.shell_state import BandState


@dataclass(frozen=True, slots=True)
class RootsState:
    """`compared` are both certificates side by side, empty while they are not looked at; `past` the roots there were.

    `verdict` is what attesting the new root came to, None before it was tried.
    """

    title: str = ""
    why: str = ""
    band: BandState | None = None
    verdict: ChipState | None = None
    verdict_line: str = ""
    compared: tuple[Row, ...] = ()
    past: tuple[Row, ...] = ()
    compare: Action | None = None
    attest: Action | None = None
    trust: Action | None = None
    recover: Action | None = None
    leave: Action | None = None
    busy: bool = False
