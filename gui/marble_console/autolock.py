"""Locks the console when nobody has used it for a while: watches for keys, clicks and the wheel anywhere in it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

IDLE_SECONDS = 5 * 60
_MILLISECONDS = 1000
_USE = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
}


class AutoLock(QObject):
    """`due` when the console was idle for so long; after a sleep of the computer, with the first key or click."""

    due = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        seconds: int = IDLE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._seconds = seconds
        self._clock = clock
        self._used = clock()
        self._timer = QTimer(self, singleShot=True, interval=seconds * _MILLISECONDS)
        self._timer.timeout.connect(self.due)
        self._timer.start()
        application = QCoreApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        del watched
        if event.type() in _USE:
            now, before = self._clock(), self._used
            self._used = now
            self._timer.start()
            if now - before >= self._seconds:
                # The timer stood still while the computer slept; the clock on the wall did not.
                self.due.emit()
        return False
