import json
import stat

import pytest

from marble_coordinator.errors import StartFailed
from marble_coordinator.startup_manifest import StartupManifest
from tests.fakes.api_driver import ferry
from tests.fakes.simulated_directory import Fault


@pytest.fixture
def manifest_file(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(ferry() | {"RecoveryKeys": {}}))
    return path


@pytest.fixture
def with_recovery(tmp_path):
    path = tmp_path / "with-recovery.json"
    path.write_text(json.dumps(ferry()))
    return path


def ensure(driver, path, recovery_file=None, *, dismisses_state=False):
    startup = StartupManifest(path, recovery_file, dismisses_state=dismisses_state)
    startup.ensure(driver.world, driver.changes.manifest)


def test_the_first_start_sets_it(waiting, manifest_file):
    ensure(waiting, manifest_file)
    assert waiting.world.running.manifest.raw == manifest_file.read_bytes()


def test_later_starts_find_it_in_force(running, tmp_path):
    path = tmp_path / "same"
    path.write_bytes(running.world.running.manifest.raw)
    before = running.world
    ensure(running, path)
    assert running.world is before


def test_another_manifest_in_force_ends_the_start(running, manifest_file):
    with pytest.raises(StartFailed, match="is in force, with fingerprint"):
        ensure(running, manifest_file)


def test_an_unreadable_file_ends_the_start(waiting, tmp_path):
    with pytest.raises(StartFailed, match="Cannot read startup manifest"):
        ensure(waiting, tmp_path / "none")


def test_an_invalid_manifest_ends_the_start(waiting, tmp_path):
    (tmp_path / "bad").write_text("{}")
    with pytest.raises(StartFailed, match="Cannot set startup manifest"):
        ensure(waiting, tmp_path / "bad")
    assert waiting.world.state == 2


def test_a_sealed_state_is_not_given_up_without_being_told(locked, manifest_file):
    with pytest.raises(StartFailed, match="for good") as caught:
        ensure(locked, manifest_file)
    assert "--startup-dismisses-state" in caught.value.hint
    ensure(locked, manifest_file, dismisses_state=True)
    assert locked.world.state == 3


def test_recovery_secrets_without_a_file_for_them_end_the_start(waiting, with_recovery):
    with pytest.raises(StartFailed, match="recovery keys") as caught:
        ensure(waiting, with_recovery)
    assert "--startup-recovery-file" in caught.value.hint
    assert waiting.world.state == 2


def test_recovery_secrets_go_to_a_file_for_the_owner_alone(waiting, with_recovery, tmp_path):
    target = tmp_path / "recovery.json"
    ensure(waiting, with_recovery, target)
    assert set(json.loads(target.read_text())["RecoverySecrets"]) == {"owner"}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_never_overwritten(waiting, with_recovery, tmp_path):
    target = tmp_path / "recovery.json"
    target.write_text("somebody's")
    with pytest.raises(StartFailed, match="File exists"):
        ensure(waiting, with_recovery, target)
    assert target.read_text() == "somebody's"
    assert waiting.world.state == 2


def test_secrets_of_a_manifest_that_could_not_be_stored_are_removed(
    waiting, with_recovery, tmp_path, directory
):
    target = tmp_path / "recovery.json"
    directory.plan(0, Fault.FAIL_ON)
    with pytest.raises(StartFailed, match="Cannot set startup manifest"):
        ensure(waiting, with_recovery, target)
    directory.repair()
    assert not target.exists()
