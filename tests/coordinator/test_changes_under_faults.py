"""A change that cannot be stored changes nothing: memory equals the disk, after every fault and after every crash."""

import pytest

from tests.fakes import simulated_directory
from tests.fakes.api_driver import ApiDriver, decrypt, recovery_key
from tests.fakes.simulated_directory import Fault, PowerCut

MOST_STEPS = 60


def set_manifest(driver):
    return driver.set_manifest()


def write_secret(driver):
    return driver.call("POST", "/secrets", {"door": {"Key": "bmV3"}}, as_user="mate").data


def update(driver):
    return driver.call(
        "POST", "/update", {"Packages": {"engine": {"SecurityVersion": 4}}}, as_user="mate"
    ).data


def recover(driver):
    return driver.call("POST", "/recover", decrypt(recovery_key(), driver.recovery_secret)).data


CHANGES = {
    "manifest": ("waiting", set_manifest),
    "manifest in recovery mode": ("locked", set_manifest),
    "secret": ("running", write_secret),
    "update": ("running", update),
    "recovery": ("locked", recover),
}


@pytest.fixture(autouse=True)
def _large_writes(monkeypatch):
    """One step for each file: a step for every 16 bytes is the file store's own test."""
    monkeypatch.setattr(simulated_directory, "CHUNK", 1 << 20)


@pytest.fixture(params=CHANGES)
def change(request):
    state, make = CHANGES[request.param]
    return request.getfixturevalue(state), make


def what_a_client_sees(driver):
    return [driver.call("GET", path).body for path in ("/status", "/quote", "/manifest", "/update")] + [
        driver.call("GET", "/secrets?s=valve&s=horn&s=door", as_user="mate").body
    ]


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_LATE], ids=lambda fault: fault.name)
def test_a_failing_disk_changes_nothing_and_the_next_try_succeeds(change, fault, directory):
    driver, make = change
    before = what_a_client_sees(driver)
    for step in range(MOST_STEPS):
        directory.plan(step, fault)
        try:
            make(driver)
        except AssertionError:
            directory.repair()
            assert what_a_client_sees(driver) == before
        else:
            break
    else:
        pytest.fail("the change never got through")
    directory.repair()
    assert step > 3
    _restart_shows_the_same(driver, directory)


def test_the_client_gets_500_and_the_log_says_why(running, directory):
    directory.plan(0, Fault.FAIL_ON)
    reply = running.call("POST", "/secrets", {"door": {"Key": "Y2FuYXJ5LTcx"}}, as_user="mate")
    directory.repair()
    status, message = reply.refusal
    assert status == 500
    assert message.startswith("storing state: ")
    log = running.log
    assert "Failed to seal state" in log
    assert "canary-71" not in log
    assert "Y2FuYXJ5LTcx" not in log


def test_a_power_cut_leaves_the_old_state_or_the_new_one(change, directory):
    driver, make = change
    before = what_a_client_sees(driver)
    files = dict(directory.files)
    for step in range(MOST_STEPS):
        trial = simulated_directory.SimulatedDirectory(files)
        with ApiDriver(trial) as victim:
            victim.recovery_secret = getattr(driver, "recovery_secret", "")
            trial.plan(step, Fault.CUT_LATE)
            try:
                make(victim)
            except (PowerCut, AssertionError):
                trial.repair()
            else:
                break
        for survivor in trial.survivors():
            with ApiDriver(survivor) as again:
                assert again.world.state in {driver.world.state, 3}
                if driver.world.state == 3:
                    _is_old_or_new(what_a_client_sees(again), before)
    else:
        pytest.fail("the change never got through")
    assert step > 3


def _is_old_or_new(seen, before):
    _status, _quote, manifest, log, _secrets = seen
    assert manifest == before[2]
    if log == before[3]:
        assert seen == before
    else:
        assert log.count(b"update") == before[3].count(b"update") + 1
        assert seen != before


def _restart_shows_the_same(driver, directory):
    shown = what_a_client_sees(driver)
    driver.vault.close()
    with ApiDriver(directory) as again:
        assert what_a_client_sees(again) == shown
