"""What the list of connections and the form of one show, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

from marble_console.coordinators.profiles import Environment, Kind
from marble_console.pages.attestation.policydraft import PolicyDraft
from marble_console.parts import Action, Fact, Notice, Row, StepState, Tone
from marble_console.wizard.flow import OPEN, Gate


@dataclass(frozen=True, slots=True)
class ListState:
    """`current` is the key of the row that is chosen, empty for none; `said` is what came of the last thing that was done,
    or of the last test of the one chosen. `notice` stands in place of the rows. `attention` counts those that need it, whether
    they are shown or not; `progress` says how far tests have come, empty while there are none.
    """

    subtitle: str = ""
    rows: tuple[Row, ...] = ()
    current: str = ""
    notice: Notice | None = None
    has_any: bool = False
    attention: int = 0
    only_attention: bool = False
    grouping: str = ""
    progress: str = ""
    connect: Action = field(default_factory=lambda: Action("connect", ""))
    test: Action = field(default_factory=lambda: Action("test", ""))
    test_all: Action = field(default_factory=lambda: Action("test-all", ""))
    steps: Action = field(default_factory=lambda: Action("steps", ""))
    edit: Action = field(default_factory=lambda: Action("edit", ""))
    forget: Action = field(default_factory=lambda: Action("forget", ""))
    duplicate: Action = field(default_factory=lambda: Action("duplicate", ""))
    can_export: bool = False
    said: str = ""
    said_tone: Tone | None = None


class TrustBy(StrEnum):
    """How a connection comes by its root certificate."""

    QUOTE = "quote"  # the coordinator proves whose it is, and the root that it proved is kept
    FILE = "file"  # the operator has it from elsewhere


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection as it is typed.

    `root_der` is empty until a root is known. Times are seconds, 0 for never. Without `anchor_der` Intel's root counts.
    """

    kind: Kind = Kind.REMOTE
    name: str = ""
    address: str = ""
    server_name: str = ""
    group: str = ""
    environment: Environment = Environment.NONE
    read_only: bool = False
    trust_by: TrustBy = TrustBy.QUOTE
    root_der: bytes = field(default=b"", repr=False)
    policy: PolicyDraft = field(default_factory=PolicyDraft)
    recheck: int = 0
    anchor_der: bytes = field(default=b"", repr=False)
    service: str = ""
    authority_der: bytes = field(default=b"", repr=False)
    collateral_proxy: str = ""
    proxy: str = ""
    timeout: str = ""


class Changes(TypedDict, total=False):
    """What the operator types or chooses, by the fields of a Draft."""

    name: str
    address: str
    server_name: str
    group: str
    environment: Environment
    read_only: bool
    trust_by: TrustBy
    policy: PolicyDraft
    recheck: int
    service: str
    collateral_proxy: str
    proxy: str
    timeout: str


@dataclass(frozen=True, slots=True)
class FormState:
    """`wrong` tells by field what cannot stay as it is, once the operator has been there. `offered` are names that the
    certificate is valid for, where the address is none of them.
    """

    title: str
    draft: Draft
    wrong: dict[str, str] = field(default_factory=dict)
    root: tuple[Fact, ...] = ()
    policy: tuple[Fact, ...] = ()
    policy_remark: str = ""
    anchor: tuple[Fact, ...] = ()
    authority: tuple[Fact, ...] = ()
    offered: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    steps: tuple[StepState, ...] = ()
    busy: str = ""
    gate: Gate = OPEN
    can_test: bool = False
