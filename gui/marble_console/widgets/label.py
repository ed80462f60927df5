"""Text on screen: always plain, in a style of the type scale, in a colour role."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from marble_console.parts import ColourRole, Tone
from marble_console.theme import TextRole, Theme, current, follow, pixmap
from marble_console.widgets.text import one_line, tidy, tooltip

LONGEST = 4000  # characters of one label: nobody reads more there, and laying out megabytes takes seconds


class PlainLabel(QLabel):
    """A label that never reads markup. With `elide` it is one line, cut where told, the whole text in its tooltip.

    `text()` is the whole text, up to `max_chars`.
    """

    def __init__(
        self,
        text: str = "",
        role: TextRole = "body",
        colour: ColourRole | Tone = "text1",
        *,
        weight: int | None = None,
        mono: bool = False,
        wrap: bool = False,
        elide: Qt.TextElideMode | None = None,
        selectable: bool = False,
        max_chars: int = LONGEST,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role: TextRole = role
        self._colour: ColourRole | Tone = colour
        self._weight = weight
        self._mono = mono
        self._elide = elide
        self._max_chars = max_chars
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if elide is not None:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        follow(self._restyle)
        self.setText(text)

    @property
    def elides(self) -> bool:
        """Whether the label cuts its text by itself where there is no room."""
        return self._elide is not None

    def setText(self, text: str) -> None:  # noqa: N802 # Qt's name
        shown = tidy(text, self._max_chars) if self._elide is None else one_line(text, self._max_chars)
        if shown == self.text():
            return
        super().setText(shown)
        if self._elide is not None:
            self.setToolTip(tooltip(shown))
            self.setAccessibleName(shown)

    def set_colour(self, colour: ColourRole | Tone) -> None:
        if colour != self._colour:
            self._colour = colour
            self._restyle(current())

    def set_weight(self, weight: int | None) -> None:
        if weight != self._weight:
            self._weight = weight
            self._restyle(current())

    def set_mono(self, mono: bool) -> None:
        if mono != self._mono:
            self._mono = mono
            self._restyle(current())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        hint = super().minimumSizeHint()
        return (
            hint if self._elide is None else QSize(self.fontMetrics().averageCharWidth() * 4, hint.height())
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        if self._elide is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        rect = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self._elide, rect.width())
        # The style draws plain text here: no mnemonic flag is given, so "&" stays "&".
        self.style().drawItemText(
            painter,
            rect,
            self.alignment(),
            self.palette(),
            self.isEnabled(),
            text,
            QPalette.ColorRole.WindowText,
        )

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 # Qt's name
        super().changeEvent(event)
        # A style sheet gives a widget that finds another parent the palette it had when it was first polished.
        if event.type() == QEvent.Type.StyleChange:
            self._recolour(current())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 # Qt's name
        super().showEvent(event)
        self._recolour(current())

    def _restyle(self, theme: Theme) -> None:
        self.setFont(
            theme.mono(self._role, self._weight or 400)
            if self._mono
            else theme.font(self._role, self._weight)
        )
        self._recolour(theme)

    def _recolour(self, theme: Theme) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.colour(self._colour))
        palette.setColor(
            QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText, theme.colour("disabled")
        )
        self.setPalette(palette)


class IconLabel(QLabel):
    """An icon of the family in a colour role, or in the solid colour of a tone."""

    def __init__(
        self,
        name: str = "",
        size: int = 16,
        colour: ColourRole | Tone = "text2",
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._size = size
        self._colour: ColourRole | Tone = colour
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    def set_icon(self, name: str, colour: ColourRole | Tone | None = None) -> None:
        if (name, colour or self._colour) != (self._name, self._colour):
            self._name, self._colour = name, colour or self._colour
            self._restyle(current())

    def _restyle(self, theme: Theme) -> None:
        side = theme.icon(self._size)
        self.setFixedSize(side, side)
        if self._name:
            colour = self._colour
            value = theme.tone(colour).solid if isinstance(colour, Tone) else theme.hex(colour)
            self.setPixmap(pixmap(self._name, value, side, self.devicePixelRatioF()))
        else:
            self.clear()
