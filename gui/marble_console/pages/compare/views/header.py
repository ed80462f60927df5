"""The head of the compare page: its title, both pickers with the swap between, and what can be done with the result."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QWidget

from marble_console.pages.compare.exporting import Export
from marble_console.pages.compare.sources import Choice
from marble_console.pages.compare.state import CompareState
from marble_console.parts import Action
from marble_console.theme import Theme, current, follow, icon
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.fields import Select
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.text import tooltip
from marble_console.words import tr

_ROOM_FOR_ALL = 900  # logical pixels at body text 13 that title, pickers and buttons need side by side

KINDS = {
    Export.MARKDOWN: tr("Markdown…"),
    Export.HTML: tr("HTML…"),
    Export.PDF: tr("PDF…"),
    Export.PATCH: tr("JSON patch…"),
}


class CompareHeader(QWidget):
    """`before` and `after` give the key of what was chosen for a side."""

    before = Signal(str)
    after = Signal(str)
    swapped = Signal()
    exported = Signal(str)
    update_file_wanted = Signal()
    deploy_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] | None = None
        self._title = PlainLabel(tr("Compare"), "title")
        self._before = self._picker("compare:before", tr("Before"))
        self._after = self._picker("compare:after", tr("After"))
        self._before.activated.connect(lambda at: self.before.emit(self._before.itemData(at)))
        self._after.activated.connect(lambda at: self.after.emit(self._after.itemData(at)))
        self._swap = IconButton("arrow-left-right", tr("Swap sides"), name="compare:swap")
        self._swap.clicked.connect(self.swapped)
        self._pickers = QHBoxLayout()
        self._pickers.addWidget(self._before, 1)
        self._pickers.addWidget(self._swap)
        self._pickers.addWidget(self._after, 1)
        self._export = Button(tr("Export ▾"), icon_name="download", name="compare:export")
        self._export.clicked.connect(self._open_menu)
        self._deploy = Button(tr("Deploy…"), "primary", "send", name="compare:deploy")
        self._deploy.clicked.connect(self.deploy_wanted)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self._export)
        self._buttons.addWidget(self._deploy)
        self._menu = QMenu(self)
        for kind, word in KINDS.items():
            action = self._menu.addAction(word)
            action.triggered.connect(lambda _=False, kind=kind: self.exported.emit(kind.value))
        self._menu.addSeparator()
        self._update_file = self._menu.addAction(tr("Package-update file…"))
        self._update_file.triggered.connect(lambda _=False: self.update_file_wanted.emit())
        self._menu.setToolTipsVisible(True)
        self._grid = QGridLayout(self)
        self._grid.addWidget(self._title, 0, 0)
        self._grid.addLayout(self._pickers, 0, 1)
        self._grid.addLayout(self._buttons, 0, 2)
        self._grid.setColumnStretch(1, 1)
        self._is_narrow: bool | None = None
        follow(self._restyle)

    def show_state(self, state: CompareState) -> None:
        if state.choices != self._choices:
            self._choices = state.choices
            for picker in (self._before, self._after):
                _fill(picker, state.choices)
        icons = {choice.key: choice.icon for choice in state.choices}
        for picker, key in ((self._before, state.before), (self._after, state.after)):
            picker.setCurrentIndex(picker.findData(key))
            picker.set_icon_name(icons.get(key, ""))
        self._swap.setEnabled(bool(state.before and state.after))
        self._export.setEnabled(state.can_export)
        self._show_deploy(state.deploy)
        file = state.update_file
        self._update_file.setEnabled(file is not None and file.enabled)
        self._update_file.setToolTip(tooltip(file.reason) if file is not None else "")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        # The pickers may go below the rest, so that they set no more than a modest width.
        return QSize(current().text(300), super().minimumSizeHint().height())

    def _picker(self, name: str, label: str) -> Select:
        picker = Select(name=name)
        picker.setAccessibleName(label)
        picker.setPlaceholderText(label)
        return picker

    def _show_deploy(self, action: Action | None) -> None:
        self._deploy.setVisible(action is not None)
        if action is not None:
            self._deploy.setEnabled(action.enabled)
            self._deploy.setToolTip(tooltip(action.reason))
            self._deploy.setAccessibleDescription(action.reason)

    def _open_menu(self) -> None:
        self._menu.popup(self._export.mapToGlobal(QPoint(0, self._export.height() + 2)))

    def _arrange(self) -> None:
        narrow = self.width() < current().text(_ROOM_FOR_ALL)
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        self._grid.removeItem(self._pickers)
        if narrow:
            self._grid.addLayout(self._pickers, 1, 0, 1, 3)
        else:
            self._grid.addLayout(self._pickers, 0, 1)

    def _restyle(self, theme: Theme) -> None:
        self._grid.setContentsMargins(theme.pad(24), theme.pad(11), theme.pad(16), theme.pad(11))
        self._grid.setHorizontalSpacing(theme.pad(24))
        self._grid.setVerticalSpacing(theme.pad(8))
        self._pickers.setSpacing(theme.pad(6))
        self._buttons.setSpacing(theme.pad(8))
        self._arrange()


def _fill(picker: Select, choices: Sequence[Choice]) -> None:
    picker.clear()
    for choice in choices:
        if choice.begins_group:
            picker.insertSeparator(picker.count())
        picker.addItem(icon(choice.icon, current().roles.text2), choice.title, choice.key)
    picker.updateGeometry()
