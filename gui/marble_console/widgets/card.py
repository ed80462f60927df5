"""Cards: a quiet heading over facts. Key/value grids: keys aligned, and above their values when text is large."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from marble_console.parts import Fact
from marble_console.theme import Theme, current, follow
from marble_console.widgets.hashlabel import HashLabel
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.text import tooltip


class KeyValueGrid(QWidget):
    """Facts one below the other."""

    def __init__(self, facts: Sequence[Fact] = (), *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._values: list[HashLabel | PlainLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        follow(self._restyle)
        self.set_facts(facts)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        old, self._facts = self._facts, tuple(facts)
        if [_shape(fact) for fact in old] != [_shape(fact) for fact in self._facts]:
            self._fill(current())
            return
        # Values change in place, so that a refresh takes no focus away.
        for value, before, fact in zip(self._values, old, self._facts, strict=True):
            if before != fact:
                _update(value, fact)

    def _restyle(self, theme: Theme) -> None:
        self._fill(theme)

    def _fill(self, theme: Theme) -> None:
        clear(self._grid)
        self._values = [_value(fact) for fact in self._facts]
        self._grid.setHorizontalSpacing(theme.pad(16))
        self._grid.setVerticalSpacing(theme.pad(1 if theme.large else 6))
        for at, (fact, value) in enumerate(zip(self._facts, self._values, strict=True)):
            key = PlainLabel(fact.key, colour="text3")
            if theme.large:
                self._grid.addWidget(key, 2 * at, 0)
                self._grid.addWidget(value, 2 * at + 1, 0)
                value.setContentsMargins(0, 0, 0, theme.pad(6))
            else:
                self._grid.addWidget(key, at, 0)
                self._grid.addWidget(value, at, 1)
        self._grid.setColumnStretch(0 if theme.large else 1, 1)
        self._grid.setColumnStretch(1 if theme.large else 0, 0)


def _shape(fact: Fact) -> tuple[str, bool, bool]:
    return fact.key, fact.fingerprint, fact.mono


def _value(fact: Fact) -> HashLabel | PlainLabel:
    value: HashLabel | PlainLabel
    if fact.fingerprint:
        value = HashLabel(what=fact.key)
    else:
        middle = Qt.TextElideMode.ElideMiddle
        value = PlainLabel(mono=fact.mono, elide=middle if fact.mono else Qt.TextElideMode.ElideRight)
    value.setObjectName(f"value:{fact.key}")
    _update(value, fact)
    return value


def _update(value: HashLabel | PlainLabel, fact: Fact) -> None:
    if isinstance(value, HashLabel):
        value.set_hash(fact.value)
        return
    value.setText(fact.value)
    value.set_colour(fact.tone or "text1")
    value.set_weight(600 if fact.strong or fact.tone else 400)
    if fact.tooltip:
        value.setToolTip(tooltip(fact.tooltip))


class Card(QFrame):
    """A surface with a heading. Put content into `body`; never another card."""

    def __init__(self, title: str = "", icon_name: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._outer = QVBoxLayout(self)
        self.heading = QHBoxLayout()
        self.body = QVBoxLayout()
        if title:
            self.setObjectName(f"card:{title}")
            self.setAccessibleName(title)
            self._icon = IconLabel(icon_name, 16, "text2")
            self.heading.addWidget(self._icon)
            self._title = PlainLabel(title, weight=500, colour="text2")
            self.heading.addWidget(self._title)
            self.heading.addStretch(1)
            self._outer.addLayout(self.heading)
        self._outer.addLayout(self.body)
        self._outer.addStretch(1)
        follow(self._restyle)

    def set_title(self, title: str, icon_name: str) -> None:
        """Change the heading of a card that was made with one."""
        self.setAccessibleName(title)
        self._title.setText(title)
        self._icon.set_icon(icon_name)

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Fill the card with facts; a first call makes the grid."""
        grid = self.findChild(KeyValueGrid)
        if grid is None:
            self.body.addWidget(KeyValueGrid(facts))
        else:
            grid.set_facts(facts)

    def _restyle(self, theme: Theme) -> None:
        x, y = theme.pad(theme.measures.card_x), theme.pad(theme.measures.card_y)
        self._outer.setContentsMargins(x, y, x, y)
        self._outer.setSpacing(theme.pad(8))
        self.heading.setSpacing(theme.pad(8))
        self.body.setSpacing(theme.pad(6))


def framed(listed: QWidget) -> QFrame:
    """A card that holds nothing but a list or a tree, and leaves it room at the rounded corners."""
    frame = QFrame()
    frame.setProperty("kind", "card")
    inside = QVBoxLayout(frame)
    inside.setContentsMargins(1, 1, 1, 6)
    inside.addWidget(listed)
    return frame


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and delete it."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)
