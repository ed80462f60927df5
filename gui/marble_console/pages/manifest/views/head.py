"""The head of the manifest page: its verdict, and what can be done with the document in front."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from marble_console.pages.manifest.state import ManifestState
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.layout import PageHeader
from marble_console.words import tr


class Head(PageHeader):
    """`menu` is the Edit menu, which the page fills."""

    open_wanted = Signal()
    save_wanted = Signal()
    compare_wanted = Signal()
    set_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Manifest"), parent=parent)
        opened = Button(tr("Open…"), icon_name="folder-open", name="manifest:open")
        opened.clicked.connect(self.open_wanted)
        self._save = Button(tr("Save"), icon_name="download", name="manifest:save")
        self._save.clicked.connect(self.save_wanted)
        self._compare = Button(tr("Compare"), icon_name="git-compare", name="manifest:compare")
        self._compare.clicked.connect(self.compare_wanted)
        self._deploy = Button(tr("Set manifest…"), "primary", "send", name="manifest:deploy")
        self._deploy.clicked.connect(self.set_wanted)
        self.menu = QMenu(self)
        self.menu.setObjectName("manifest:edit-menu")
        edit = IconButton("menu", tr("Edit"), name="manifest:edit")
        edit.setMenu(self.menu)
        edit.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (opened, self._save, edit, self._compare, self._deploy):
            self.buttons.addWidget(button)
        follow(self._pad)

    def show_state(self, state: ManifestState) -> None:
        self.set_chip(state.verdict)
        self.set_subtitle(state.note)
        self._save.set_action(state.save)
        self._compare.set_action(state.compare)
        self._deploy.set_action(state.deploy)

    def _pad(self, theme: Theme) -> None:
        self.setContentsMargins(theme.pad(24), theme.pad(12), theme.pad(16), theme.pad(12))
