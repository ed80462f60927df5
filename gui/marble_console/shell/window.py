"""The main window. It renders a frozen ShellState and reports what the operator does; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, QSize, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from marble_console.navigation import DIGITS, page_keys
from marble_console.page import Page
from marble_console.parts import BannerState
from marble_console.shell.header import Header
from marble_console.shell.rail import Rail
from marble_console.shell.statusbar import StatusBar
from marble_console.shell_state import MAX_BANNERS, ShellState
from marble_console.theme import Theme, current, follow
from marble_console.widgets.band import Band
from marble_console.widgets.banner import Banner
from marble_console.widgets.card import clear
from marble_console.widgets.layout import Line
from marble_console.widgets.taborder import move_focus
from marble_console.words import tr


class Shell(QWidget):
    """Band, header, navigation, banners, pages, status bar."""

    page_chosen = Signal(str)
    connection_chosen = Signal(str)
    connections_wanted = Signal()
    identity_chosen = Signal(str)
    unlock_wanted = Signal()
    identities_wanted = Signal()
    certificate_wanted = Signal()
    lock_wanted = Signal()
    refresh_wanted = Signal()
    banner_chosen = Signal(str, str)
    cancel_wanted = Signal()
    open_wanted = Signal()
    palette_wanted = Signal()
    about_wanted = Signal()
    help_wanted = Signal()
    shortcuts_wanted = Signal()
    settings_wanted = Signal()
    mode_chosen = Signal(str)
    hidden_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.may_close: Callable[[], bool] = lambda: True
        self._state = ShellState()
        self._pages: dict[str, Page] = {}
        self._shortcuts: list[QShortcut] = []
        self.setObjectName("shell")
        self.setProperty("kind", "page")
        self.band = Band()
        self.header = Header()
        self.rail = Rail()
        self._rail_line = Line(vertical=True)
        self._banners: dict[str, Banner] = {}
        self._banner_column = QVBoxLayout()
        self._banner_column.setSpacing(0)
        self.stack = QStackedWidget()
        self.status = StatusBar()
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self.render_state(self._state)
        follow(self._restyle)

    @property
    def state(self) -> ShellState:
        return self._state

    def render_state(self, state: ShellState) -> None:
        """Show this state; showing it twice changes nothing."""
        self._state = state
        self.setWindowTitle(state.title)
        self.band.setVisible(state.band is not None)
        if state.band is not None:
            self.band.set(state.band.tone, state.band.word, state.band.place, state.band.actor)
        for part in (self.header, self.rail, self._rail_line):
            part.setVisible(state.framed)
        self.header.render_state(state)
        self.rail.set_items(state.pages, state.page)
        self._render_banners(state.banners[:MAX_BANNERS])
        if state.page in self._pages and self.stack.currentWidget() is not self._pages[state.page]:
            self.stack.setCurrentWidget(self._pages[state.page])
        self.status.set(state.left, state.right, state.task)

    def has_page(self, key: str) -> bool:
        return key in self._pages

    def add_page(self, key: str, page: Page) -> None:
        """Take a page in; it is shown when the state names it."""
        self._pages[key] = page
        self.stack.addWidget(page)

    def page(self, key: str) -> Page:
        return self._pages[key]

    def restore(self, geometry: bytes | None) -> None:
        """Take the place and size the window had, or a size that fits the screen."""
        if geometry and self.restoreGeometry(QByteArray(geometry)):
            return
        room = self.screen().availableGeometry().size() if self.screen() is not None else QSize(1280, 800)
        theme = current()
        self.resize(QSize(theme.text(1280), theme.text(800)).boundedTo(room))

    def geometry_bytes(self) -> bytes:
        return bytes(self.saveGeometry().data())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        # Pages scroll, so that the window may be smaller than what they hold.
        theme = current()
        return QSize(theme.text(460), theme.text(320))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 # Qt's name
        super().showEvent(event)
        self.hidden_changed.emit(self.isMinimized())

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 # Qt's name
        super().hideEvent(event)
        self.hidden_changed.emit(True)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.hidden_changed.emit(self.isMinimized())

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 # Qt's name
        return move_focus(self, forward=forward) or super().focusNextPrevChild(forward)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 # Qt's name
        if self.may_close():
            event.accept()
        else:
            event.ignore()

    def raise_up(self) -> None:
        """Bring the window before the operator, from wherever it was."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def ask_for_attention(self) -> None:
        """Let the platform tell, in its own way, that there is something to see, if the operator looks elsewhere."""
        QApplication.alert(self)

    def _render_banners(self, banners: tuple[BannerState, ...]) -> None:
        if [banner.state for banner in self._banners.values()] == list(banners):
            return
        clear(self._banner_column)
        self._banners = {}
        for state in banners:
            banner = Banner(state)
            banner.chosen.connect(lambda action, key=state.key: self.banner_chosen.emit(key, action))
            self._banners[state.key] = banner
            self._banner_column.addWidget(banner)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(self._banner_column)
        right.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self._rail_line)
        middle.addLayout(right, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        for widget in (self.band, self.header):
            outer.addWidget(widget)
        outer.addLayout(middle, 1)
        outer.addWidget(self.status)

    def _connect(self) -> None:
        self.header.picker.chosen.connect(self.connection_chosen)
        self.header.picker.manage.connect(self.connections_wanted)
        self.header.identity.chosen.connect(self.identity_chosen)
        self.header.identity.unlock.connect(self.unlock_wanted)
        self.header.identity.manage.connect(self.identities_wanted)
        self.header.identity.make.connect(self.certificate_wanted)
        self.header.lock.connect(self.lock_wanted)
        self.header.refresh.connect(self.refresh_wanted)
        self.header.search.clicked.connect(self.palette_wanted)
        self.header.commands.connect(self.palette_wanted)
        self.header.open_file.connect(self.open_wanted)
        self.header.about.connect(self.about_wanted)
        self.header.help.connect(self.help_wanted)
        self.header.shortcuts.connect(self.shortcuts_wanted)
        self.header.settings.connect(self.settings_wanted)
        self.header.quit.connect(self.close)
        self.header.mode_chosen.connect(self.mode_chosen)
        self.rail.chosen.connect(self.page_chosen)
        self.status.cancelled.connect(self.cancel_wanted)

    def shortcuts(self) -> tuple[tuple[str, str], ...]:
        """The keys of the window and what they do, but for those that lead to no page now."""
        native = QKeySequence.SequenceFormat.NativeText
        pages = tuple(
            (QKeySequence(page_keys(at)).toString(native), tr("Open the page {title}", title=item.title))
            for at, item in enumerate(self._state.pages[:DIGITS])
        )
        named = [each for each in self._shortcuts if each.whatsThis()]
        return (*((each.key().toString(native), each.whatsThis()) for each in named), *pages)

    def _add_shortcuts(self) -> None:
        for at in range(DIGITS):
            self._shortcut(page_keys(at), "", partial(self._jump, at))
        keys = QKeySequence.StandardKey
        for sequence, does, act in (
            ("Ctrl+K", tr("Search or run a command"), self.palette_wanted.emit),
            (keys.Open, tr("Open a manifest file"), self.open_wanted.emit),
            (keys.Refresh, tr("Refresh"), self._refresh),
            ("Ctrl+,", tr("Settings"), self.settings_wanted.emit),
            (keys.HelpContents, tr("Help on the page in front"), self.help_wanted.emit),
            ("Ctrl+W", tr("Close the window"), self.close),
            ("Ctrl+Q", tr("Quit"), self.close),
        ):
            self._shortcut(sequence, does, act)

    def _shortcut(self, keys: str | QKeySequence.StandardKey, does: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setWhatsThis(does)
        shortcut.activated.connect(act)
        self._shortcuts.append(shortcut)

    def _jump(self, at: int) -> None:
        if at < len(self._state.pages):
            self.page_chosen.emit(self._state.pages[at].key)

    def _refresh(self) -> None:
        if self._state.can_refresh:
            self.refresh_wanted.emit()

    def _fit(self) -> None:
        narrow = current().narrow(self.width())
        self.rail.set_icons_only(narrow)
        self.header.search.set_compact(narrow)
        # Where letters are huge, who acts is worth more than what the menu and a key do too.
        self.header.search.setVisible(not current().large)

    def _restyle(self, theme: Theme) -> None:
        del theme
        self._fit()
        self.setMinimumSize(self.minimumSizeHint())
