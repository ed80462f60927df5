"""Updates of the whole manifest: what changes, and what stays (spec: multi-party.md, section 4)."""

import base64

import pytest

from marble_coordinator import records
from marble_coordinator.pki import issue
from marble_core.manifest.model import MarbleType, SecretName
from tests.fakes.api_driver import ApiDriver, ferry, public_pem
from tests.fakes.crew import (
    acknowledge,
    bring,
    brought,
    crewed,
    holder,
    holder_key,
    remaining,
    submit,
    wrapped,
)
from tests.fakes.updates import certificate, crew_of, deploy, encoded, in_force, renamed, restarted, secret

# What changes and what stays


@pytest.fixture
def set_up(alone):
    """Secrets are set, a package was raised; `before` has every readable secret."""
    alone.call(
        "POST", "/secrets", {"door": {"Key": "b3Blbg=="}, "code": {"Key": "AAECAwQFBgc="}}, as_user="mate"
    )
    submit(alone, {"Packages": {"engine": {"SecurityVersion": 9}}})
    alone.before = {name: secret(alone, name) for name in ("valve", "horn", "lamp", "door", "code")}
    return alone


def previous(driver, name):
    return driver.world.running.previous_secret(SecretName(name))


def test_an_unchanged_definition_keeps_keys_and_user_values_and_renews_certificates(set_up):
    submit(set_up, renamed(crewed()))
    for name in ("valve", "door", "code"):
        assert secret(set_up, name) == set_up.before[name]
    for name in ("horn", "lamp"):
        after = secret(set_up, name)
        assert after["Private"] != set_up.before[name]["Private"]
        certificate(after).verify_directly_issued_by(set_up.world.authority.marble_root.certificate)
        assert base64.b64encode(previous(set_up, name).private).decode() == set_up.before[name]["Private"]
    assert previous(set_up, "valve").wire == set_up.world.running.secrets["valve"].wire
    assert previous(set_up, "door") is None


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("valve", {"Size": 128}),
        ("valve", {"Type": "cert-ed25519", "Size": 0}),
        ("horn", {"ValidFor": 10}),
        ("lamp", {"Size": 384}),
        ("door", {"Type": "symmetric-key", "Size": 64}),
        ("code", {"Size": 128}),
    ],
)
def test_a_changed_definition_makes_a_new_value_or_unsets_that_of_a_user(set_up, name, change):
    manifest = crewed()
    manifest["Marbles"]["pump"]["Parameters"] = {}
    manifest["Secrets"][name] |= change
    submit(set_up, manifest)
    after = secret(set_up, name)
    if set_up.before[name]["UserDefined"]:
        assert (after["Private"], after["Public"], after["Cert"]) == (None, None, None)
    else:
        assert after["Private"] not in {None, set_up.before[name]["Private"]}
        assert previous(set_up, name) is set_up.world.running.secrets[name]


def test_a_changed_certificate_template_is_followed_and_counts_as_no_new_definition(set_up):
    manifest = crewed()
    manifest["Secrets"]["horn"]["Cert"] = {"Subject": {"CommonName": "foghorn"}}
    submit(set_up, manifest)
    after = certificate(secret(set_up, "horn"))
    assert after.subject.rfc4514_string() == "CN=foghorn"
    assert certificate({"Cert": base64.b64encode(previous(set_up, "horn").cert)}) == certificate(
        set_up.before["horn"]
    )


def test_a_dropped_secret_is_gone_with_its_previous_value(set_up):
    submit(set_up, renamed(crewed()))
    assert "previousSecret:horn" in set_up.world.records
    manifest = crewed()
    del manifest["Secrets"]["horn"]
    manifest["Roles"]["read"]["ResourceNames"].remove("horn")
    submit(set_up, manifest)
    assert previous(set_up, "horn") is None
    assert not [key for key in set_up.world.records if key.endswith(":horn")]
    assert set_up.call("GET", "/api/v2/secrets?s=horn", as_user="mate").status == 500


def test_rotating_the_root_secret_renews_shared_keys_and_keeps_what_users_set(set_up):
    former = set_up.world.running.root_secret
    rotating = crewed()
    rotating["Config"]["RotateRootSecret"] = True
    submit(set_up, rotating)
    deployment = set_up.world.running
    assert secret(set_up, "valve")["Private"] != set_up.before["valve"]["Private"]
    assert base64.b64encode(previous(set_up, "valve").private).decode() == set_up.before["valve"]["Private"]
    assert secret(set_up, "door") == set_up.before["door"]
    assert deployment.previous_root_secret.same_as(former)
    assert not deployment.root_secret.same_as(former)
    with restarted(set_up) as again:
        kept = again.world.running
        assert kept.root_secret.same_as(deployment.root_secret)
        assert kept.previous_root_secret.same_as(former)
        assert kept.previous_secrets == deployment.previous_secrets


def test_previous_values_stay_through_updates_that_renew_nothing(set_up):
    rotating = crewed()
    rotating["Config"]["RotateRootSecret"] = True
    submit(set_up, rotating)
    roots = set_up.world.running.root_secret, set_up.world.running.previous_root_secret
    submit(set_up, renamed(crewed()))
    submit(set_up, {"Packages": {"engine": {"SecurityVersion": 3}}})
    assert base64.b64encode(previous(set_up, "valve").private).decode() == set_up.before["valve"]["Private"]
    assert (set_up.world.running.root_secret, set_up.world.running.previous_root_secret) == roots


def test_packages_users_and_roles_are_those_of_the_new_manifest(set_up):
    manifest = crewed()
    del manifest["Users"]["cook"]
    manifest["Users"]["purser"] = {
        "Certificate": crewed(updaters=("purser",))["Users"]["purser"]["Certificate"],
        "Roles": ["read"],
    }
    manifest["Packages"]["engine"]["SecurityVersion"] = 1
    del manifest["Marbles"]["radar"], manifest["Packages"]["bridge"]
    submit(set_up, manifest)
    assert set_up.call("GET", "/secrets?s=door", as_user="cook").status == 401
    assert set_up.call("GET", "/secrets?s=door", as_user="purser").status == 200
    assert (
        set_up.call(
            "POST", "/update", {"Packages": {"engine": {"SecurityVersion": 2}}}, as_user="mate"
        ).status
        == 200
    )
    assert not [key for key in set_up.world.records if key in {"marble:radar", "package:bridge", "user:cook"}]


def test_activations_and_counters_are_kept(set_up):
    world = set_up.world
    counts = records.ACTIVATIONS.write({MarbleType("pump"): 2}) | {"monotonicCounter:x": b"7"}
    set_up.lifecycle._world = type(world)(
        world.state, world.authority, world.records.changed(counts), world.deployment
    )
    submit(set_up, renamed(crewed()))
    assert {key: set_up.world.records[key] for key in counts} == counts


def test_readers_are_answered_while_an_update_makes_keys(two, monkeypatch):
    raw = encoded(renamed(crewed(updaters=("mate", "cook"))))
    submit(two, raw)
    seen = []
    real = issue.generate_all

    def generate_all(*args):
        seen.append(in_force_now(two))
        return real(*args)

    def in_force_now(driver):
        return driver.lifecycle.world.running.manifest.raw

    monkeypatch.setattr(issue, "generate_all", generate_all)
    before = in_force_now(two)
    acknowledge(two, raw, "cook")
    assert (seen, in_force_now(two)) == ([before], raw)


# Recovery keys


@pytest.mark.parametrize(
    ("before", "after", "is_new"),
    [
        (crew_of(), crew_of(), False),
        (crew_of(1), crew_of(1), False),
        (crew_of(1, 2, 3), crew_of(3, 2, 1), False),
        (crew_of(1, 2, 3), crew_of(1, 2, 3, threshold=3), False),
        (crew_of(1, 2, 3, threshold=3), crew_of(1, 2, 3), False),
        (crew_of(1, 2, 3), crew_of(1, 2, 3, threshold=2), True),
        (crew_of(1, 2, 3, threshold=2), crew_of(1, 2, 3), True),
        (crew_of(1), crew_of(2), True),
        (crew_of(1), crew_of(1, 2), True),
        (crew_of(), crew_of(1), True),
        (crew_of(1, 2), crew_of(), True),
        (crew_of(1), crew_of(1) | {"RecoveryKeys": {"another name": public_pem(holder_key(1))}}, True),
        (crew_of(1), crew_of(1) | {"RecoveryKeys": {holder(1): public_pem(holder_key(1)) + "\n"}}, True),
    ],
)
def test_the_state_key_changes_with_the_recovery_keys_and_only_then(waiting, before, after, is_new):
    deploy(waiting, before)
    key, former = waiting.directory.files["sealed_key"], waiting.world.running.recovery_data
    data = submit(waiting, after).data
    assert (waiting.directory.files["sealed_key"] != key) == is_new
    assert set(data.get("recoverySecrets", {})) == (set(after["RecoveryKeys"]) if is_new else set())
    if not is_new:
        assert waiting.world.running.recovery_data == former
    with restarted(waiting) as again:
        assert again.world.state == 3
        assert in_force(again) == encoded(after)


def test_new_recovery_secrets_open_the_state_and_old_ones_do_not(waiting):
    former = brought(deploy(waiting, crew_of(1, 2)).recovery_secrets["RecoverySecrets"])
    new = brought(submit(waiting, crew_of(1, 2, 3, threshold=2)).data["recoverySecrets"])
    before = waiting.snapshot()
    waiting.vault.close()
    waiting.directory.remove("sealed_key")
    with ApiDriver(waiting.directory) as driver:
        assert [bring(driver, what).refusal[0] for what in former] == [500, 500]
        assert [remaining(driver, what) for what in new[1:]] == [2, 0]
        assert driver.snapshot() == before


def test_old_secrets_go_on_opening_the_state_when_the_keys_stay(waiting):
    secrets = brought(deploy(waiting, crew_of(1, 2)).recovery_secrets["RecoverySecrets"])
    submit(waiting, renamed(crew_of(2, 1, threshold=2)))
    before = waiting.snapshot()
    waiting.vault.close()
    waiting.directory.remove("sealed_key")
    with ApiDriver(waiting.directory) as driver:
        assert [remaining(driver, what) for what in secrets] == [1, 0]
        assert driver.snapshot() == before


# Sealing


@pytest.mark.parametrize("mode", ["", "ProductKey", "UniqueKey"])
def test_a_state_is_sealed_in_every_mode_but_one(waiting, mode):
    waiting.set_manifest(ferry() | {"Config": {"SealMode": mode}})
    with restarted(waiting) as again:
        assert again.world.state == 3


def test_with_sealing_disabled_nothing_is_written_and_the_log_says_so(waiting):
    assert deploy(waiting, crewed(1) | {"Config": {"SealMode": "Disabled"}}).recovery_secrets
    waiting.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    assert "sealed_data" not in waiting.directory.files
    assert "Nothing is written to disk" in waiting.log
    with restarted(waiting) as again:
        assert again.world.state == 2


def test_another_seal_mode_waits_for_the_next_start(alone):
    files = alone.directory.files
    submit(alone, crewed() | {"Config": {"SealMode": "Disabled"}})
    assert alone.directory.files["sealed_data"] != files["sealed_data"]
    with restarted(alone) as again:
        files = again.directory.files
        again.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
        assert again.directory.files == files


def test_another_seal_mode_counts_at_once_together_with_new_recovery_keys(alone):
    files = alone.directory.files
    manifest = crew_of(1)
    manifest["Config"]["SealMode"] = "Disabled"
    assert submit(alone, manifest).data["recoverySecrets"]
    assert alone.directory.files == files


def test_a_manifest_set_by_version_2_returns_an_empty_map_without_keys(waiting):
    assert waiting.call("POST", "/api/v2/manifest", wrapped(crewed())).data == {"RecoverySecrets": {}}
