"""What the window around the pages shows, as one frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from marble_console.parts import BannerState, ChipState, Tone

MAX_BANNERS = 2


@dataclass(frozen=True, slots=True)
class BandState:
    """The environment: its tone and word, the connection, and at the right who acts or why nobody does."""

    tone: Tone
    word: str
    place: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PickerItem:
    """A connection to choose. `key` is its id."""

    key: str
    name: str
    address: str
    icon: str = "server"


@dataclass(frozen=True, slots=True)
class IdentityItem:
    """Who acts, at the right of the header, and who else could: by key, the empty one for nobody."""

    text: str
    icon: str = "user"
    tone: Tone | None = None
    tooltip: str = ""
    current: str = ""
    choices: tuple[PickerItem, ...] = ()
    unlock: str = ""  # what unlocking is called, empty where nothing is locked


@dataclass(frozen=True, slots=True)
class RailItem:
    """A page in the navigation. Pages of one group stand together; a dimmed one can be opened all the same."""

    key: str
    title: str
    icon: str
    group: int = 0
    badge: str = ""
    badge_tone: Tone = Tone.CAUTION
    dimmed: bool = False


@dataclass(frozen=True, slots=True)
class StatusText:
    """A text of the status bar, with an icon of the family or none."""

    text: str
    icon: str = ""
    tone: Tone | None = None
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class ShellState:
    """`connection` is the key of the connection in hand, empty without one; `page` the page in front. `nowhere` stands in the
    picker while there is none in hand.

    `framed` is False on the welcome page, which stands alone. `task` is what runs now, empty for nothing.
    """

    title: str = ""
    framed: bool = True
    band: BandState | None = None
    connection: str = ""
    connections: tuple[PickerItem, ...] = ()
    nowhere: PickerItem = PickerItem("", "", "", "plug")
    trust: ChipState | None = None
    status: ChipState | None = None
    identity: IdentityItem | None = None
    pages: tuple[RailItem, ...] = ()
    page: str = ""
    banners: tuple[BannerState, ...] = ()
    left: tuple[StatusText, ...] = ()
    right: tuple[StatusText, ...] = ()
    task: str = ""
    can_refresh: bool = False
