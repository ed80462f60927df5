"""How pages are laid out: a header, a scrolling body of limited width, and cards that fold into fewer columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from marble_console.parts import ChipState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import PlainLabel


class Line(QFrame):
    """A separator of one pixel."""

    def __init__(self, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "line")
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


_WORDS = 300  # what words need beside buttons, in logical pixels at body text 13


def fold(row: QBoxLayout, width: int, buttons: QLayout, words: int = _WORDS) -> bool:
    """Put the buttons below the words where both side by side would squeeze the words; says whether they are below."""
    narrow = width - buttons.sizeHint().width() < current().text(words)
    directions = QBoxLayout.Direction
    row.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)
    row.setAlignment(buttons, Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag.AlignVCenter)
    return narrow


class PageHeader(QWidget):
    """The title of a page with a chip or none, what it is about, and its buttons at the right, the primary one last."""

    def __init__(self, title: str, subtitle: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = PlainLabel(title, "title")
        self.chip = Chip()
        self.chip.setVisible(False)
        self.subtitle = PlainLabel(subtitle, colour="text3", wrap=True)
        self._first_line = QHBoxLayout()
        self._first_line.addWidget(self.title)
        self._first_line.addWidget(self.chip)
        self._first_line.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(self._first_line)
        words.addWidget(self.subtitle)
        self.buttons = QHBoxLayout()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(words, 1)
        self._row.addLayout(self.buttons)
        self.set_subtitle(subtitle)
        follow(self._restyle)

    def set_subtitle(self, text: str) -> None:
        self.subtitle.setText(text)
        self.subtitle.setVisible(bool(text))

    def set_chip(self, chip: ChipState | None) -> None:
        self.chip.setVisible(chip is not None)
        if chip is not None:
            self.chip.set(chip)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        fold(self._row, self.width(), self.buttons)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(self.buttons.minimumSize().width(), super().minimumSizeHint().height())

    def _restyle(self, theme: Theme) -> None:
        self._first_line.setSpacing(theme.pad(10))
        self.buttons.setSpacing(theme.pad(8))
        self._row.setSpacing(theme.pad(10))
        fold(self._row, self.width(), self.buttons)


class PageBody(QScrollArea):
    """A scrolling page. Put widgets into `column`; content grows no wider than 1200 pixels and stays at the left."""

    def __init__(self, *, limited: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limited = limited
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._canvas = QWidget()
        self._canvas.setProperty("kind", "page")
        outer = QHBoxLayout(self._canvas)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._content = QWidget()
        self._content.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.column = QVBoxLayout(self._content)
        outer.addWidget(self._content, 1)
        outer.addStretch(0)
        self.setWidget(self._canvas)
        follow(self._restyle)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(self._canvas.minimumSizeHint().width(), super().minimumSizeHint().height())

    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(theme.measures.page_margin)
        self.column.setContentsMargins(margin, theme.pad(18), margin, margin)
        self.column.setSpacing(theme.pad(theme.measures.card_gap))
        if self._limited:
            self._content.setMaximumWidth(theme.text(theme.measures.content) + 2 * margin)


class CardGrid(QWidget):
    """Cards side by side, in as many columns as fit and no more than `columns`."""

    def __init__(self, cards: Sequence[QWidget], *, columns: int = 3, min_width: int = 300) -> None:
        super().__init__()
        self._cards = tuple(cards)
        self._columns = columns
        self._min_width = min_width
        self._laid_out: tuple[int, tuple[QWidget, ...]] = (0, ())
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for card in self._cards:
            card.installEventFilter(self)
        follow(self._restyle)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        if watched in self._cards and event.type() in {QEvent.Type.HideToParent, QEvent.Type.ShowToParent}:
            self._arrange()
        return False

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        # One column must fit; how many there are is decided by the width that is given, not asked for.
        widths = [card.minimumSizeHint().width() for card in self._cards if not _is_hidden(card)]
        return QSize(max(widths, default=0), super().minimumSizeHint().height())

    def _arrange(self) -> None:
        theme = current()
        gap = theme.pad(theme.measures.card_gap)
        # Cards need not grow as fast as their text: large text puts keys above their values.
        fitting = (self.width() + gap) // (theme.icon(self._min_width) + gap)
        shown = tuple(card for card in self._cards if not _is_hidden(card))
        columns = max(1, min(fitting, self._columns, max(1, len(shown))))
        if (columns, shown) == self._laid_out:
            return
        self._laid_out = (columns, shown)
        for card in self._cards:
            self._grid.removeWidget(card)
        for at, card in enumerate(shown):
            self._grid.addWidget(card, at // columns, at % columns)
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _restyle(self, theme: Theme) -> None:
        self._grid.setSpacing(theme.pad(theme.measures.card_gap))
        self._laid_out = (0, ())
        self._arrange()


def _is_hidden(widget: QWidget) -> bool:
    # A widget that nobody has shown yet counts as hidden for Qt, though it appears with its parent.
    return widget.isHidden() and widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
