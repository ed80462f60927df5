"""Garbage is collected on the GUI thread alone, and never while a job is under way.

Python's collector runs on whichever thread happens to make the next object. What it finds may belong to a window, and only the
GUI thread may destroy that. And to look for garbage among the millions of objects of a large manifest under check takes a
second, in which the window waits; they are gone when the work is done.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 1000  # milliseconds


class Collector(QObject):
    """Takes the place of the automatic collector until `stop`. Made and stopped on the GUI thread."""

    def __init__(self, is_busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_busy = is_busy
        self._timer = QTimer(self, interval=_INTERVAL)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        gc.disable()

    def collect(self) -> None:
        """Look through the generations that are due, as the automatic collector would."""
        if self._is_busy():
            return
        due = [
            at
            for at, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if count > most
        ]
        if due:
            gc.collect(due[-1])

    def stop(self) -> None:
        self._timer.stop()
        gc.enable()
