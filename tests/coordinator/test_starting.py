"""From what lies on disk to the first state (spec: state-and-sealing.md, section 3)."""

import os

import pytest

from marble_coordinator.errors import StartFailed
from tests.fakes.api_driver import ApiDriver
from tests.fakes.simulated_directory import SimulatedDirectory


@pytest.fixture(scope="module")
def files():
    """What a coordinator in state 3 leaves behind."""
    directory = SimulatedDirectory()
    with ApiDriver(directory) as driver:
        driver.set_manifest()
    return directory.files


def state_of(files):
    directory = SimulatedDirectory(files)
    with ApiDriver(directory) as driver:
        assert directory.files == files, "a start writes nothing"
        return driver.world.state


def test_nothing_on_disk_means_waiting_for_a_manifest():
    assert state_of({}) == 2


def test_a_key_alone_means_waiting_for_a_manifest():
    assert state_of({"sealed_key": b"k" * 32}) == 2


def test_a_good_pair_means_running(files):
    assert state_of(files) == 3


@pytest.mark.parametrize(
    "key", [None, b"", b"short", b"k" * 16, os.urandom(32), b"k" * 64], ids=lambda key: str(key and len(key))
)
def test_a_missing_or_wrong_or_unusable_key_means_recovery(files, key):
    bent = {name: content for name, content in files.items() if name != "sealed_key"}
    assert state_of(bent if key is None else bent | {"sealed_key": key}) == 1


def test_data_damaged_behind_the_header_means_recovery(files):
    data = files["sealed_data"]
    assert state_of(files | {"sealed_data": data[:-1] + bytes([data[-1] ^ 1])}) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\0\0\0\0", b"\xff\xff\0\0null"], ids=["empty", "1", "4", "cut off"]
)
def test_data_that_no_key_could_open_ends_the_start(files, data):
    with pytest.raises(StartFailed, match="Cannot read the sealed state"):
        ApiDriver(SimulatedDirectory(files | {"sealed_data": data}))


def test_each_start_without_a_manifest_makes_another_root():
    roots = set()
    for _ in range(2):
        with ApiDriver(SimulatedDirectory()) as driver:
            roots.add(driver.world.authority.root.der)
    assert len(roots) == 2


def test_recovery_mode_has_a_temporary_root_that_a_restored_key_ends(files):
    locked = {name: content for name, content in files.items() if name != "sealed_key"}
    with ApiDriver(SimulatedDirectory(files)) as driver:
        root = driver.world.authority.root.der
    with ApiDriver(SimulatedDirectory(locked)) as driver:
        assert driver.world.authority.root.der != root
    with ApiDriver(SimulatedDirectory(locked | {"sealed_key": files["sealed_key"]})) as driver:
        assert driver.world.authority.root.der == root
