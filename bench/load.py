"""One load generator, run as a process of its own: `python -m bench.load`, a job as JSON on standard input.

It says "ready" once its connections are warm, starts at "go", and prints how many requests it got answered. Each
connection has one request under way at all times; with `fresh` every request opens a connection and closes it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.wire import Connection, client_context

WARM_UP = 50


@dataclass(frozen=True)
class Job:
    port: int
    identity: str | None  # PEM file with certificate and key
    request: str
    connections: int
    seconds: float
    fresh: bool = False


def work(job: Job) -> tuple[int, float]:
    """Answered requests, and the seconds they took."""
    context = client_context(Path(job.identity) if job.identity else None)
    data = job.request.encode()
    connections = [] if job.fresh else [Connection(job.port, context) for _ in range(job.connections)]
    for connection in connections:
        for _ in range(WARM_UP):
            connection.must(data)
    print("ready", flush=True)
    sys.stdin.readline()
    count, start = 0, time.perf_counter()
    deadline = start + job.seconds
    if job.fresh:
        while time.perf_counter() < deadline:
            with Connection(job.port, context) as connection:
                connection.must(data)
            count += 1
        return count, time.perf_counter() - start
    for connection in connections:
        connection.send(data)
    while time.perf_counter() < deadline:
        for connection in connections:
            connection.receive()
            connection.send(data)
        count += len(connections)
    for connection in connections:
        connection.receive()
    return count + len(connections), time.perf_counter() - start


class Generators:
    """Load processes that wait, ready, for `run`."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.load"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).resolve().parent.parent,
            )
            for _ in jobs
        ]
        for process, job in zip(self._processes, jobs, strict=True):
            self._say(process, json.dumps(asdict(job)))
        for process in self._processes:
            if self._hear(process) != "ready":
                raise RuntimeError("a load generator did not get its connections up; its error is above")

    def run(self) -> tuple[int, float]:
        """Requests answered by all together, and requests a second."""
        for process in self._processes:
            self._say(process, "go")
        results = [json.loads(self._hear(process)) for process in self._processes]
        for process in self._processes:
            process.communicate()
        return sum(count for count, _ in results), sum(count / seconds for count, seconds in results)

    @staticmethod
    def _say(process: "subprocess.Popen[str]", line: str) -> None:
        assert process.stdin  # noqa: S101 -- a pipe was asked for
        process.stdin.write(line + "\n")
        process.stdin.flush()

    @staticmethod
    def _hear(process: "subprocess.Popen[str]") -> str:
        assert process.stdout  # noqa: S101 -- a pipe was asked for
        return process.stdout.readline().strip()


if __name__ == "__main__":
    print(json.dumps(work(Job(**json.loads(sys.stdin.readline())))))
