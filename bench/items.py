"""The items measured with coordinators. In each round every program takes its turn, so that a change of the machine's
mood meets all of them.
"""

import contextlib
import json
import os
import shlex
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import load
from bench.load import Generators
from bench.marbles import Job, Marbles
from bench.process import STATUS, Coordinator
from bench.report import Cell, Row
from bench.samples import (
    RecoveryKey,
    User,
    big_secrets,
    manifest,
    new_user,
    rsa_secrets,
    secret_upload,
    update,
)
from bench.wire import Connection, UnexpectedAnswer, client_context, request

WRITES_PER_ROUND = 20
MANY = 16  # kept-alive connections
PROBE_PAUSE_SECONDS = 0.001


@dataclass
class Program:
    """One coordinator program, with the long-lived processes that several items share."""

    name: str
    command: str
    folder: Path
    small: Coordinator | None = None
    big: Coordinator | None = None
    recovery_secret: bytes = b""
    version: int = 1
    _started: list[Coordinator] = field(default_factory=list)

    def start(self) -> tuple[Coordinator, float]:
        """A coordinator that never ran before, and its seconds to the first answer."""
        coordinator = Coordinator(self.command, self.folder / f"run{len(self._started)}")
        self._started.append(coordinator)
        return coordinator, coordinator.start()

    def stop_all(self) -> None:
        for coordinator in self._started:
            coordinator.stop()


class Bench:
    def __init__(self, programs: dict[str, str], folder: Path, rounds: int, seconds: float) -> None:
        self.programs = [
            Program(name, command, folder / f"p{n}") for n, (name, command) in enumerate(programs.items())
        ]
        self.folder = folder
        self.rounds = rounds
        self.seconds = seconds
        self.user: User = new_user(folder)
        self.recovery_key = RecoveryKey()
        self.context = client_context(self.user.file)

    @contextlib.contextmanager
    def running(self) -> Iterator["Bench"]:
        """All programs with a small and a big state in force; stopped at the end, whatever happens."""
        try:
            for program in self.programs:
                program.small, _ = program.start()
                self.post(program.small, "/manifest", manifest(self.user))
                program.big, _ = program.start()
                body = self.post(program.big, "/manifest", self.big_manifest())
                secrets = json.loads(body)["data"]["RecoverySecrets"]
                program.recovery_secret = self.recovery_key.decrypt(secrets["bench"])
            yield self
        finally:
            for program in self.programs:
                program.stop_all()

    def big_manifest(self) -> bytes:
        return manifest(self.user, marbles=200, secrets=big_secrets(), recovery_key=self.recovery_key.public)

    def post(self, coordinator: Coordinator, path: str, body: bytes) -> bytes:
        with Connection(coordinator.port, self.context) as connection:
            return connection.must(request("POST", path, body))

    def each(self, measure: Callable[[Program, Cell], None]) -> dict[str, Cell]:
        """Runs `measure` with every program in every round; a program that refuses gets a note instead of figures."""
        cells = {program.name: Cell() for program in self.programs}
        for _ in range(self.rounds):
            for program in self.programs:
                cell = cells[program.name]
                if not cell.note:
                    try:
                        measure(program, cell)
                    except UnexpectedAnswer as refusal:
                        cells[program.name] = Cell(note=f"refused ({refusal})")
        return cells

    # -- starting -------------------------------------------------------------------------------------------------
    def starts(self) -> Iterator[Row]:
        for program in self.programs:  # once for the disk cache and for bytecode
            program.start()[0].stop()
        memory = {program.name: Cell() for program in self.programs}

        def measure(program: Program, cell: Cell) -> None:
            coordinator, seconds = program.start()
            cell.add(seconds, coordinator.cpu_seconds(), 1)
            memory[program.name].add(coordinator.memory())
            coordinator.stop()

        yield Row("start to first answer", "s", self.each(measure), "0.3 s")
        yield Row("idle memory", "MB", memory, "65 MB")

    # -- reading --------------------------------------------------------------------------------------------------
    def reads(self) -> Iterator[Row]:
        names = list(big_secrets())
        hundred = names[50:150]  # 50 symmetric keys, 50 RSA certificates
        paths = {
            "GET /status": ("/status", "45 us CPU"),
            "GET /secrets, 1 of 300": (f"/secrets?s={names[150]}", "80 us CPU"),
            "GET /secrets, 100 of 300": (
                "/secrets?" + "&".join(f"s={name}" for name in hundred),
                "600 us CPU",
            ),
        }
        for label, (path, aim) in paths.items():
            for connections in (1, MANY):
                yield Row(
                    f"{label}, {connections} connection{'s' * (connections > 1)}",
                    "/s",
                    self.each(partial(self._load_program, path=path, connections=connections)),
                    aim,
                )
        fresh = self.each(partial(self._load_program, path="/status", connections=2, fresh=True))
        yield Row("new mutual-TLS connections, one request each", "/s", fresh)
        yield from self._floor()

    def _floor(self) -> Iterator[Row]:
        """What an answer over TLS takes on this machine when there is nothing behind it, to judge the figures by."""
        command = [sys.executable, str(Path(__file__).with_name("floor.py")), str(self.user.file)]
        floor = Coordinator(shlex.join(command), self.folder / "floor")
        floor.start()
        try:
            for connections in (1, MANY):
                cell = Cell()
                for _ in range(self.rounds):
                    self._load(floor, cell, "/", connections)
                row = f"floor: a bare answer over TLS, {connections} connection{'s' * (connections > 1)}"
                yield Row(row, "/s", {program.name: cell for program in self.programs})
        finally:
            floor.stop()

    def _load_program(
        self, program: Program, cell: Cell, path: str, connections: int, *, fresh: bool = False
    ) -> None:
        assert program.big  # noqa: S101 -- `running` has made it
        self._load(program.big, cell, path, connections, fresh=fresh)

    def _load(
        self, coordinator: Coordinator, cell: Cell, path: str, connections: int, *, fresh: bool = False
    ) -> None:
        # Two generators at most: more processes than cores would only take turns.
        shares = [connections] if connections == 1 else [connections // 2, connections - connections // 2]
        text = request("GET", path).decode()
        jobs = [
            load.Job(coordinator.port, str(self.user.file), text, share, self.seconds, fresh)
            for share in shares
        ]
        generators = Generators(jobs)
        before = coordinator.cpu_seconds()
        count, rate = generators.run()
        cell.add(rate, coordinator.cpu_seconds() - before, count)

    # -- setting manifests ----------------------------------------------------------------------------------------
    def manifests(self) -> Iterator[Row]:
        bodies = {
            "POST /manifest, 1 marble": (manifest(self.user), ""),
            "POST /manifest, 200 marbles, 300 secrets (50 RSA-2048)": (
                self.big_manifest(),
                "1.4 s on two cores",
            ),
            "POST /manifest, 5 MB": (manifest(self.user, marbles=500, filler=5_000_000), ""),
        }
        for label, (body, aim) in bodies.items():

            def measure(program: Program, cell: Cell, body: bytes = body) -> None:
                coordinator, _ = program.start()
                try:
                    self._timed(coordinator, cell, request("POST", "/manifest", body))
                finally:
                    coordinator.stop()

            yield Row(label, "s", self.each(measure), aim)

    def _timed(self, coordinator: Coordinator, cell: Cell, data: bytes) -> None:
        with Connection(coordinator.port, self.context) as connection:
            cpu, begin = coordinator.cpu_seconds(), time.perf_counter()
            connection.must(data)
            cell.add(time.perf_counter() - begin, coordinator.cpu_seconds() - cpu, 1)

    def waits(self) -> Iterator[Row]:
        """How long a reader waits at most while a manifest with 20 RSA-3072 secrets is being set."""
        body = manifest(self.user, secrets=rsa_secrets(20, 3072))

        def measure(program: Program, cell: Cell) -> None:
            coordinator, _ = program.start()
            setter = threading.Thread(target=self.post, args=(coordinator, "/manifest", body))
            longest = 0.0
            try:
                with Connection(coordinator.port, self.context) as connection:
                    connection.must(STATUS)
                    setter.start()
                    while setter.is_alive():
                        begin = time.perf_counter()
                        connection.must(STATUS)
                        longest = max(longest, time.perf_counter() - begin)
                        time.sleep(PROBE_PAUSE_SECONDS)
            finally:
                setter.join()
                coordinator.stop()
            cell.add(longest)

        yield Row("longest GET /status while 20 RSA-3072 keys are made", "ms", self.each(measure), "10 ms")

    # -- changing -------------------------------------------------------------------------------------------------
    def changes(self) -> Iterator[Row]:
        for label, size, aim in (("small", "small", ""), ("big", "big", "6 ms")):
            disk = {program.name: Cell() for program in self.programs}

            def measure(program: Program, cell: Cell, size: str = size, disk: dict[str, Cell] = disk) -> None:
                coordinator: Coordinator = getattr(program, size)
                self._write_secrets(coordinator, cell)
                disk[program.name].add(_synced_write(coordinator.seal_dir))

            yield Row(f"POST /secrets, {label} state", "ms", self.each(measure), aim)
            yield Row("  of which the disk: same bytes, two fsyncs", "ms", disk)

        def raise_package(program: Program, cell: Cell) -> None:
            assert program.big  # noqa: S101 -- `running` has made it
            program.version += 1
            self._timed(program.big, cell, request("POST", "/update", update(program.version)))

        yield Row(
            "POST /update, renews 200 certificates (50 RSA-2048)", "s", self.each(raise_package), "1.3 s"
        )

    def _write_secrets(self, coordinator: Coordinator, cell: Cell) -> None:
        """Each write stores another value; the round's figure is the median of its writes."""
        times = []
        with Connection(coordinator.port, self.context) as connection:
            cpu = coordinator.cpu_seconds()
            for _ in range(WRITES_PER_ROUND):
                data = request("POST", "/secrets", secret_upload(time.monotonic_ns()))
                begin = time.perf_counter()
                connection.must(data)
                times.append(time.perf_counter() - begin)
            cell.add(statistics.median(times), coordinator.cpu_seconds() - cpu, WRITES_PER_ROUND)

    # -- activating marbles ---------------------------------------------------------------------------------------
    def activations(self) -> Iterator[Row]:
        """Each marble is a new connection with a certificate of its own."""
        for label, limit in (("", 0), (", counted", 1_000_000)):

            def rate(marbles: Marbles, coordinator: Coordinator, cell: Cell) -> None:
                before = coordinator.cpu_seconds()
                marbles.go()
                count, seconds = marbles.done()
                cell.add(count / seconds, coordinator.cpu_seconds() - before, count)

            two = partial(self._activate, at_once=2, seconds=self.seconds, limit=limit, measure=rate)
            yield Row(f"activations of marbles, 2 at once{label}", "/s", self.each(two))
            fifty = partial(
                self._activate, at_once=50, seconds=0.0, limit=limit, measure=self._longest_status
            )
            yield Row(f"longest GET /status while 50 marbles start{label}", "ms", self.each(fifty), "10 ms")

    def _activate(
        self,
        program: Program,
        cell: Cell,
        at_once: int,
        seconds: float,
        limit: int,
        measure: Callable[[Marbles, Coordinator, Cell], None],
    ) -> None:
        coordinator, _ = program.start()
        try:
            self.post(coordinator, "/manifest", manifest(self.user, activations=limit))
            job = Job(coordinator.mesh_port, str(self.user.file), "oven-0", at_once, seconds)
            measure(Marbles(job), coordinator, cell)
        finally:
            coordinator.stop()

    def _longest_status(self, marbles: Marbles, coordinator: Coordinator, cell: Cell) -> None:
        longest = 0.0
        with Connection(coordinator.port, self.context) as connection:
            connection.must(STATUS)
            marbles.go()
            while marbles.under_way:
                begin = time.perf_counter()
                connection.must(STATUS)
                longest = max(longest, time.perf_counter() - begin)
                time.sleep(PROBE_PAUSE_SECONDS)
        marbles.done()
        cell.add(longest)

    # -- coming back ----------------------------------------------------------------------------------------------
    def restarts(self) -> Iterator[Row]:
        memory = {program.name: Cell() for program in self.programs}

        def restart(program: Program, cell: Cell) -> None:
            assert program.big  # noqa: S101 -- `running` has made it
            program.big.stop()
            cell.add(program.big.start(), program.big.cpu_seconds(), 1)
            memory[program.name].add(program.big.memory())

        def recover(program: Program, cell: Cell) -> None:
            assert program.big  # noqa: S101 -- `running` has made it
            program.big.stop()
            program.big.forget_key()
            program.big.start()
            self._timed(program.big, cell, request("POST", "/recover", program.recovery_secret))

        yield Row("restart with the big state", "s", self.each(restart))
        yield Row("memory with the big state", "MB", memory)
        yield Row("POST /recover, big state", "ms", self.each(recover))


def _synced_write(folder: Path) -> float:
    """Median seconds to replace a file as large as the sealed state, synced with its directory, in the same place."""
    data = os.urandom((folder / "sealed_data").stat().st_size)
    target, new = folder / "bench-probe", folder / "bench-probe.new"
    times = []
    for _ in range(WRITES_PER_ROUND):
        begin = time.perf_counter()
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
        directory = os.open(folder, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
        times.append(time.perf_counter() - begin)
    target.unlink()
    return statistics.median(times)
