"""What screens are made of, as values: presenters put them together, widgets draw them. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

ColourRole = Literal["text1", "text2", "text3", "disabled", "accent_text", "on_accent"]
ButtonKind = Literal["primary", "secondary", "quiet", "link", "danger"]


class Tone(Enum):
    """What a colour states. Green is VERIFIED and nothing else; ADDED is teal."""

    VERIFIED = "verified"
    FAILED = "failed"
    CAUTION = "caution"
    SIMULATED = "simulated"
    INFO = "info"
    NEUTRAL = "neutral"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    PRODUCTION = "production"
    TEST = "test"
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class ChipState:
    """A word with a tone. An icon or a sign stands before it, because colour alone never states a fact."""

    text: str
    tone: Tone = Tone.NEUTRAL
    icon: str = ""
    sign: str = ""
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button. A disabled one gives its reason, which is shown beside it or as its tooltip."""

    key: str
    text: str
    kind: ButtonKind = "secondary"
    icon: str = ""
    enabled: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BannerState:
    """One sentence of fact, one of consequence, actions with the primary one last."""

    key: str
    tone: Tone
    icon: str
    fact: str
    consequence: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a card: a key and its value. A `fingerprint` is shown by both ends and copied whole."""

    key: str
    value: str
    tone: Tone | None = None
    strong: bool = False
    mono: bool = False
    fingerprint: bool = False
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class FindingState:
    """Something that needs a look: a fact, its effect, and at most one button that starts the fix."""

    key: str
    tone: Tone
    icon: str
    fact: str
    effect: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class PartyState:
    """One of several people who have to do something: what they have done, in a word, and what is to be known of it.

    `action` is a button for this one alone, described by `does` to whoever does not see the row.
    """

    key: str
    name: str
    word: str
    icon: str
    tone: Tone | None = None
    detail: str = ""
    action: str = ""
    does: str = ""


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of a numbered list: what was looked at, what came out, and why. `raw` is the words of a machine below it."""

    number: int
    name: str
    word: str
    tone: Tone
    icon: str
    fact: str = ""
    detail: str = ""
    open: bool = False
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands where content would be: nothing yet, a failure, no permission, not offered.

    `raw` is somebody else's text, shown as it is under `raw_title`: on demand, or at once with `raw_open`.
    """

    title: str
    why: str = ""
    icon: str = "circle-dashed"
    tone: Tone | None = None
    actions: tuple[Action, ...] = ()
    raw: str = ""
    raw_title: str = ""
    raw_open: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in logical pixels at body text 13, 0 for the one that stretches.

    A `spare` one is left out where text is large: better less than all of it cut.
    """

    title: str
    width: int = 0
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `detail` is a second line; `tint` fills the cell and needs a text or an icon to go with it.

    An `action` does something when it is pressed. `secret` text may be seen, and is never copied.
    """

    text: str = ""
    detail: str = ""
    icon: str = ""
    tone: Tone | None = None
    colour: ColourRole = "text1"
    mono: bool = False
    strong: bool = False
    centred: bool = False
    elide_middle: bool = False
    chip: ChipState | None = None
    tint: Tone | None = None
    tooltip: str = ""
    action: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row, or a group with its rows. `key` tells rows apart when the table is filled anew; `checked` gives a box."""

    key: str
    cells: tuple[Cell, ...]
    children: Sequence[Row] = ()
    group: bool = False
    tint: Tone | None = None
    checked: bool | None = None
    dimmed: bool = False
