import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.fakes.api_driver import ApiDriver
from tests.fakes.crew import crewed
from tests.fakes.patience import PATIENCE
from tests.fakes.simulated_directory import SimulatedDirectory
from tests.fakes.updates import deploy


@pytest.fixture
def run_python():
    """Runs a few lines in a fresh interpreter and gives what they print."""

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
        )
        return done.stdout.strip()

    return run


@pytest.fixture
def directory() -> SimulatedDirectory:
    """The seal directory of `waiting`, `running` and `locked`, in memory."""
    return SimulatedDirectory()


@pytest.fixture
def waiting(directory) -> Iterator[ApiDriver]:
    """State 2: a coordinator without a manifest."""
    with ApiDriver(directory) as driver:
        yield driver


@pytest.fixture
def running(waiting) -> ApiDriver:
    """State 3: the ferry's manifest is in force. `recovery_secret` decrypts to the state key."""
    waiting.recovery_secret = waiting.set_manifest()["RecoverySecrets"]["owner"]
    return waiting


@pytest.fixture
def locked(directory) -> Iterator[ApiDriver]:
    """State 1: the ferry's state, with a door code set, and no key for it. `former` is what it held."""
    with ApiDriver(directory) as before:
        recovery_secret = before.set_manifest()["RecoverySecrets"]["owner"]
        assert before.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate").status == 200
        former = before.snapshot()
    directory.remove("sealed_key")
    with ApiDriver(directory) as driver:
        driver.recovery_secret, driver.former = recovery_secret, former
        yield driver


@pytest.fixture
def alone(waiting) -> ApiDriver:
    """The mate updates the manifest alone."""
    return deploy(waiting, crewed())


@pytest.fixture
def two(waiting) -> ApiDriver:
    """Mate and cook must agree."""
    return deploy(waiting, crewed(updaters=("mate", "cook")))
