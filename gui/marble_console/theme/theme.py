"""One theme value: a colour scheme together with the scale that follows from the operator's font."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont

from marble_console.parts import ColourRole, Tone
from marble_console.theme.roles import (
    BODY,
    MEASURES,
    MONO_SIZE,
    TYPE,
    Colours,
    Measures,
    Roles,
    TextRole,
)


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours, fonts and lengths in force.

    `k` is the operator's text size over 13 logical pixels: 1 at the usual size, 2 at 200 %. Text grows by k, paddings by
    half of the growth, icons by three quarters of it, so that large text still leaves room for content.
    """

    roles: Roles
    k: float
    body_points: float
    family: str
    mono_family: str

    @property
    def measures(self) -> Measures:
        return MEASURES

    @property
    def large(self) -> bool:
        """The text is so large that keys stand above their values and side panes become tabs."""
        return self.k >= 1.5  # noqa: PLR2004 # between the 100 % and the 200 % that the pictures show

    def text(self, length: float) -> int:
        """A length that holds text, such as the height of a row, in logical pixels."""
        return round(length * self.k)

    def pad(self, length: float) -> int:
        """A padding, margin or gap."""
        return round(length * (1 + (self.k - 1) / 2))

    def icon(self, size: float) -> int:
        """The side of an icon."""
        return round(size * (1 + 3 * (self.k - 1) / 4))

    def narrow(self, width: int) -> bool:
        """Whether a window of this width collapses its rail and folds its cards. 200 % behaves as half the width."""
        return width < self.text(MEASURES.narrow)

    def font(self, role: TextRole = "body", weight: int | None = None, *, tabular: bool = False) -> QFont:
        """A font of the type scale; `tabular` gives all figures one width, for columns and times."""
        style = TYPE[role]
        font = QFont(self.family)
        font.setPointSizeF(self.body_points * style.size / BODY)
        font.setWeight(QFont.Weight(weight if weight is not None else style.weight))
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def mono(self, role: TextRole = "body", weight: int = 400) -> QFont:
        """The monospaced font, half a pixel smaller than the text beside it, without ligatures."""
        font = QFont(self.mono_family)
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setFixedPitch(True)
        font.setPointSizeF(self.body_points * TYPE[role].size / BODY * MONO_SIZE / BODY)
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("calt"), 0)
        return font

    def tone(self, tone: Tone) -> Colours:
        return self.roles.tone(tone)

    def hex(self, colour: ColourRole | Tone) -> str:
        """The text colour for a role, or the foreground of a tone, as `#RRGGBB`."""
        if isinstance(colour, Tone):
            return self.roles.tone(colour).fg
        value: str = getattr(self.roles, colour)
        return value

    def colour(self, colour: ColourRole | Tone) -> QColor:
        return QColor(self.hex(colour))
