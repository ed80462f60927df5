"""What the recovery page shows, as one frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from marble_console.parts import Action, ChipState, Fact, FindingState, Notice, PartyState


@dataclass(frozen=True, slots=True)
class RecoveryState:
    """`local` is about the seal directory of the local coordinator; empty for others. `done` says what came of the last action."""

    subtitle: str = ""
    chip: ChipState | None = None
    notice: Notice | None = None
    actions: tuple[Action, ...] = ()
    need: tuple[Fact, ...] = ()
    need_actions: tuple[Action, ...] = ()
    stale: str = ""
    parties: tuple[PartyState, ...] = ()
    findings: tuple[FindingState, ...] = ()
    local: tuple[Fact, ...] = ()
    local_actions: tuple[Action, ...] = ()
    done: Notice | None = None
    busy: str = ""
