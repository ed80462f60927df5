"""The coordinator that comes with the console: a child process on loopback, started, watched and stopped.

It is told to stop when its standard input ends, so it never outlives the console, however that ends. Plain threads, no
Qt: `changed` and `logged` are called from them, and whoever shows something relays to its own thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from marble_client.witness import Deed
from marble_console.coordinators.logline import LogLine, parse_log_line
from marble_console.coordinators.problems import (
    BundledProblem,
    PortsTaken,
    crashed,
    diagnosis,
    forbidden,
    not_executable,
)
from marble_console.coordinators.ready import LOOPBACK, Ready, parse_ready
from marble_console.journal.chain import Outcome
from marble_console.journal.deeds import Done
from marble_console.journal.recorder import Ticket
from marble_console.words import tr

CLIENT_PORT = 4433
MESH_PORT = 2001
_PORTS_TRIED = 100
_LOST_PORTS = 3
_LINES_KEPT = 10_000
_LINES_SHOWN = 20
_LONGEST_LINE = 1 << 16
_GRACE_SECONDS = 10.0
_TERMINATE_SECONDS = 5.0

Command = Sequence[str]


class Stage(StrEnum):
    """What the operator sees. Only `STOPPED`, `CRASHED` and `FAILED` can be started from."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    CRASHED = "crashed"  # ended after it had been running
    FAILED = "failed"  # never came to run

    @property
    def is_down(self) -> bool:
        return self in {Stage.STOPPED, Stage.CRASHED, Stage.FAILED}


@dataclass(frozen=True, slots=True)
class Situation:
    """How it is. `ready` is set while running, `problem` when crashed or failed, with the end of the log."""

    stage: Stage = Stage.STOPPED
    ready: Ready | None = None
    problem: BundledProblem | None = None
    log_end: tuple[LogLine, ...] = ()


def coordinator_command() -> Command:
    """The coordinator's program: beside our own in a bundle, else a module of this Python."""
    if getattr(sys, "frozen", False):
        own = Path(sys.executable)
        return [str(own.with_name(f"marble-coordinator{own.suffix}"))]
    # -P keeps the working directory off the module path: nothing that lies there is ever imported.
    return [sys.executable, "-P", "-X", "utf8", "-m", "marble_coordinator.main"]


def free_port(first: int) -> int:
    """The first port from `first` on that is free on loopback; raises PortsTaken."""
    last = first + _PORTS_TRIED - 1
    for port in range(first, last + 1):
        with contextlib.suppress(OSError), socket.create_server((LOOPBACK, port)):
            return port
    raise PortsTaken(
        tr("All ports from {first} to {last} are in use on this computer.", first=first, last=last),
        hint=tr("Stop a program that listens there, and start the coordinator again."),
    )


class BundledCoordinator:
    """One coordinator with its state in `folder`. Every method returns at once, but for `wait` and `close`.

    `changed` says that `situation` is another, `logged` brings each log line; both come from worker threads. `begin` accounts
    for each start and stop.
    """

    def __init__(
        self,
        folder: Path,
        *,
        changed: Callable[[], None] = lambda: None,
        logged: Callable[[LogLine], None] = lambda _: None,
        begin: Callable[[Deed], Ticket] = lambda _: Ticket(),
        command: Command | None = None,
        client_port: int = CLIENT_PORT,
        mesh_port: int = MESH_PORT,
    ) -> None:
        self.folder = folder
        self._changed = changed
        self._logged = logged
        self._begin = begin
        self._starting, self._stopping = Ticket(), Ticket()
        self._command = command or coordinator_command()
        self._first_ports = client_port, mesh_port
        self._lock = threading.Lock()
        self._lines: deque[LogLine] = deque(maxlen=_LINES_KEPT)
        self._situation = Situation()
        self._process: subprocess.Popen[bytes] | None = None
        self._life: threading.Thread | None = None
        self._again = False  # start once more when this life ends

    @property
    def situation(self) -> Situation:
        with self._lock:
            return self._situation

    @property
    def log(self) -> tuple[LogLine, ...]:
        """The newest lines, of earlier starts too; oldest first."""
        with self._lock:
            return tuple(self._lines)

    def start(self) -> None:
        """Start it, unless it runs or is about to."""
        with self._lock:
            if not self._situation.stage.is_down:
                return
            self._situation = Situation(Stage.STARTING)
            self._again = False
            self._starting = self._begin(Deed(Done.START_LOCAL))
            # A daemon: should the console end without `close`, it must not wait for a child that waits for its end.
            self._life = threading.Thread(target=self._live, name="bundled coordinator", daemon=True)
            self._life.start()
        self._changed()

    def stop(self) -> None:
        """Ask it to stop; insist when it does not within some seconds."""
        self._stop(again=False)

    def restart(self) -> None:
        """Stop it, and start it when it has stopped; start it at once when it is down."""
        if not self._stop(again=True):
            self.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is down; False when it still is not after so many seconds."""
        if life := self._life:
            life.join(seconds)
        return self.situation.stage.is_down

    def close(self) -> None:
        """Stop it for good and wait for its end: for the end of the console."""
        self.stop()
        self.wait()

    def _stop(self, *, again: bool) -> bool:
        with self._lock:
            if self._situation.stage.is_down:
                return False
            self._again = again
            if self._situation.stage is Stage.STOPPING:
                return True
            self._situation = Situation(Stage.STOPPING)
            self._stopping = self._begin(Deed(Done.STOP_LOCAL))
            process = self._process
        if process:
            _end(process)
        self._changed()
        return True

    # What follows runs on threads of its own

    def _live(self) -> None:
        lost = 0
        while True:
            situation = self._run()
            # Between the look for a free port and the listening, another program may be quicker: look again.
            if _lost_a_port(situation) and lost < _LOST_PORTS:
                lost += 1
                continue
            with self._lock:
                again, self._again = self._again, False
                self._account(situation, again=again)
                self._situation = Situation(Stage.STARTING) if again else situation
            self._changed()
            if not again:
                return

    def _account(self, situation: Situation, *, again: bool) -> None:
        """A life is over. Of a start that came to run, and where no stop was asked for, there is nothing more to say."""
        problem = situation.problem
        self._starting.end(Outcome.NOT_DONE, code=problem.code if problem is not None else "stopped")
        self._stopping.end(Outcome.SUCCEEDED)
        if again:
            self._starting = self._begin(Deed(Done.START_LOCAL))

    def _run(self) -> Situation:
        """One process from its start to its end; returns what to say afterwards."""
        try:
            _require_folder(self.folder)
            process = self._launch(*map(free_port, self._first_ports))
        except BundledProblem as problem:
            return Situation(Stage.FAILED, problem=problem)
        except OSError as error:
            return Situation(Stage.FAILED, problem=not_executable(error))
        with self._lock:
            self._process = process
            stopping = self._situation.stage is Stage.STOPPING
        if stopping:
            _end(process)
        end: deque[LogLine] = deque(maxlen=_LINES_SHOWN)
        reading = threading.Thread(
            target=self._read_log, args=(_opened(process.stderr), end), name="coordinator log", daemon=True
        )
        reading.start()
        was_ready = self._read_ready(_opened(process.stdout), end)
        code = process.wait()
        reading.join()
        with self._lock:
            self._process = None
            stopping = self._situation.stage is Stage.STOPPING
        _close(process)
        if stopping or code == 0:
            return Situation(Stage.STOPPED)
        if was_ready:
            return Situation(Stage.CRASHED, problem=crashed(code), log_end=tuple(end))
        return Situation(Stage.FAILED, problem=diagnosis(self.folder, code, end), log_end=tuple(end))

    def _launch(self, client_port: int, mesh_port: int) -> subprocess.Popen[bytes]:
        arguments = [
            f"--client-addr={LOOPBACK}:{client_port}",
            f"--mesh-addr={LOOPBACK}:{mesh_port}",
            f"--seal-dir={self.folder}",
            "--ready-json",
            "--stop-with-stdin",
        ]
        return subprocess.Popen(  # noqa: S603  our own program, and arguments that we made
            [*self._command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=_environment(os.environ),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def _read_ready(self, stdout: IO[bytes], end: deque[LogLine]) -> bool:
        """Read standard output to its end; the first line that says so makes the coordinator a running one."""
        was_ready = False
        for line in _lines(stdout):
            try:
                ready = parse_ready(line)
            except ValueError:
                self._add(line, end)
                continue
            was_ready = True
            with self._lock:
                self._starting.end(Outcome.SUCCEEDED)
                if self._situation.stage is Stage.STARTING:
                    self._situation = Situation(Stage.RUNNING, ready)
            self._changed()
        return was_ready

    def _read_log(self, stderr: IO[bytes], end: deque[LogLine]) -> None:
        for line in _lines(stderr):
            self._add(line, end)

    def _add(self, text: str, end: deque[LogLine]) -> None:
        line = parse_log_line(text)
        end.append(line)
        with self._lock:
            self._lines.append(line)
        self._logged(line)


def _lost_a_port(situation: Situation) -> bool:
    """Whether a port was in use that had been free; its own last word tells, and says nothing if none was free."""
    return isinstance(situation.problem, PortsTaken) and bool(situation.problem.detail)


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    """Popen types its pipes as optional; ours were all asked for."""
    assert pipe is not None  # noqa: S101  for the type checker
    return pipe


def _lines(stream: IO[bytes]) -> Iterator[str]:
    while line := stream.readline(_LONGEST_LINE):
        yield line.decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its standard input, which asks it to stop; a thread insists later."""
    with contextlib.suppress(OSError):  # it has ended already
        _opened(process.stdin).close()
    threading.Thread(target=_insist, args=(process,), name="coordinator stop", daemon=True).start()


def _insist(process: subprocess.Popen[bytes]) -> None:
    for seconds, harder in ((_GRACE_SECONDS, process.terminate), (_TERMINATE_SECONDS, process.kill)):
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            harder()
        else:
            return


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        with contextlib.suppress(OSError):
            _opened(pipe).close()


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Ours without the settings of other coordinators: this one is what the console says, nothing else."""
    return {
        name: value for name, value in environ.items() if not name.startswith(("EDG_", "MARBLE_COORDINATOR_"))
    }


def _require_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise forbidden(folder, error.strerror or str(error)) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise forbidden(folder, os.strerror(errno.EACCES))
