"""Locks the console when nobody has used it for a while, and on Ctrl+L: watches for keys and clicks anywhere in it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

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
    """`due` when the console was idle for so long; after a sleep of the computer, with the first key or click.

    Ctrl+L is looked for here, since a shortcut of the window is dead while a dialog stands before it.
    """

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
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and _is_lock(event):
            self.due.emit()
            return True
        if event.type() in _USE:
            now, before = self._clock(), self._used
            self._used = now
            self._timer.start()
            if now - before >= self._seconds:
                # The timer stood still while the computer slept; the clock on the wall did not.
                self.due.emit()
        return False


def _is_lock(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_L and event.modifiers() == Qt.KeyboardModifier.ControlModifier
