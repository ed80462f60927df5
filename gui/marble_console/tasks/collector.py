"""Garbage is collected on the GUI thread alone, and never while a job is under way.

Python's collector runs on whichever thread happens to make the next object. What it finds may belong to a window, and only the
GUI thread may destroy that. And to look for garbage among the millions of objects of a large manifest under check takes a
second, in which the window waits; they are gone when the work is done.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_INTERVAL = 1000  # milliseconds
_OLDEST_WAIT = 600.0  # seconds


class Collector(QObject):
    """Takes the place of the automatic collector until `stop`. Made and stopped on the GUI thread."""

    def __init__(self, is_busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_busy = is_busy
        self._looked_everywhere = time.monotonic()
        self._timer = QTimer(self, interval=_INTERVAL)
        self._timer.timeout.connect(self.collect)
        gc.disable()

    def start(self) -> None:
        """Collect from now on. What there is by then stays for good: nobody need look at it again."""
        gc.freeze()
        self._timer.start()

    def collect(self) -> None:
        """Look through the generations that are due.

        Everything is looked through while another program has the keyboard, for that may be felt, and every ten minutes.
        """
        if self._is_busy():
            return
        young, middle, old = (
            count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if old and self._may_look_everywhere():
            gc.collect()
            self._looked_everywhere = time.monotonic()
        elif young or middle:
            gc.collect(1 if middle else 0)

    def stop(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _may_look_everywhere(self) -> bool:
        active = QGuiApplication.applicationState() is Qt.ApplicationState.ApplicationActive
        return not active or time.monotonic() - self._looked_everywhere > _OLDEST_WAIT
