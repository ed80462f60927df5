"""Tells that the desktop locks its session or that the computer is about to sleep, by whatever the platform offers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget


class Source(Protocol):
    """Calls back when the desktop locks or the computer sleeps, from when it is made until `stop`."""

    def stop(self) -> None: ...


class DesktopLock(QObject):
    """`locked` while it is `enabled`; never on a desktop that tells nothing."""

    locked = Signal()

    def __init__(
        self, window: QWidget, *, listen: Callable[[QWidget, Callable[[], None]], Source | None] | None = None
    ) -> None:
        super().__init__(window)
        self.enabled = True
        self._source = (listen or _listen)(window, self._heard)

    def stop(self) -> None:
        """Hear no more: the console ends."""
        if self._source is not None:
            self._source.stop()
            self._source = None

    def _heard(self) -> None:
        if self.enabled:
            self.locked.emit()


def _listen(window: QWidget, heard: Callable[[], None]) -> Source | None:
    # ruff: noqa: PLC0415 -- the other platforms' ways need not load
    if sys.platform == "win32":
        from marble_console.desktop.windows import WindowMessages

        return WindowMessages(window, heard)
    if sys.platform == "darwin":
        from marble_console.desktop.macos import ScreenNotifications

        return ScreenNotifications(heard)
    from marble_console.desktop.buses import BusSignals

    return BusSignals.of_this_desktop(heard)
