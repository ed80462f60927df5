"""The header: which connection, how far it is trusted, what state it is in; refresh, lock and the menu."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from marble_console.parts import ChipState
from marble_console.shell.identity import IdentityButton
from marble_console.shell.picker import ConnectionPicker
from marble_console.shell.searchbutton import SearchButton
from marble_console.shell_state import ShellState
from marble_console.theme import Mode, Theme, controller, follow
from marble_console.widgets.button import IconButton
from marble_console.widgets.chip import Chip
from marble_console.widgets.layout import Line
from marble_console.words import tr


class Header(QWidget):
    """Shows the connection's part of the shell state."""

    refresh = Signal()
    lock = Signal()
    commands = Signal()
    open_file = Signal()
    about = Signal()
    help = Signal()
    shortcuts = Signal()
    quit = Signal()
    settings = Signal()
    mode_chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("header")
        self.picker = ConnectionPicker()
        self._trust = Chip()
        self._trust.setObjectName("chip:trust")
        self._status = Chip()
        self._status.setObjectName("chip:state")
        self.identity = IdentityButton()
        self.search = SearchButton()
        self._refresh = IconButton("refresh-cw", tr("Refresh"), name="refresh", shortcut="F5")
        self._refresh.clicked.connect(self.refresh)
        self._lock = IconButton(
            "lock", tr("Lock: forget keys, passphrases and values"), name="lock", shortcut="Ctrl+L"
        )
        self._lock.clicked.connect(self.lock)
        self._menu_button = IconButton("menu", tr("Menu"), name="menu")
        self._menu_button.setMenu(self._build_menu())
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._row = QHBoxLayout()
        self._row.addWidget(self.picker)
        self._row.addWidget(self._trust)
        self._row.addWidget(self._status)
        self._row.addStretch(1)
        self._row.addWidget(self.identity)
        self._row.addWidget(self.search)
        self._row.addWidget(self._refresh)
        self._row.addWidget(self._lock)
        self._row.addWidget(self._menu_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._row, 1)
        outer.addWidget(Line())
        follow(self._restyle)

    def render_state(self, state: ShellState) -> None:
        self.picker.set_items(state.connections, state.connection, state.nowhere)
        _show_chip(self._trust, state.trust)
        _show_chip(self._status, state.status)
        self.identity.set_item(state.identity)
        self._refresh.setEnabled(state.can_refresh)

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setObjectName("menu:main")
        _add(menu, tr("Search or run a command…"), QKeySequence("Ctrl+K"), self.commands)
        _add(menu, tr("Open a manifest file…"), QKeySequence(QKeySequence.StandardKey.Open), self.open_file)
        _add(menu, tr("All connections…"), QKeySequence(), self.picker.manage)
        menu.addSeparator()
        appearance = menu.addMenu(tr("Appearance"))
        self._modes = QActionGroup(appearance)
        for mode, words in (
            (Mode.SYSTEM, tr("Follow the system")),
            (Mode.LIGHT, tr("Light")),
            (Mode.DARK, tr("Dark")),
        ):
            action = QAction(words, appearance)
            action.setCheckable(True)
            action.setData(mode.value)
            action.setObjectName(f"mode:{mode.value}")
            action.triggered.connect(lambda _=False, mode=mode: self.mode_chosen.emit(mode.value))
            self._modes.addAction(action)
            appearance.addAction(action)
        appearance.aboutToShow.connect(self._tick_mode)
        _add(menu, tr("Settings…"), QKeySequence("Ctrl+,"), self.settings)
        menu.addSeparator()
        _add(menu, tr("Help"), QKeySequence(QKeySequence.StandardKey.HelpContents), self.help)
        _add(menu, tr("Keyboard shortcuts"), QKeySequence(), self.shortcuts)
        _add(menu, tr("About Marble Console"), QKeySequence(), self.about)
        _add(menu, tr("Quit"), QKeySequence("Ctrl+Q"), self.quit)
        return menu

    def _tick_mode(self) -> None:
        for action in self._modes.actions():
            action.setChecked(action.data() == controller().mode.value)

    def _restyle(self, theme: Theme) -> None:
        self._row.setContentsMargins(theme.pad(12), theme.pad(6), theme.pad(12), theme.pad(6))
        self._row.setSpacing(theme.pad(8))
        self.setMinimumHeight(theme.pad(theme.measures.header))


def _show_chip(chip: Chip, state: ChipState | None) -> None:
    chip.setVisible(state is not None)
    if state is not None:
        chip.set(state)


def _add(menu: QMenu, text: str, shortcut: QKeySequence, chosen: SignalInstance) -> None:
    action = menu.addAction(text)
    if not shortcut.isEmpty():
        action.setText(f"{text}\t{shortcut.toString(QKeySequence.SequenceFormat.NativeText)}")
    # Through a function: the signal takes no argument, and `triggered` brings one.
    action.triggered.connect(lambda _=False: chosen.emit())
