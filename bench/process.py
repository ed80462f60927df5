"""A coordinator under measurement: started by any command, set up by the variables every coordinator knows."""

import os
import random
import re
import shlex
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.wire import Connection, client_context, request

START_TIMEOUT_SECONDS = 30.0
TICKS = os.sysconf("SC_CLK_TCK")
STATUS = request("GET", "/status")


class NotAnswering(Exception):
    """A program that does not come up; says which, with the end of its log."""


class Coordinator:
    """One process group on free loopback ports, with all its files below `folder`."""

    def __init__(self, command: str, folder: Path) -> None:
        self.command = command
        self.folder = folder
        self.seal_dir = folder / "seal"
        self.port = self.mesh_port = 0
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> float:
        """Seconds from the start of the process to its first answer."""
        self.port, self.mesh_port = _free_port(), _free_port()
        # Where bytecode may not be written, every start would compile our modules: that is not what users see.
        ours = ("EDG_", "PYTHONDONTWRITEBYTECODE")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
            "EDG_COORDINATOR_CLIENT_ADDR": f"127.0.0.1:{self.port}",
            "EDG_COORDINATOR_MESH_ADDR": f"127.0.0.1:{self.mesh_port}",
            "EDG_COORDINATOR_SEAL_DIR": str(self.seal_dir),
            "EDG_COORDINATOR_DNS_NAMES": "localhost",
        }
        with (self.folder / "log").open("ab") as log:
            begin = time.perf_counter()
            self._process = subprocess.Popen(
                shlex.split(self.command),
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        context = client_context()
        while True:
            try:
                with Connection(self.port, context) as connection:
                    connection.must(STATUS)
                return time.perf_counter() - begin
            except (ConnectionError, ssl.SSLError):
                self._check_start(begin)
                time.sleep(0.001)

    def _check_start(self, begin: float) -> None:
        assert self._process  # noqa: S101 -- start has made it
        if self._process.poll() is not None or time.perf_counter() - begin > START_TIMEOUT_SECONDS:
            tail = (self.folder / "log").read_bytes()[-2000:].decode(errors="replace")
            self.stop()
            raise NotAnswering(f"'{self.command}' does not answer. The end of its log:\n{tail}")

    def stop(self) -> None:
        if self._process is None:
            return
        for each in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, each)
                self._process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self._process = None

    def forget_key(self) -> None:
        """Make the stored key useless, so that the next start waits for recovery.

        Some coordinators end on a wrong key unless it looks like one wrapped by a security module they cannot reach.
        """
        path = self.seal_dir / "sealed_key"
        size = path.stat().st_size
        path.write_bytes((b"HSM_SEALED" + os.urandom(size))[:size])

    def cpu_seconds(self) -> float:
        """CPU time, user and system, of all processes of the command so far; in steps of a clock tick (10 ms)."""
        return sum((int(fields[11]) + int(fields[12])) / TICKS for fields in self._stats())

    def memory(self) -> int:
        """Resident bytes of all processes of the command."""
        total = 0
        for pid in self._pids():
            if match := re.search(r"VmRSS:\s+(\d+) kB", _read(Path(f"/proc/{pid}/status"))):
                total += int(match[1]) * 1024
        return total

    def _pids(self) -> Iterator[int]:
        assert self._process  # noqa: S101 -- asked of a running coordinator only
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                fields = _stat_fields(entry)
                if fields and int(fields[3]) == self._process.pid:  # the session that this process leads
                    yield int(entry.name)

    def _stats(self) -> Iterator[list[str]]:
        for pid in self._pids():
            if fields := _stat_fields(Path(f"/proc/{pid}")):
                yield fields


def _stat_fields(process: Path) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold blanks: state first (proc(5), field 3)."""
    return _read(process / "stat").rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended meanwhile
        return ""


def _free_port() -> int:
    """A port below the range that the kernel gives to outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(12000, 31000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
