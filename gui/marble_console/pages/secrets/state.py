"""What the page of secrets shows, as frozen values. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from marble_console.pages.secrets.listing import Filter
from marble_console.pages.secrets.showing import Form
from marble_console.parts import Action, ChipState, Fact, Notice, Row


@dataclass(frozen=True, slots=True)
class DetailState:
    """One secret. `text` is the value while it is revealed, for `seconds` more of `of_seconds`; empty while it is masked.

    `why_not` says why nothing can be read. `can_save` is for certificates that were read.
    """

    name: str
    subtitle: str
    icon: str
    value_title: str
    text: str = field(default="", repr=False)
    is_revealed: bool = False
    seconds: int = 0
    of_seconds: int = 1
    remark: str = ""
    why_not: str = ""
    can_read: bool = False
    busy: bool = False
    forms: tuple[Form, ...] = ()
    form: Form | None = None
    facts: tuple[Fact, ...] = ()
    facts_title: str = ""
    can_save: bool = False
    uses: tuple[ChipState, ...] = ()
    more_uses: str = ""
    set_line: str = ""
    set_action: Action = field(default_factory=lambda: Action("set", ""))
    why_not_set: str = ""
    can_rotate: bool = False
    problem: Notice | None = None


@dataclass(frozen=True, slots=True)
class SecretsState:
    """`notice` stands in place of the table; `hint` above it tells what stands against acting, with a way on."""

    notice: Notice | None = None
    loading: bool = False
    stale_since: str = ""
    subtitle: str = ""
    rows: Sequence[Row] = ()
    counts: Mapping[Filter, int] = field(default_factory=dict)
    filter: Filter = Filter.ALL
    text: str = ""
    current: str = ""
    hint: str = ""
    hint_action: Action | None = None
    actions: tuple[Action, ...] = ()
    detail: DetailState | None = None
