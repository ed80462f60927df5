"""What the list of connections and the form of one show, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

from marble_console.coordinators.profiles import Environment, Kind
from marble_console.parts import Action, Fact, Notice, Row, StepState
from marble_console.wizard.flow import OPEN, Gate


@dataclass(frozen=True, slots=True)
class ListState:
    """`current` is the key of the row that is chosen, empty for none."""

    subtitle: str = ""
    rows: tuple[Row, ...] = ()
    current: str = ""
    empty: Notice | None = None
    connect: Action = field(default_factory=lambda: Action("connect", ""))
    edit: Action = field(default_factory=lambda: Action("edit", ""))
    forget: Action = field(default_factory=lambda: Action("forget", ""))


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection as it is typed. `root_der` is empty until a certificate was read."""

    kind: Kind = Kind.REMOTE
    name: str = ""
    address: str = ""
    server_name: str = ""
    environment: Environment = Environment.NONE
    root_der: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class FormState:
    """`wrong` tells by field what cannot stay as it is, once the operator has been there."""

    title: str
    draft: Draft
    wrong: dict[str, str] = field(default_factory=dict)
    root: tuple[Fact, ...] = ()
    steps: tuple[StepState, ...] = ()
    busy: str = ""
    gate: Gate = OPEN
    can_test: bool = False
