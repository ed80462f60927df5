"""One window an operator: a second start hands its arguments to the first and ends."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_CONNECT_MS = 1500
_ANSWER_MS = 15_000  # a window that listens is there, however busy it is: two must not have the same folder
_LONGEST = 1 << 16
# Socket addresses hold about a hundred bytes; a longer path cannot be one.
_LONGEST_PATH = 100


@dataclass(frozen=True, slots=True)
class Start:
    """What a start asks for: absolute paths of manifest files, and whether to open on the local coordinator."""

    local: bool = False
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, *, local: bool, files: Sequence[str]) -> Self:
        """Paths become absolute here: the first window has another working directory."""
        return cls(local, tuple(str(Path(file).absolute()) for file in files))

    def to_line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Raises ValueError for anything that `to_line` does not write."""
        try:
            record = json.loads(line)
            local, files = record["local"], record["files"]
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError("not a start") from error
        if (
            not isinstance(local, bool)
            or not isinstance(files, list)
            or not all(isinstance(file, str) for file in files)
        ):
            raise ValueError("not a start")
        return cls(local, tuple(files))


def socket_name(data_folder: Path) -> str:
    """Where the window of this data folder listens: in the folder itself, which belongs to the operator alone."""
    path = data_folder / "window.socket"
    if sys.platform != "win32" and len(str(path).encode()) <= _LONGEST_PATH:
        return str(path)
    return f"marble-console-{hashlib.sha256(str(data_folder).encode()).hexdigest()[:24]}"


def hand_over(name: str, start: Start) -> bool:
    """Give a start to the window that listens at `name`; False when there is none."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_CONNECT_MS):
        return False
    socket.write(start.to_line())
    socket.flush()
    taken = socket.waitForReadyRead(_ANSWER_MS) and bytes(socket.readAll().data()) == b"ok\n"
    socket.disconnectFromServer()
    return taken


class FirstWindow(QObject):
    """Listens for later starts. `started` brings each one."""

    started = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        # A window that was killed leaves its socket behind; nobody listens there, or `hand_over` had succeeded.
        QLocalServer.removeServer(name)
        self._server.listen(name)

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _LONGEST:
                socket.abort()
            return
        try:
            start = Start.from_line(bytes(socket.readLine(_LONGEST).data()))
        except ValueError:
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.started.emit(start)
