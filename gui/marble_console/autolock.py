"""Locks the console when nobody has used it for a while, and on Ctrl+L: watches for keys and clicks anywhere in it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

_LOCK = QKeySequence("Ctrl+L")
_MILLISECONDS = 1000
_USE = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
}


class AutoLock(QObject):
    """`due` when the console was idle for `seconds`; after a sleep of the computer, with the first key or click.

    With 0 it is due by Ctrl+L alone.

    Ctrl+L is looked for here, since a shortcut of the window is dead while a dialog stands before it.
    """

    due = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        seconds: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._seconds = 0
        self._clock = clock
        self._used = clock()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.due)
        self.set_seconds(seconds)
        application = QCoreApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    @staticmethod
    def keys() -> str:
        """What locks at once, as the platform writes it."""
        return _LOCK.toString(QKeySequence.SequenceFormat.NativeText)

    def set_seconds(self, seconds: int) -> None:
        """Be due after so many seconds without use, counted from now; 0: never."""
        self._seconds = seconds
        self._used = self._clock()
        self._timer.setInterval(seconds * _MILLISECONDS)
        if seconds:
            self._timer.start()
        else:
            self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        del watched
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and _is_lock(event):
            self.due.emit()
            return True
        if self._seconds and event.type() in _USE:
            now, before = self._clock(), self._used
            self._used = now
            self._timer.start()
            if now - before >= self._seconds:
                # The timer stood still while the computer slept; the clock on the wall did not.
                self.due.emit()
        return False


def _is_lock(event: QKeyEvent) -> bool:
    return QKeySequence(event.keyCombination()) == _LOCK
