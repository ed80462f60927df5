"""What the manifest page offers in its Edit menu, with the keys for it: tables of entries, made into actions here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


class Entry(NamedTuple):
    """One thing to do. `without_document` where it can also be done while no document is open."""

    text: str
    keys: QKeySequence | QKeySequence.StandardKey | str | None
    do: Callable[[], object]
    without_document: bool = False


class Actions:
    """The entries as actions of a page and of its menu; those that need a document are off while there is none."""

    def __init__(self, page: QWidget, menu: QMenu) -> None:
        self._page = page
        self._menu = menu
        self._on_document: list[QAction] = []

    def add(self, entries: Iterable[Entry]) -> None:
        """Add a group of entries, set apart from those before."""
        if self._menu.actions():
            self._menu.addSeparator()
        for entry in entries:
            action = QAction(entry.text, self._page)
            if entry.keys is not None:
                action.setShortcut(QKeySequence(entry.keys))
            action.triggered.connect(lambda _=False, do=entry.do: do())
            self._page.addAction(action)
            self._menu.addAction(action)
            if not entry.without_document:
                self._on_document.append(action)

    def set_has_document(self, has_document: bool) -> None:
        for action in self._on_document:
            action.setEnabled(has_document)
