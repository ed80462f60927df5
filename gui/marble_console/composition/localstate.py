"""The seal directory of the local coordinator, for backups and for what is put back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt

from marble_console.composition.connections import Connections


class LocalState(QObject):
    """Where the state is, and a way to stop the coordinator before it is changed."""

    def __init__(self, connections: Connections, parent: QObject) -> None:
        super().__init__(parent)
        self._connections = connections
        self._when_down: Callable[[], None] | None = None

    @property
    def folder(self) -> Path:
        return self._connections.local_coordinator().coordinator.folder

    def stop(self, then: Callable[[], None]) -> None:
        """Stop the local coordinator; go on when it is down."""
        local = self._connections.local_coordinator()
        if local.coordinator.situation.stage.is_down:
            then()
            return
        self._when_down = then
        local.changed.connect(self._local_changed, Qt.ConnectionType.UniqueConnection)
        local.coordinator.stop()

    def start(self) -> None:
        self._connections.local_coordinator().coordinator.start()

    def _local_changed(self) -> None:
        local = self._connections.local_coordinator()
        if local.coordinator.situation.stage.is_down and self._when_down is not None:
            then, self._when_down = self._when_down, None
            local.changed.disconnect(self._local_changed)
            then()
