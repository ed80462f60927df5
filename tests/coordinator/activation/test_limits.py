"""How often a marble is activated, and that the count is never lost (spec: marble-api.md, section 6)."""

import pytest

from marble_coordinator.errors import CannotActivate, MarbleRefused, NotAUuid, NotStored
from tests.fakes import simulated_directory
from tests.fakes.api_driver import ApiDriver, decrypt, ferry, recovery_key
from tests.fakes.crew import crewed, submit
from tests.fakes.marble import activate
from tests.fakes.ship import NAME, service_of
from tests.fakes.simulated_directory import Fault, PowerCut, SimulatedDirectory


def test_a_limited_type_is_activated_so_often_and_no_more(pumping):
    service = service_of(pumping)
    for _ in range(3):
        activate(service, "pump", NAME)
    with pytest.raises(MarbleRefused, match="max activations"):
        activate(service, "pump")
    activate(service, "radar")
    assert pumping.world.activations("pump") == 3


def test_the_count_survives_a_restart_a_package_update_and_a_recovery(pumping, directory):
    activate(service_of(pumping))
    pumping.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 3}}}, as_user="mate")
    activate(service_of(pumping))
    pumping.vault.close()
    directory.remove("sealed_key")
    with ApiDriver(directory) as again:
        again.call("POST", "/recover", decrypt(recovery_key(), pumping.recovery_secret))
        service = service_of(again)
        activate(service)
        with pytest.raises(MarbleRefused):
            activate(service)


def test_the_count_survives_an_update_of_the_whole_manifest(waiting):
    waiting.set_manifest(crewed())
    waiting.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    service = service_of(waiting)
    activate(service)
    manifest = crewed()
    manifest["Marbles"]["pump"]["MaxActivations"] = 1
    submit(waiting, manifest)
    with pytest.raises(MarbleRefused):
        activate(service)


def test_without_a_limit_nothing_is_counted_and_nothing_written(ship, service, directory):
    world, files = ship.world, dict(directory.files)
    activate(service, "deck")
    assert ship.world is world
    assert directory.files == files


def test_a_refused_activation_uses_up_nothing(running, directory):
    service = service_of(running)
    files = dict(directory.files)
    for bad in ({"csr": b"no request"}, {"name": "nobody"}, {}):  # the last one lacks its door code
        with pytest.raises((CannotActivate, NotAUuid)):
            activate(service, **bad)
    assert running.world.activations("pump") == 0
    assert directory.files == files


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.FAIL_LATE, Fault.FAIL_ON], ids=lambda fault: fault.name)
def test_an_activation_that_cannot_be_sealed_did_not_happen(pumping, directory, fault, monkeypatch):
    monkeypatch.setattr(simulated_directory, "CHUNK", 1 << 20)
    service = service_of(pumping)
    refused = 0
    for step in range(60):
        directory.plan(step, fault)
        try:
            activate(service)
        except NotStored:
            refused += 1
            assert pumping.world.activations("pump") == 0
        else:
            break
        finally:
            directory.repair()
    assert refused > 2
    assert pumping.world.activations("pump") == 1
    pumping.vault.close()
    with ApiDriver(directory) as again:
        assert again.world.activations("pump") == 1


def test_a_power_cut_leaves_the_count_as_it_was_or_one_higher(pumping, directory, monkeypatch):
    monkeypatch.setattr(simulated_directory, "CHUNK", 1 << 20)
    files = dict(directory.files)
    for step in range(60):
        trial = SimulatedDirectory(files)
        with ApiDriver(trial) as victim:
            trial.plan(step, Fault.CUT_LATE)
            try:
                activate(service_of(victim))
            except PowerCut:
                trial.repair()
            else:
                break
        for survivor in trial.survivors():
            with ApiDriver(survivor) as again:
                assert again.world.activations("pump") in {0, 1}
    assert step > 3
    for survivor in trial.survivors():
        with ApiDriver(survivor) as again:
            assert again.world.activations("pump") == 1


def test_with_sealing_disabled_the_count_is_kept_in_memory(waiting, directory):
    manifest = ferry() | {"Config": {"SealMode": "Disabled"}}
    waiting.set_manifest(manifest)
    waiting.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    service = service_of(waiting)
    for _ in range(3):
        activate(service)
    with pytest.raises(MarbleRefused):
        activate(service)
    assert "sealed_data" not in directory.files
