"""What the dialogs of identities show, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from marble_console.parts import Action, Fact, Notice, Row
from marble_console.wizard.flow import OPEN, Gate


@dataclass(frozen=True, slots=True)
class ListState:
    """`current` is the key of the row that is chosen; `problem` why the identity that acts cannot be used.

    `forget_passphrase`: the chosen one has its passphrase in the keyring, and it can be taken out.
    """

    subtitle: str = ""
    rows: tuple[Row, ...] = ()
    current: str = ""
    empty: Notice | None = None
    facts: tuple[Fact, ...] = ()
    problem: str = ""
    act: Action = field(default_factory=lambda: Action("act", ""))
    forget: Action = field(default_factory=lambda: Action("forget", ""))
    forget_passphrase: bool = False


@dataclass(frozen=True, slots=True)
class AddState:
    """`wants_passphrase` once a key turned out to be encrypted; `wrong` tells by field what cannot stay."""

    certificate_file: Path | None = None
    key_file: Path | None = None
    needs_key_file: bool = False
    wants_passphrase: bool = False
    wrong: dict[str, str] = field(default_factory=dict)
    busy: bool = False
    gate: Gate = OPEN
