"""Updates and recovery by several parties on a disk that fails, or loses power, at every single step.

Whatever happens, afterwards everything is as before the call or as after it, and the next try succeeds.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.fakes import simulated_directory
from tests.fakes.api_driver import ApiDriver
from tests.fakes.crew import acknowledge, bring, brought, crewed, submit
from tests.fakes.simulated_directory import Fault, PowerCut, SimulatedDirectory

MOST_STEPS = 60
CREW = ("mate", "cook", "guest")
BEFORE = crewed(3, 2, CREW, needed=2)
SAME_KEYS = json.dumps(
    crewed(3, 2, CREW) | {"Secrets": BEFORE["Secrets"] | {"oar": {"Type": "plain", "UserDefined": True}}}
).encode()
NEW_KEYS = json.dumps(crewed(4, 3, CREW)).encode()


# A cut before one step leaves what a cut after the one before it does, so the short form is content with the latter.
CUTS = pytest.mark.parametrize(
    "fault",
    [Fault.CUT_LATE, pytest.param(Fault.CUT, marks=pytest.mark.prove)],
    ids=lambda fault: fault.name,
)


@dataclass(frozen=True)
class Case:
    """A directory, the call on it, and how to tell that it took effect."""

    files: dict[str, bytes]
    call: Callable[[ApiDriver], object]
    is_done: Callable[[ApiDriver], bool]


@pytest.fixture(autouse=True)
def _large_writes(monkeypatch):
    """One step for each file: a step for every 16 bytes is the file store's own test."""
    monkeypatch.setattr(simulated_directory, "CHUNK", 1 << 20)


def manifest_of(driver):
    return base64.b64decode(driver.call("GET", "/manifest").data["Manifest"])


def pending_of(driver):
    pending = driver.world.running.pending
    return pending and (pending.raw, pending.missing)


def prepared(manifest, *calls):
    directory = SimulatedDirectory()
    with ApiDriver(directory) as driver:
        secrets = driver.set_manifest(manifest)["RecoverySecrets"]
        for call in calls:
            assert call(driver).status == 200
    return directory, secrets


def a_submission():
    directory, _ = prepared(BEFORE)
    return Case(
        directory.files,
        lambda driver: submit(driver, SAME_KEYS).data,
        lambda driver: pending_of(driver) == (SAME_KEYS, 1),
    )


def an_acknowledgement():
    directory, _ = prepared(crewed(1, updaters=CREW), lambda driver: submit(driver, SAME_KEYS))
    return Case(
        directory.files,
        lambda driver: acknowledge(driver, SAME_KEYS, "cook").data,
        lambda driver: pending_of(driver) == (SAME_KEYS, 1),
    )


def a_cancellation():
    directory, _ = prepared(BEFORE, lambda driver: submit(driver, SAME_KEYS))
    return Case(
        directory.files,
        lambda driver: driver.call("POST", "/api/v2/update-cancel", as_user="cook").data,
        lambda driver: pending_of(driver) is None,
    )


def the_last_acknowledgement():
    return _the_last_acknowledgement(SAME_KEYS)


def the_last_acknowledgement_with_new_recovery_keys():
    return _the_last_acknowledgement(NEW_KEYS)


def _the_last_acknowledgement(raw):
    directory, _ = prepared(BEFORE, lambda driver: submit(driver, raw))
    return Case(
        directory.files,
        lambda driver: acknowledge(driver, raw, "cook").data,
        lambda driver: manifest_of(driver) == raw and pending_of(driver) is None,
    )


def an_update_at_once():
    directory, _ = prepared(crewed(1))
    return Case(
        directory.files,
        lambda driver: submit(driver, NEW_KEYS).data,
        lambda driver: manifest_of(driver) == NEW_KEYS,
    )


UPDATES = [
    a_submission,
    an_acknowledgement,
    a_cancellation,
    the_last_acknowledgement,
    the_last_acknowledgement_with_new_recovery_keys,
    an_update_at_once,
]


def seen(driver):
    """Everything a client sees, and the key that the state is sealed with."""
    pending = driver.call("GET", "/api/v2/update-manifest").body
    return driver.snapshot(), pending, driver.world.running.state_key.reveal()


@pytest.mark.parametrize("make", UPDATES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_LATE], ids=lambda fault: fault.name)
def test_an_update_that_cannot_be_stored_changes_nothing_and_the_next_try_succeeds(make, fault):
    case = make()
    directory = SimulatedDirectory(case.files)
    with ApiDriver(directory) as driver:
        before = seen(driver)
        for step in range(MOST_STEPS):
            directory.plan(step, fault)
            try:
                case.call(driver)
            except AssertionError:
                directory.repair()
                assert not case.is_done(driver)
                assert seen(driver) == before
            else:
                break
        directory.repair()
        assert step > 3
        assert case.is_done(driver)
        after = seen(driver)
    with ApiDriver(directory) as again:
        assert seen(again) == after


@pytest.mark.parametrize("make", UPDATES, ids=lambda make: make.__name__)
@CUTS
def test_a_power_cut_in_an_update_leaves_the_old_state_or_the_new_one(make, fault):
    case = make()
    with ApiDriver(SimulatedDirectory(case.files)) as driver:
        before = seen(driver)
    found = set()
    for step in range(MOST_STEPS):
        directory = SimulatedDirectory(case.files)
        with ApiDriver(directory) as victim:
            directory.plan(step, fault)
            try:
                case.call(victim)
            except PowerCut:
                directory.repair()
            else:
                break
        for survivor in directory.survivors():
            with ApiDriver(survivor) as again:
                done = case.is_done(again)
                assert done or seen(again) == before
                if done not in found:
                    found.add(done)
                    if not done:
                        case.call(again)
                        assert case.is_done(again)
    assert step > 3
    assert found == {False, True}


# Recovery


@dataclass(frozen=True)
class Wreck:
    """A directory without its key, the secrets that bring it back, and what was in it."""

    files: dict[str, bytes]
    secrets: list[tuple[bytes, bytes]]
    former: object

    def recovered(self, driver):
        for what in self.secrets:
            if driver.world.state == 1:
                bring(driver, what)
        return driver.world.state == 3 and seen(driver) == self.former


@pytest.fixture(params=[(1, 0), (3, 0), (3, 2)], ids=["one", "three", "two of three"])
def wreck(request):
    holders, threshold = request.param
    directory, secrets = prepared(
        crewed(holders, threshold, CREW), lambda driver: submit(driver, json.dumps(crewed()).encode())
    )
    with ApiDriver(directory) as driver:
        former = seen(driver)
    directory.remove("sealed_key")
    return Wreck(dict(directory.files), brought(secrets)[: threshold or holders], former)


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_LATE], ids=lambda fault: fault.name)
def test_a_recovery_that_cannot_be_stored_can_be_finished_with_its_last_secret(wreck, fault):
    directory = SimulatedDirectory(wreck.files)
    with ApiDriver(directory) as driver:
        *others, last = wreck.secrets
        for what in others:
            directory.plan(0, Fault.FAIL_ON)
            assert bring(driver, what).data["remaining"] > 0  # nothing is written before the last one
        for step in range(MOST_STEPS):
            directory.repair()
            directory.plan(step, fault)
            reply = bring(driver, last)
            if reply.status == 200:
                break
            assert reply.refusal[0] == 500
            assert driver.world.state == 1
        directory.repair()
        assert step > 3
        assert seen(driver) == wreck.former
    with ApiDriver(directory) as again:
        assert seen(again) == wreck.former


@CUTS
def test_a_power_cut_in_a_recovery_leaves_it_to_be_done_again_or_done(wreck, fault):
    found = set()
    for step in range(MOST_STEPS):
        directory = SimulatedDirectory(wreck.files)
        with ApiDriver(directory) as victim:
            directory.plan(step, fault)
            try:
                assert wreck.recovered(victim)
            except PowerCut:
                directory.repair()
            else:
                break
        for survivor in directory.survivors():
            with ApiDriver(survivor) as again:
                found.add(again.world.state)
                assert wreck.recovered(again)
    assert step > 3
    assert found == {1, 3}
