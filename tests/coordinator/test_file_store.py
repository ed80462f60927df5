"""The store on a real disk. What faults and crashes do to it: test_file_store_faults.py."""

import errno
import os
import stat
import sys

import pytest

from marble_coordinator.adapters.file_store import (
    DATA,
    KEY,
    NEW_KEY,
    PREVIOUS_DATA,
    FileStore,
    SealDirectoryInUse,
)
from marble_coordinator.adapters.seal_directory import LOCK_FILE
from marble_coordinator.ports import StorageError, StoredState
from tests.fakes.simulated_directory import Fault, SimulatedDirectory

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes and names")


def no_key_change(_data, _key):
    raise AssertionError("no key change is under way")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "parent" / "seal"


@pytest.fixture
def store(place):
    store = FileStore.open(place)
    yield store
    store.close()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_directory_holds_no_state(store):
    assert store.read(no_key_change) is None


def test_what_was_written_is_read_back_with_its_key(store):
    store.write(b"one", b"key")
    assert store.read(no_key_change) == StoredState(b"one", b"key")


def test_a_later_write_keeps_the_key_and_the_data_before_it(store, place):
    store.write(b"one", b"key")
    store.write(b"two")
    assert store.read(no_key_change) == StoredState(b"two", b"key")
    assert (place / PREVIOUS_DATA).read_bytes() == b"one"
    assert sorted(path.name for path in place.iterdir()) == [LOCK_FILE, DATA, PREVIOUS_DATA, KEY]


@pytest.mark.parametrize("key", [None, b"key"], ids=["no key given", "the same key given"])
def test_a_key_that_does_not_change_is_not_written_again(store, place, key):
    store.write(b"one", b"key")
    before = (place / KEY).stat()
    store.write(b"two", key)
    after = (place / KEY).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_no_key_but_the_one_in_force_stays_in_the_directory(store, place):
    store.write(b"one", b"key")
    store.write(b"two", b"another key")
    contents = {path.name: path.read_bytes() for path in place.iterdir()}
    assert contents == {LOCK_FILE: b"", DATA: b"two", PREVIOUS_DATA: b"one", KEY: b"another key"}


def test_a_removed_key_is_missing_and_comes_back_with_the_next_one_written(store, place):
    store.write(b"one", b"key")
    (place / KEY).unlink()
    assert store.read(no_key_change) == StoredState(b"one", None)
    store.write(b"two", b"key")
    assert store.read(no_key_change) == StoredState(b"two", b"key")


def test_an_overwritten_key_is_handed_out_as_it_is(store, place):
    store.write(b"one", b"key")
    (place / KEY).write_bytes(b"")
    assert store.read(no_key_change) == StoredState(b"one", b"")


def test_deleted_data_mean_no_state_and_the_next_write_keeps_the_old_backup(store, place):
    store.write(b"one", b"key")
    store.write(b"two")
    (place / DATA).unlink()
    assert store.read(no_key_change) is None
    store.write(b"three", b"another key")
    assert (place / PREVIOUS_DATA).read_bytes() == b"one"


@posix
def test_only_the_owner_may_look_whatever_the_umask(place):
    former = os.umask(0)
    try:
        store = FileStore.open(place)
        store.write(b"one", b"key")
        store.write(b"two", b"another key")
        store.close()
    finally:
        os.umask(former)
    assert mode(place) == mode(place.parent) == 0o700
    assert {mode(path) for path in place.iterdir()} == {0o600}


def test_a_directory_has_one_coordinator_at_a_time(store, place):
    with pytest.raises(SealDirectoryInUse, match=str(place)):
        FileStore.open(place)
    store.write(b"one", b"key")
    store.close()
    successor = FileStore.open(place)
    assert successor.read(no_key_change) == StoredState(b"one", b"key")
    successor.close()


def test_closing_twice_does_no_harm(place):
    store = FileStore.open(place)
    store.close()
    store.close()


def test_unfinished_files_of_a_crash_are_cleared_away(place):
    place.mkdir(parents=True)
    (place / "sealed_data.tmp").write_bytes(b"half")
    (place / "sealed_data.old.tmp").write_bytes(b"half")
    FileStore.open(place).close()
    assert [path.name for path in place.iterdir()] == [LOCK_FILE]


def test_files_of_others_are_left_alone(store, place):
    (place / "notes").write_text("mine")
    store.write(b"one", b"key")
    assert (place / "notes").read_text() == "mine"


@posix
@pytest.mark.parametrize("name", [DATA, KEY, NEW_KEY])
@pytest.mark.parametrize("odd", ["directory", "symbolic link", "named pipe"])
def test_something_else_than_a_file_is_named_and_refused(store, place, name, odd):
    store.write(b"one", b"key")
    path = place / name
    path.unlink(missing_ok=True)
    match odd:
        case "directory":
            path.mkdir()
        case "symbolic link":
            path.symlink_to(place / PREVIOUS_DATA)
        case "named pipe":
            os.mkfifo(path)
    with pytest.raises(
        StorageError, match=f"Cannot read the sealed state in {place}: {name} is not a regular file."
    ):
        store.read(no_key_change)


@posix
def test_a_symbolic_link_in_the_way_is_replaced_not_followed(store, place, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (place / "sealed_data.tmp").symlink_to(victim)
    (place / NEW_KEY).symlink_to(victim)
    store.write(b"one", b"key")
    assert victim.read_text() == "mine"
    assert store.read(no_key_change) == StoredState(b"one", b"key")


@pytest.mark.parametrize("below", [".", "seal", "a/b"])
def test_a_place_where_no_directory_can_be_is_named(tmp_path, below):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"Cannot make the seal directory .*file.*\."):
        FileStore.open(tmp_path / "file" / below)


@pytest.mark.parametrize("step", [0, 1])
def test_missing_rights_at_the_start_are_told_and_the_lock_is_let_go(step):
    directory = SimulatedDirectory()
    directory.plan(step, Fault.FAIL, errno.EACCES)
    with pytest.raises(StorageError, match="Cannot use the seal directory in seal: Permission denied"):
        FileStore(directory)
    directory.repair()
    FileStore(directory).close()


def test_a_state_without_read_permission_is_no_missing_state():
    directory = SimulatedDirectory({DATA: b"one", KEY: b"key"})
    store = FileStore(directory)
    directory.plan(0, Fault.FAIL, errno.EACCES)
    with pytest.raises(StorageError, match="Cannot read the sealed state in seal: Permission denied"):
        store.read(no_key_change)


def test_a_key_without_read_permission_is_no_missing_key():
    """Recovery mode would invite the operator to dismiss a state that a change of rights can save."""
    directory = SimulatedDirectory({DATA: b"one", KEY: b"key"})
    store = FileStore(directory)
    directory.plan(1, Fault.FAIL, errno.EACCES)
    with pytest.raises(StorageError, match="Permission denied"):
        store.read(no_key_change)


def test_a_full_disk_is_told(store, monkeypatch):
    store.write(b"one", b"key")

    def full(_file, _content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageError, match=r"Cannot write the sealed state in .*: No space left on device\."):
        store.write(b"two")
    monkeypatch.undo()
    assert store.read(no_key_change) == StoredState(b"one", b"key")
