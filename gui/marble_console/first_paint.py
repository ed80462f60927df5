"""When a window is on the screen for the first time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

# A window that starts minimised or on a hidden desktop is painted late or never; its content is wanted all the same.
PATIENCE_MILLISECONDS = 500


class FirstPaint(QObject):
    """Calls `then` once, when `window` was painted, or after a while in which it was not."""

    def __init__(self, window: QWidget, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._then = then
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MILLISECONDS)
        self._patience.timeout.connect(self._call)
        self._patience.start()
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt names it
        if event.type() == QEvent.Type.Paint:
            # The event comes before the painting; the next turn of the loop comes after it.
            self._patience.start(0)
            self._window.removeEventFilter(self)
        return False

    def _call(self) -> None:
        self._window.removeEventFilter(self)
        self._then()
        self.deleteLater()
