"""What the attestation page shows, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from marble_console.parts import Action, ChipState, Fact, FindingState, Notice, Row, StepState, Tone
from marble_core.attestation.quote import Field


class Tab(StrEnum):
    STEPS = "steps"
    POLICY = "policy"
    TCB = "tcb"
    CERTIFICATES = "certificates"
    QUOTE = "quote"
    HISTORY = "history"


class Shown(StrEnum):
    """Which steps are listed."""

    ALL = "all"
    PROBLEMS = "problems"
    UNCHECKED = "unchecked"


class Form(StrEnum):
    """The form of the header: it tells verdicts apart even without colour."""

    BAR = "bar"
    DASHED = "dashed"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class VerdictState:
    """The header: the verdict, its cause, when and by what it was found, and what to do; the primary action stands last."""

    word: str
    line: str
    meta: str
    icon: str
    tone: Tone
    form: Form
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Bytes:
    """Expected over found, byte by byte in two-digit hex. `differing` holds the places that differ.

    With `whole` so many do that marking single ones would help nobody.
    """

    label: str
    remark: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    differing: frozenset[int] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """Expected over found where these are no bytes."""

    label: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """A row of the step list. A group stands for several steps, whose rows follow it while it is open."""

    key: str
    number: str
    name: str
    fact: str
    word: str
    tone: Tone
    icon: str
    is_open: bool = False
    is_group: bool = False
    comparisons: tuple[Bytes | Texts, ...] = ()
    explanation: str = ""
    actions: tuple[Action, ...] = ()
    copied: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StepsState:
    """The list, how many there are of each kind, and what stands there when a filter leaves nothing."""

    lines: tuple[StepLine, ...] = ()
    shown: Shown = Shown.ALL
    problems: int = 0
    unchecked: int = 0
    empty: str = ""


@dataclass(frozen=True, slots=True)
class PolicyState:
    """The draft of a policy: one text, and the same as a form.

    `values` are what the form shows by the name of the field, `problems` what stands against a field. `readable` is
    False while the text is no JSON and the form has nothing to show.
    """

    name: str = ""
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    statuses: frozenset[str] = frozenset()
    debug: bool = False
    problems: dict[str, str] = field(default_factory=dict)
    findings: tuple[FindingState, ...] = ()
    readable: bool = True
    is_changed: bool = False
    gate: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class TcbState:
    """What the reference values say of the platform, and what is accepted of it. `chosen` is the row in hand."""

    facts: tuple[Fact, ...] = ()
    rows: tuple[Row, ...] = ()
    chosen: str = ""
    question: str = ""
    withdrawable: bool = False
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class CertificatesState:
    """The tree, and the certificate in hand. `share` writes the coordinator's own for the command line."""

    rows: tuple[Row, ...] = ()
    chosen: str = ""
    facts: tuple[Fact, ...] = ()
    file_name: str = ""
    share: Action | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class QuoteState:
    """The quote as bytes and as fields. `chosen` is the key of the field that is marked in both, `value` all of it."""

    summary: str = ""
    rows: tuple[Row, ...] = ()
    data: bytes = field(default=b"", repr=False)
    fields: tuple[Field, ...] = field(default=(), repr=False)
    chosen: str = ""
    value: tuple[Fact, ...] = ()
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class HistoryState:
    """Past results, newest first; with two ticked `compared` shows both, step by step."""

    rows: tuple[Row, ...] = ()
    hint: str = ""
    compared: tuple[Row, ...] = ()
    titles: tuple[str, str] = ("", "")
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class AttestationState:
    """The whole page. `source` says that a file is looked at instead of the connection, and which. `contact` is the way to
    a coordinator whose quote is not there yet.
    """

    verdict: VerdictState
    chip: ChipState | None = None
    actions: tuple[Action, ...] = ()
    source: str = ""
    source_actions: tuple[Action, ...] = ()
    problem: Notice | None = None
    notice: Notice | None = None
    contact: tuple[StepState, ...] = ()
    steps: StepsState = field(default_factory=StepsState)
    policy: PolicyState = field(default_factory=PolicyState)
    tcb: TcbState = field(default_factory=TcbState)
    certificates: CertificatesState = field(default_factory=CertificatesState)
    quote: QuoteState = field(default_factory=QuoteState)
    history: HistoryState = field(default_factory=HistoryState)
    tab: Tab = Tab.STEPS
    busy: bool = False
    left: str = ""
    right: str = ""
    right_icon: str = ""
    right_tone: Tone | None = None
