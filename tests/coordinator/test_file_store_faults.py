"""Every step of every kind of write fails, or is the last one before the power is cut. The old state or the new one."""

import contextlib
import errno
import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from marble_coordinator.adapters.file_store import DATA, KEY, NEW_KEY, PREVIOUS_DATA, FileStore
from marble_coordinator.ports import StorageError, StoredState
from tests.fakes.simulated_directory import Fault, ForgetfulDirectory, PowerCut, SimulatedDirectory

# A state names the key that opens it, which is all that a store needs of cryptography.
KEY_1 = b"first key, 32 bytes and no more.."
KEY_2 = b"second key, 32 bytes and no more."
JUNK = b"overwritten"
ZERO, ONE, TWO = KEY_1 + b": zero", KEY_1 + b": one", KEY_1 + b": two"
OTHER = KEY_2 + b": a state under another key"


def opens(data: bytes, key: bytes) -> bool:
    return data.partition(b": ")[0] == key


@dataclass(frozen=True)
class Case:
    """What is on disk, and the write under test."""

    before: dict[str, bytes]
    data: bytes
    key: bytes | None = None
    hard_links: bool = True

    def directory(self) -> SimulatedDirectory:
        return SimulatedDirectory(self.before, hard_links=self.hard_links)

    @property
    def old(self) -> StoredState | None:
        return StoredState(self.before[DATA], self.before.get(KEY)) if DATA in self.before else None

    @property
    def new(self) -> StoredState:
        return StoredState(self.data, self.key or self.before[KEY])


RUNNING = {DATA: ONE, KEY: KEY_1}
WITH_PREVIOUS = RUNNING | {PREVIOUS_DATA: ZERO}
CASES = {
    "the first write of all": Case({}, ONE, KEY_1),
    "the first write after the state was deleted": Case({KEY: KEY_2, PREVIOUS_DATA: ZERO}, ONE, KEY_1),
    "the second write": Case(RUNNING, TWO),
    "any later write": Case(WITH_PREVIOUS, TWO),
    "a write with the key as it is": Case(WITH_PREVIOUS, TWO, KEY_1),
    "a new key": Case(WITH_PREVIOUS, OTHER, KEY_2),
    "recovery after the key was removed": Case({DATA: ONE}, TWO, KEY_1),
    "recovery after the key was overwritten": Case({DATA: ONE, KEY: JUNK}, TWO, KEY_1),
    "a new manifest in recovery mode": Case({DATA: ONE, KEY: JUNK}, OTHER, KEY_2),
    "a write beside a key change that was never finished": Case(WITH_PREVIOUS | {NEW_KEY: KEY_2}, TWO),
    "a new key beside a key change that was never finished": Case(RUNNING | {NEW_KEY: JUNK}, OTHER, KEY_2),
    "a write without hard links": Case(WITH_PREVIOUS, TWO, hard_links=False),
    "a new key without hard links": Case(WITH_PREVIOUS, OTHER, KEY_2, hard_links=False),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@pytest.fixture(autouse=True)
def log_lines():
    with capture_logs() as lines:
        yield lines


def number_of_steps(case: Case) -> int:
    directory = case.directory()
    store = FileStore(directory)
    directory.step = 0
    store.write(case.data, case.key)
    return directory.step


def found_by_the_next_start(directory: SimulatedDirectory) -> StoredState | None:
    store = FileStore(directory)
    state = store.read(opens)
    store.close()
    if state is not None and state.key is not None and opens(state.data, state.key):
        copies = [name for name, content in directory.files.items() if content == state.key]
        assert copies == [KEY], "the key in force lies where nobody looks for it"
    return state


def is_old_or_new(case: Case, state: StoredState | None) -> bool:
    if state in (case.old, case.new):
        return True
    if state is None or state.key is None or not opens(state.data, state.key):
        return False
    # The old data with the key that opens them: the operator had brought it, and it got as far as the disk.
    return case.old is not None and state.data == case.old.data


def check_every_crash(case: Case, directory: SimulatedDirectory, *, written: bool) -> None:
    """Whatever a crash now would leave, and however often the start after it crashes, the state is there."""
    for survivor in directory.survivors():
        state = found_by_the_next_start(survivor)
        assert (state == case.new) if written else is_old_or_new(case, state), survivor.files


@every_case
def test_a_write_that_returns_is_on_disk(case):
    directory = case.directory()
    FileStore(directory).write(case.data, case.key)
    check_every_crash(case, directory, written=True)
    assert found_by_the_next_start(SimulatedDirectory(directory.files)) == case.new
    if case.old is not None:
        assert directory.files[PREVIOUS_DATA] == case.old.data


@every_case
@pytest.mark.parametrize("fault", [Fault.CUT, Fault.CUT_LATE], ids=lambda fault: fault.name)
def test_a_crash_leaves_the_old_state_or_the_new_one(case, fault):
    for step in range(number_of_steps(case)):
        directory = case.directory()
        store = FileStore(directory)
        directory.plan(step, fault)
        with pytest.raises(PowerCut):
            store.write(case.data, case.key)
        check_every_crash(case, directory, written=False)


@every_case
@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_LATE], ids=lambda fault: fault.name)
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
def test_after_an_error_the_old_state_is_in_force_and_the_next_write_works(case, fault, error):
    for step in range(number_of_steps(case)):
        directory = case.directory()
        store = FileStore(directory)
        directory.plan(step, fault, error)
        try:
            store.write(case.data, case.key)
        except StorageError:
            check_every_crash(case, directory, written=False)
            view = found_by_the_next_start(SimulatedDirectory(directory.files))
            assert is_old_or_new(case, view)
            assert (view and view.data) == (case.old and case.old.data), f"step {step}"
        else:
            check_every_crash(case, directory, written=True)
        directory.repair()
        store.write(case.data, case.key)
        check_every_crash(case, directory, written=True)
        assert directory.open_files == 0


@every_case
def test_a_disk_that_stays_broken_keeps_one_of_the_two_until_it_works_again(case):
    for step in range(number_of_steps(case)):
        directory = case.directory()
        store = FileStore(directory)
        directory.plan(step, Fault.FAIL_ON, errno.EROFS)
        for _ in range(2):
            try:
                store.write(case.data, case.key)
            except StorageError:
                check_every_crash(case, directory, written=False)
            else:
                # Only what stands behind the one moment that counts may fail without being told.
                check_every_crash(case, directory, written=True)
        directory.repair()
        store.write(case.data, case.key)
        check_every_crash(case, directory, written=True)


@every_case
@pytest.mark.parametrize(
    "second_fault", [Fault.FAIL, Fault.FAIL_LATE, Fault.CUT], ids=lambda fault: fault.name
)
def test_a_second_fault_while_the_first_is_undone_loses_nothing(case, second_fault):
    steps = number_of_steps(case)
    for first, second in itertools.product(range(steps), range(1, steps)):
        directory = case.directory()
        store = FileStore(directory)
        directory.plan(first, Fault.FAIL)
        directory.plan(first + second, second_fault)
        try:
            store.write(case.data, case.key)
        except (StorageError, PowerCut):
            check_every_crash(case, directory, written=False)
        else:
            check_every_crash(case, directory, written=True)


@st.composite
def histories(draw):
    """Writes in a row, each with its faults; every second or third write brings another key."""
    keys, writes = itertools.count(), []
    key = b"key 0"
    for number in range(draw(st.integers(2, 6))):
        new_key = draw(st.booleans()) or number == 0
        if new_key:
            key = b"key %d" % next(keys)
        faults = draw(
            st.dictionaries(st.integers(0, 20), st.sampled_from([Fault.FAIL, Fault.FAIL_LATE]), max_size=4)
        )
        writes.append((b"%b: state %d" % (key, number), key, faults))
    return writes


@given(histories())
def test_in_any_history_the_last_acknowledged_state_or_a_later_attempt_is_found(writes):
    directory = SimulatedDirectory()
    store = FileStore(directory)
    possible, key_in_force = [None], None
    for data, key, faults in writes:
        for step, fault in faults.items():
            directory.plan(step, fault)
        try:
            store.write(data, None if key == key_in_force else key)
        except StorageError:
            possible.append(StoredState(data, key))
            # The lifecycle goes on with the state and the key it had; here each write brings the key it needs.
        else:
            possible, key_in_force = [StoredState(data, key)], key
        directory.repair()
        for survivor in directory.survivors():
            assert found_by_the_next_start(survivor) in possible


@every_case
def test_a_start_that_crashes_can_be_repeated(case):
    for step in range(number_of_steps(case)):
        directory = case.directory()
        store = FileStore(directory)
        directory.plan(step, Fault.CUT)
        with pytest.raises(PowerCut):
            store.write(case.data, case.key)
        for survivor in directory.survivors():
            check_starts(case, survivor)


def check_starts(case: Case, survivor: SimulatedDirectory) -> None:
    for step in itertools.count():
        directory = SimulatedDirectory(survivor.files, hard_links=case.hard_links)
        directory.plan(step, Fault.CUT)
        try:
            FileStore(directory).read(opens)
        except PowerCut:
            check_every_crash(case, directory, written=False)
        else:
            return


@pytest.mark.parametrize("forgotten", ["sync", "sync_names"])
def test_a_store_that_forgot_to_sync_would_be_found_out(forgotten):
    case = CASES["a new key"]
    directory = ForgetfulDirectory(forgotten, case.before)
    FileStore(directory).write(case.data, case.key)
    with pytest.raises(AssertionError):
        check_every_crash(case, directory, written=True)


def test_a_key_that_cannot_get_its_name_is_settled_by_the_next_write(log_lines):
    case = CASES["a new key"]
    directory = case.directory()
    store = FileStore(directory)
    directory.plan(number_of_steps(case) - 1, Fault.FAIL)
    store.write(case.data, case.key)
    assert [line["log_level"] for line in log_lines] == ["warning"]
    directory.repair()
    store.write(OTHER + b", changed")
    assert directory.files == {DATA: OTHER + b", changed", PREVIOUS_DATA: OTHER, KEY: KEY_2}


def test_a_failed_write_leaves_no_unfinished_file_to_fill_the_disk():
    case = CASES["a new key"]
    for step in range(number_of_steps(case)):
        directory = case.directory()
        store = FileStore(directory)
        directory.plan(step, Fault.FAIL, errno.ENOSPC)
        with contextlib.suppress(StorageError):
            store.write(case.data, case.key)
        assert not [name for name in directory.files if name.endswith(".tmp")]


def test_of_a_key_change_that_fits_nothing_both_keys_are_kept():
    directory = SimulatedDirectory({DATA: ONE, KEY: JUNK, NEW_KEY: KEY_2})
    assert FileStore(directory).read(opens) == StoredState(ONE, JUNK)
    assert directory.files[NEW_KEY] == KEY_2


def test_a_key_change_that_never_came_into_force_is_dropped():
    directory = SimulatedDirectory(WITH_PREVIOUS | {NEW_KEY: KEY_2})
    assert FileStore(directory).read(opens) == StoredState(ONE, KEY_1)
    assert NEW_KEY not in directory.files


def test_a_key_change_that_came_into_force_is_finished():
    directory = SimulatedDirectory({DATA: OTHER, KEY: KEY_1, NEW_KEY: KEY_2})
    assert FileStore(directory).read(opens) == StoredState(OTHER, KEY_2)
    assert directory.files == {DATA: OTHER, KEY: KEY_2}
