"""Brings what the bundled coordinator reports from its threads to the thread of the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from marble_console.coordinators.bundled import BundledCoordinator
from marble_console.coordinators.logline import LogLine


class LocalCoordinator(QObject):
    """Owns the bundled coordinator. `changed` and `logged` (a list of lines) are emitted on the window's thread."""

    changed = Signal()
    logged = Signal(list)
    _arrived = Signal()

    def __init__(
        self,
        folder: Path,
        parent: QObject | None = None,
        *,
        make: Callable[..., BundledCoordinator] = BundledCoordinator,
    ) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._lines: list[LogLine] = []
        self._told = False
        self._closed = False
        self._arrived.connect(self._relay, Qt.ConnectionType.QueuedConnection)
        self.coordinator = make(folder, changed=self._tell, logged=self._collect)

    def close(self) -> None:
        """Stop the coordinator and wait for its end; nothing is reported any more."""
        self._closed = True
        self.coordinator.close()

    def _collect(self, line: LogLine) -> None:
        with self._lock:
            self._lines.append(line)
        self._tell()

    def _tell(self) -> None:
        # One message for whatever came since the last: a coordinator that logs much does not flood the window.
        with self._lock:
            if self._told or self._closed:
                return
            self._told = True
        self._arrived.emit()

    def _relay(self) -> None:
        with self._lock:
            self._told = False
            lines, self._lines = self._lines, []
        if self._closed:
            return
        if lines:
            self.logged.emit(lines)
        self.changed.emit()
