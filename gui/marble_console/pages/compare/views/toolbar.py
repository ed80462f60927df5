"""The bar over the changes: how many there are, what was reviewed, filters, search, and the way through them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QWidget

from marble_console.pages.compare.listing import LOOKS, kind_word
from marble_console.pages.compare.state import CompareState, Filter
from marble_console.parts import ChipState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.fields import SearchField
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line
from marble_console.widgets.secretvalue import Ring
from marble_console.words import tr


class CompareToolbar(QWidget):
    """`filtered` gives the filter that is wanted from now on, `stepped` +1 or -1."""

    filtered = Signal(object)
    stepped = Signal(int)
    reveal_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._filter = Filter()
        self._sections: tuple[str, ...] = ()
        self._shown: tuple[ChipState, ...] = ()
        self._chips = QHBoxLayout()
        self._reviewed = PlainLabel(colour="text2")
        self._reviewed.setObjectName("compare:reviewed")
        self.search = SearchField(tr("Find in changes"), name="compare:search")
        self.search.textChanged.connect(lambda text: self._want(text=text))
        self.search.setVisible(False)
        self._find = IconButton("search", tr("Find in changes"), name="compare:find", shortcut="Ctrl+F")
        self._find.clicked.connect(self.begin_search)
        self._high = Button(tr("Only high severity"), "quiet", "filter", name="compare:high")
        self._high.setCheckable(True)
        self._high.clicked.connect(lambda: self._want(high_only=self._high.isChecked()))
        self._more = Button(tr("Filter ▾"), "quiet", name="compare:filter")
        self._more.clicked.connect(self._open_menu)
        self.reveal = IconButton("eye", tr("Reveal the value of this row"), name="compare:reveal")
        self.reveal.clicked.connect(self.reveal_wanted)
        self._ring = Ring()
        self._ring.setVisible(False)
        up = IconButton("arrow-up", tr("Previous change"), name="compare:previous", shortcut="Alt+↑")
        down = IconButton("arrow-down", tr("Next change"), name="compare:next", shortcut="Alt+↓")
        up.clicked.connect(lambda: self.stepped.emit(-1))
        down.clicked.connect(lambda: self.stepped.emit(1))
        self._controls = QHBoxLayout()
        for widget in (
            self._reviewed,
            self._find,
            self.search,
            self._high,
            self._more,
            self.reveal,
            self._ring,
            up,
            down,
        ):
            self._controls.addWidget(widget)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.addLayout(self._chips)
        self._row.addStretch(1)
        self._row.addLayout(self._controls)
        follow(self._restyle)

    def show_state(self, state: CompareState) -> None:
        self._filter, self._sections = state.filter, state.sections
        chips = (*state.counts, *((state.high,) if state.high is not None else ()))
        if chips != self._shown:
            self._shown = chips
            clear(self._chips)
            for chip in state.counts:
                self._chips.addWidget(Chip(chip))
            if state.high is not None:
                self._chips.addWidget(Line(vertical=True))
                self._chips.addWidget(Chip(state.high))
            self._chips.addStretch(1)
        self._reviewed.setText(state.reviewed)
        self._ring.set_time(state.seconds, state.of_seconds)
        self._ring.setVisible(bool(state.seconds))
        self._high.setChecked(state.filter.high_only)
        others = replace(state.filter, high_only=False, text="")
        self._more.set_text(tr("Filter ▾") if others.is_open else tr("Filtered ▾"))
        if self.search.text() != state.filter.text:
            self.search.setText(state.filter.text)
        self._arrange()

    def begin_search(self) -> None:
        """Bring up the field to search in, or put it away once it is empty."""
        if self.search.isVisible() and not self.search.text() and self._find.hasFocus():
            self.search.setVisible(False)
            return
        self.search.setVisible(True)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def set_row(self, *, hidden: bool, revealed: bool) -> None:
        """Say of the current row whether it has a masked value, and whether that is shown."""
        self.reveal.setEnabled(hidden)
        if revealed:
            self.reveal.set_icon_name("eye-off", tr("Hide the value of this row"))
        else:
            self.reveal.set_icon_name("eye", tr("Reveal the value of this row"))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        return QSize(current().text(300), super().minimumSizeHint().height())

    def _want(self, **changes: object) -> None:
        wanted = replace(self._filter, **changes)  # type: ignore[arg-type]  # names are those of the filter
        if wanted != self._filter:
            self.filtered.emit(wanted)

    def _open_menu(self) -> None:
        """Made anew each time: the sections are those of what is compared."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        wanted = self._filter
        for kind, (sign, _) in LOOKS.items():
            text = f"{sign}  {kind_word(kind).capitalize()}"
            self._add(menu, text, kind in wanted.kinds, wanted.with_kind(kind))
        menu.addSeparator()
        for section in self._sections:
            chosen = wanted.section == section
            new = replace(wanted, section="" if chosen else section)
            self._add(menu, tr("Only {section}", section=section), chosen, new)
        menu.addSeparator()
        unreviewed = replace(wanted, unreviewed_only=not wanted.unreviewed_only)
        self._add(menu, tr("Not yet reviewed"), wanted.unreviewed_only, unreviewed)
        if not wanted.is_open:
            menu.addAction(tr("Show all"), lambda: self.filtered.emit(Filter()))
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height() + 2)))

    def _add(self, menu: QMenu, text: str, checked: bool, new: Filter) -> None:
        action = menu.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda _=False: self.filtered.emit(new))

    def _arrange(self) -> None:
        directions = QBoxLayout.Direction
        wanted = self._chips.sizeHint().width() + self._controls.sizeHint().width() + current().pad(48)
        narrow = self.width() < wanted
        self._row.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(16), theme.pad(3), theme.pad(12), theme.pad(3))
        self._row.setSpacing(theme.pad(4))
        self._chips.setSpacing(theme.pad(8))
        self._controls.setSpacing(theme.pad(6))
        self.search.setMaximumWidth(theme.text(170))
        self._arrange()
