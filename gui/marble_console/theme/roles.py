"""What the console looks like, as numbers: colours by role, spacing, type scale, measures. No Qt, and no other file
holds a colour. Nothing here is copied at import: ask `theme.current()` for the value in force.

Contrasts are proved in tests/gui/test_theme_contrast.py: text 4.5:1 or better, icons and input borders 3:1 or better.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from marble_console.parts import Tone


@dataclass(frozen=True, slots=True)
class Colours:
    """The four parts of a tone: `fg` text, `solid` icons and bars, `tint` background, `edge` border."""

    fg: str
    solid: str
    tint: str
    edge: str


@dataclass(frozen=True, slots=True)
class Roles:
    """One scheme. Values are `#RRGGBB`."""

    dark: bool
    rail: str
    page: str
    surface: str
    sunken: str
    overlay: str
    hover: str
    selected: str
    text1: str
    text2: str
    text3: str
    disabled: str
    border: str
    border3: str
    border2: str
    accent: str
    accent_hover: str
    accent_text: str
    focus: str
    danger: str
    on_accent: str
    tones: MappingProxyType[Tone, Colours]
    edge: int = 1  # logical pixels of the frames of cards and entries

    def tone(self, tone: Tone) -> Colours:
        return self.tones[tone]

    @property
    def focus_on_fill(self) -> str:
        """The focus ring on a filled button: dark on light schemes, where the accent would vanish in the fill."""
        return self.focus if self.dark else self.text1


TextRole = Literal["caption", "small", "body", "sub", "title", "figure"]

LIGHT = Roles(
    dark=False,
    rail="#EEF0F4",
    page="#F7F8FA",
    surface="#FFFFFF",
    sunken="#F1F3F6",
    overlay="#FFFFFF",
    hover="#E7EAF0",
    selected="#E4E8FC",
    text1="#1B1E25",
    text2="#454D5B",
    text3="#5C6472",
    disabled="#9BA2AE",
    border="#DADEE5",
    border3="#B5BCC7",
    border2="#808896",
    accent="#4250C8",
    accent_hover="#3542B2",
    accent_text="#3C49BC",
    focus="#4250C8",
    danger="#B3221F",
    on_accent="#FFFFFF",
    tones=MappingProxyType(
        {
            Tone.VERIFIED: Colours("#0A684D", "#0C8562", "#E2F4EC", "#94CDB7"),
            Tone.FAILED: Colours("#8C1616", "#B3221F", "#FCE9E8", "#E9A8A4"),
            Tone.CAUTION: Colours("#8A5A00", "#B47300", "#FFF3D6", "#DDBC76"),
            Tone.SIMULATED: Colours("#6D31AE", "#8A4ED0", "#F3EBFC", "#B48BDD"),
            Tone.INFO: Colours("#19598F", "#2776BA", "#E5F0FA", "#A2C8E8"),
            Tone.NEUTRAL: Colours("#454D5B", "#6A7280", "#ECEEF2", "#C3C9D2"),
            Tone.ADDED: Colours("#046650", "#0C8567", "#DDF3EA", "#8ECBB4"),
            Tone.REMOVED: Colours("#9A3A08", "#C8560F", "#FDEBDD", "#E9B28B"),
            Tone.CHANGED: Colours("#1A559E", "#2C72C4", "#E3EDFB", "#A3C3EC"),
            Tone.MOVED: Colours("#53566F", "#74778F", "#ECECF3", "#C2C4D3"),
            Tone.PRODUCTION: Colours("#FFFFFF", "#A01C5A", "#A01C5A", "#A01C5A"),
            Tone.TEST: Colours("#00587A", "#007099", "#D9F0FA", "#7FC2DC"),
            Tone.DEVELOPMENT: Colours("#4A4D52", "#63676D", "#ECEDEE", "#B9BCC1"),
        }
    ),
)

DARK = Roles(
    dark=True,
    rail="#14161A",
    page="#191C21",
    surface="#20242A",
    sunken="#171A1E",
    overlay="#282D35",
    hover="#2A2F37",
    selected="#2C3360",
    text1="#E9EBEF",
    text2="#BAC0CB",
    text3="#9AA2B0",
    disabled="#666E7B",
    border="#343A44",
    border3="#4C5461",
    border2="#7B8494",
    accent="#5865E0",
    accent_hover="#4C58CE",
    accent_text="#A6B1FF",
    focus="#98A4FF",
    danger="#B8352E",
    on_accent="#FFFFFF",
    tones=MappingProxyType(
        {
            Tone.VERIFIED: Colours("#63D9AE", "#38C795", "#14362C", "#2A6B55"),
            Tone.FAILED: Colours("#FF9A8F", "#EC5B52", "#43201E", "#84413B"),
            Tone.CAUTION: Colours("#F3C062", "#D99A24", "#3B2D10", "#775A20"),
            Tone.SIMULATED: Colours("#CFA9FB", "#A873EA", "#33234A", "#6D4C98"),
            Tone.INFO: Colours("#8CC4F5", "#4C9BE0", "#172F46", "#315D86"),
            Tone.NEUTRAL: Colours("#BAC0CB", "#8D95A3", "#2B3038", "#4A525E"),
            Tone.ADDED: Colours("#62D3AC", "#30B488", "#12372C", "#296C55"),
            Tone.REMOVED: Colours("#FDAA73", "#E67C33", "#412615", "#80502F"),
            Tone.CHANGED: Colours("#93C0FA", "#5197EA", "#18304F", "#335F94"),
            Tone.MOVED: Colours("#B9BCD2", "#8C8FA8", "#2D2E3B", "#4F5166"),
            Tone.PRODUCTION: Colours("#FFFFFF", "#E0679F", "#A92769", "#E0679F"),
            Tone.TEST: Colours("#7FD0F0", "#2CA4D4", "#0F3040", "#2A6580"),
            Tone.DEVELOPMENT: Colours("#C4C6CA", "#8D9198", "#2A2C30", "#4D5157"),
        }
    ),
)

# Blue in place of green and rust in place of red, yellow and plum between them: told apart by those who do not tell red from
# green. The edges are decoration.
_BLUE = (
    Colours("#0B5394", "#1F6FC0", "#E3EEFA", "#A3C4E8"),
    Colours("#8CC0FA", "#4E97EA", "#17304D", "#325D90"),
)
_RUST = (
    Colours("#6E2400", "#9A3300", "#FDEBDD", "#E0AE8C"),
    Colours("#FF9A66", "#D9571C", "#412615", "#84492A"),
)
_YELLOW = (
    Colours("#756200", "#A38A00", "#FBF5CF", "#D8C97A"),
    Colours("#F2E27A", "#D9C23E", "#35300F", "#6E6426"),
)
_PLUM = (
    Colours("#7A2F77", "#A2489E", "#F7E8F6", "#D7A9D4"),
    Colours("#EBA6E6", "#C76BC2", "#40223F", "#774475"),
)


def _no_red_green(roles: Roles) -> Roles:
    which = 1 if roles.dark else 0
    others = {
        Tone.VERIFIED: _BLUE[which],
        Tone.ADDED: _BLUE[which],
        Tone.FAILED: _RUST[which],
        Tone.REMOVED: _RUST[which],
        Tone.CAUTION: _YELLOW[which],
        Tone.CHANGED: _PLUM[which],
    }
    return replace(roles, tones=MappingProxyType({**roles.tones, **others}))


def _contrast(roles: Roles) -> Roles:
    """No greys for words, no tints, and edges as dark as the words: for whoever cannot see the others."""
    ink, paper = ("#FFFFFF", "#000000") if roles.dark else ("#000000", "#FFFFFF")
    quiet = "#E2E2E2" if roles.dark else "#262626"
    accent = "#6FA0FF" if roles.dark else "#00319C"
    tones: dict[Tone, Colours] = {
        tone: replace(colours, tint=paper, edge=colours.fg)
        for tone, colours in roles.tones.items()
        if tone is not Tone.PRODUCTION
    }
    return replace(
        roles, rail=paper, page=paper, surface=paper, sunken=paper, overlay=paper,
        hover="#333333" if roles.dark else "#E0E0E0", selected="#0B2E6B" if roles.dark else "#CFE0FF",
        text1=ink, text2=quiet, text3=quiet, disabled="#9A9A9A" if roles.dark else "#6A6A6A",
        border=ink, border3=ink, border2=ink, edge=2,
        accent=accent, accent_hover="#8FB4FF" if roles.dark else "#00216B", accent_text=accent,
        focus="#FFFFFF" if roles.dark else "#00319C", on_accent=paper,
        danger="#FF9A8F" if roles.dark else "#8C1616",
        tones=MappingProxyType({**roles.tones, **tones}),
    )  # fmt: skip


LIGHT_CONTRAST, DARK_CONTRAST = _contrast(LIGHT), _contrast(DARK)
LIGHT_NO_RED_GREEN, DARK_NO_RED_GREEN = _no_red_green(LIGHT), _no_red_green(DARK)


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Size in logical pixels at a body text of 13, and weight."""

    size: float
    weight: int


BODY = 13.0
TYPE: MappingProxyType[TextRole, TextStyle] = MappingProxyType(
    {
        "caption": TextStyle(11, 400),
        "small": TextStyle(12, 400),
        "body": TextStyle(BODY, 400),
        "sub": TextStyle(15, 600),
        "title": TextStyle(20, 600),
        "figure": TextStyle(28, 600),
    }
)
MONO_SIZE = 12.5


@dataclass(frozen=True, slots=True)
class Measures:
    """Lengths in logical pixels at a body text of 13."""

    hair: int = 2
    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 # one of the names of a size
    xl: int = 24
    page_margin: int = 24
    card_x: int = 16
    card_y: int = 12
    card_gap: int = 12
    label_gap: int = 5
    control: int = 30
    row: int = 32
    row_compact: int = 29
    row_double: int = 44
    step: int = 33
    nav: int = 32
    tab: int = 34
    header: int = 56
    band: int = 22
    chip: int = 22
    status_bar: int = 26
    rail: int = 184
    rail_icons: int = 54
    detail_pane: int = 352
    impact_pane: int = 292
    outline: int = 196
    wizard_side: int = 220
    content: int = 1200
    narrow: int = 1100
    radius: int = 6
    radius_card: int = 8
    focus_ring: int = 2
    bar: int = 3


MEASURES = Measures()
FADE_MS = 120
OPEN_MS = 150
QUIET_MS = 200  # nothing that ends sooner shows that it is loading
