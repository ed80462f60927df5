"""A pytest plugin for the conformance tests: no port is given out twice. `.ci/run` loads it.

Their harness draws a port that is free at the moment and keeps no hold on it. Two workers, or the two ports of one
coordinator, sometimes draw the same; the coordinator that comes second then says that the address is in use, and a test
fails that has nothing to do with it. Here each worker draws from ports of its own, and each of them once.
"""

import os
import sys
from collections.abc import Callable


def distinct(draw: Callable[[], int], worker: int, workers: int) -> Callable[[], int]:
    """Draws as `draw` does, until it is a port of this worker's that was not given out before."""
    given: set[int] = set()

    def free_port() -> int:
        while (port := draw()) in given or port % workers != worker:
            continue
        given.add(port)
        return port

    return free_port


def pytest_configure() -> None:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    harness = sys.modules["harness"]  # loaded by the conftest.py of the conformance tests
    harness.free_port = distinct(harness.free_port, worker, workers)  # type: ignore[attr-defined]  # it is not ours
