"""The tabs of open documents, the menu that opens more, and the choice of how the one in front is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabBar, QToolButton, QWidget

from marble_console.pages.manifest.newones import templates
from marble_console.pages.manifest.state import ManifestState
from marble_console.parts import Action
from marble_console.theme import Theme, current, follow, icon
from marble_console.widgets.button import IconButton
from marble_console.widgets.segments import Segments
from marble_console.widgets.text import one_line, tooltip
from marble_console.words import tr

TEXT, FORM, REFERENCES = "text", "form", "references"
VIEWS = ((TEXT, tr("Text")), (FORM, tr("Form")), (REFERENCES, tr("References")))


class DocumentTabs(QWidget):
    """The tabs, and how the document in front is shown.

    `chosen` and `closed` give the key of a tab; `template_chosen` that of a template, `load_wanted` that of what the coordinator
    has, `recent_chosen` a path.
    """

    chosen = Signal(str)
    closed = Signal(str)
    open_wanted = Signal()
    paste_wanted = Signal()
    load_wanted = Signal(str)
    template_chosen = Signal(str)
    recent_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filling = False
        self._recent: Sequence[Path] = ()
        self._loads: Sequence[Action] = ()
        self.bar = QTabBar()
        self.bar.setObjectName("manifest:tabs")
        self.bar.setAccessibleName(tr("Open manifests"))
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.currentChanged.connect(self._chosen)
        self.menu = QMenu(self)
        self.menu.setObjectName("manifest:more")
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill_menu)
        more = IconButton("plus", tr("Open or make another manifest"), size=16, name="manifest:more")
        more.setMenu(self.menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.views = Segments(VIEWS, name=tr("View"), parent=self)
        self.split = IconButton(
            "columns-2",
            tr("Text beside the form or the references"),
            name="manifest:split",
            shortcut="Alt+4",
            parent=self,
        )
        self.split.setCheckable(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.bar)
        self._row.addWidget(more)
        self._row.addStretch(1)
        self._beside = QHBoxLayout()
        self._beside.addWidget(self.split)
        self._row.addLayout(self._beside)
        self._row.addWidget(self.views)
        follow(self._restyle)

    def show_tabs(self, state: ManifestState) -> None:
        theme = current()
        tabs = state.tabs
        self._recent, self._loads = state.recent, state.loads
        self._filling = True
        try:
            while self.bar.count() > len(tabs):
                self.bar.removeTab(self.bar.count() - 1)
            while self.bar.count() < len(tabs):
                self._add_tab()
            for index, tab in enumerate(tabs):
                self.bar.setTabText(index, f"{tab.title} ●" if tab.modified else tab.title)
                self.bar.setTabToolTip(index, tooltip(tab.tooltip))
                self.bar.setTabIcon(index, icon(tab.icon, theme.roles.text2))
                self.bar.setTabData(index, tab.key)
                if tab.key == state.current:
                    self.bar.setCurrentIndex(index)
        finally:
            self._filling = False

    def set_has_room(self, has_room: bool) -> None:
        """Whether two views have room side by side."""
        self.split.setEnabled(has_room)
        self.split.setToolTip(
            self.split.accessibleName() + " (Alt+4)"
            if has_room
            else tr("There is no room for two views side by side: widen the window.")
        )

    def _add_tab(self) -> None:
        index = self.bar.addTab("")
        close = IconButton("x", tr("Close"), name="manifest:close")
        close.clicked.connect(lambda: self._close(close))
        self.bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)

    def _close(self, button: QWidget) -> None:
        right = QTabBar.ButtonPosition.RightSide
        for index in range(self.bar.count()):
            if self.bar.tabButton(index, right) is button:
                self.closed.emit(self.bar.tabData(index))
                return

    def _chosen(self, index: int) -> None:
        if not self._filling and index >= 0:
            self.chosen.emit(self.bar.tabData(index))

    def _fill_menu(self) -> None:
        self.menu.clear()
        for template in templates():
            made = self.menu.addAction(tr("New: {title}", title=template.title))
            made.setToolTip(template.what)
            made.triggered.connect(lambda _=False, key=template.key: self.template_chosen.emit(key))
        self.menu.addSeparator()
        self.menu.addAction(tr("Open a manifest file…")).triggered.connect(self.open_wanted)
        recent = self.menu.addMenu(tr("Open recent"))
        recent.setEnabled(bool(self._recent))
        for path in self._recent:
            shown = one_line(f"{path.name}  ({path.parent})", 100).replace("&", "&&")
            recent.addAction(shown).triggered.connect(
                lambda _=False, path=path: self.recent_chosen.emit(path)
            )
        self.menu.addAction(tr("Paste from clipboard")).triggered.connect(self.paste_wanted)
        for load in self._loads:
            made = self.menu.addAction(load.text)
            made.setEnabled(load.enabled)
            made.setToolTip(tooltip(load.reason))
            made.triggered.connect(lambda _=False, key=load.key: self.load_wanted.emit(key))

    def _restyle(self, theme: Theme) -> None:
        self.bar.setIconSize(QSize(theme.icon(16), theme.icon(16)))
        self._row.setContentsMargins(0, 0, theme.pad(16), 0)
        self._beside.setContentsMargins(theme.pad(8), 0, theme.pad(8), 0)
