"""Updates of the whole manifest: who agrees, what changes, what stays (spec: multi-party.md, section 4)."""

import base64
import copy
import hashlib
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from marble_coordinator import records
from marble_coordinator.errors import Refused
from marble_coordinator.pki import issue
from marble_coordinator.services.update import service as update_service
from marble_core.manifest.model import MarbleType, SecretName
from tests.fakes.api_driver import ApiDriver, ferry, public_pem
from tests.fakes.crew import (
    acknowledge,
    b64,
    bring,
    brought,
    crewed,
    holder,
    holder_key,
    remaining,
    submit,
    wrapped,
)

NOTHING_PENDING = (404, "no update is pending")


def deploy(driver, manifest):
    driver.recovery_secrets = driver.set_manifest(manifest)
    return driver


def renamed(manifest):
    """The manifest with a marble more: another one, byte for byte."""
    changed = copy.deepcopy(manifest)
    changed["Marbles"]["crane"] = {"Package": "galley"}
    return changed


def encoded(manifest):
    return json.dumps(manifest).encode()


def in_force(driver):
    return base64.b64decode(driver.call("GET", "/api/v2/manifest").data["manifest"])


def log_of(driver):
    return [json.loads(line) for line in driver.call("GET", "/api/v2/update").data["updateLog"]]


def secret(driver, name, who="mate"):
    return driver.call("GET", f"/api/v2/secrets?s={name}", as_user=who).data["secrets"][name]


def certificate(value):
    return x509.load_der_x509_certificate(base64.b64decode(value["Cert"]))


def restarted(driver):
    driver.vault.close()
    return ApiDriver(driver.directory)


@pytest.fixture
def alone(waiting):
    """The mate updates the manifest alone."""
    return deploy(waiting, crewed())


@pytest.fixture
def two(waiting):
    """Mate and cook must agree."""
    return deploy(waiting, crewed(updaters=("mate", "cook")))


# Who agrees


def test_one_entitled_user_updates_at_once(alone):
    before = alone.world.authority
    raw = encoded(renamed(crewed()))
    data = submit(alone, raw).data
    assert data == {"missingAcknowledgments": 0, "missingUsers": None}
    assert in_force(alone) == raw
    assert alone.world.authority.root is before.root
    assert alone.world.authority.intermediate.der != before.intermediate.der
    shown = alone.call("GET", "/manifest").data
    assert shown["ManifestSignature"] == hashlib.sha256(raw).hexdigest()
    signature = base64.b64decode(shown["ManifestSignatureRootECDSA"])
    before.root.key.public_key().verify(signature, raw, ec.ECDSA(hashes.SHA256()))
    assert alone.call("GET", "/api/v2/update-manifest").refusal == NOTHING_PENDING


def test_the_old_manifest_stays_until_the_last_acknowledgement(two):
    before = two.snapshot()
    raw = encoded(renamed(crewed(updaters=("mate", "cook"))))
    assert submit(two, raw).data == {"missingAcknowledgments": 1, "missingUsers": ["cook"]}
    assert two.snapshot() | {"log": ""} == before | {"log": ""}
    data = acknowledge(two, raw, "cook").data
    assert (data["missingAcknowledgments"], data["missingUsers"]) == (0, None)
    assert data["message"].startswith("All ")
    assert in_force(two) == raw


@pytest.mark.parametrize("path", ["/update-manifest", "/api/v2/update-manifest"])
def test_what_is_pending_is_shown_to_everyone(two, path):
    raw = encoded(renamed(crewed()))
    submit(two, raw)
    for who in (None, "guest", "stranger"):
        data = two.call("GET", path, as_user=who).data
        assert base64.b64decode(data["manifest"]) == raw
        assert (data["missingUsers"], data["message"].split()[0]) == (["cook"], "1")


def test_a_threshold_of_the_manifest_in_force_counts_and_not_that_of_the_new_one(waiting):
    crew = ("mate", "cook", "guest")
    deploy(waiting, crewed(updaters=crew, needed=2))
    raw = encoded(renamed(crewed(updaters=("mate",), needed=1)))
    assert submit(waiting, raw, "guest").data == {
        "missingAcknowledgments": 1,
        "missingUsers": ["cook", "mate"],
    }
    assert acknowledge(waiting, raw, "cook").data["missingAcknowledgments"] == 0
    assert in_force(waiting) == raw


def test_an_acknowledgement_counts_once(waiting):
    deploy(waiting, crewed(updaters=("mate", "cook", "guest")))
    raw = encoded(renamed(crewed()))
    submit(waiting, raw)
    for who, missing, users in (
        ("mate", 2, ["cook", "guest"]),
        ("cook", 1, ["guest"]),
        ("cook", 1, ["guest"]),
    ):
        before = waiting.world
        data = acknowledge(waiting, raw, who).data
        assert (data["missingAcknowledgments"], data["missingUsers"]) == (missing, users)
        assert data["message"].startswith(f"{missing} ")
    assert waiting.world is before
    assert [line["update"].split(" user")[0] for line in log_of(waiting)[1:]] == [
        "Complete Manifest update initiated by",
        "Complete Manifest update acknowledged by",
    ]


def test_pending_survives_a_restart_with_who_has_acknowledged(waiting):
    deploy(waiting, crewed(updaters=("mate", "cook", "guest")))
    raw = encoded(renamed(crewed()))
    submit(waiting, raw)
    acknowledge(waiting, raw, "guest")
    shown = waiting.call("GET", "/update-manifest").data
    with restarted(waiting) as again:
        assert again.call("GET", "/update-manifest").data == shown
        assert acknowledge(again, raw, "cook").data["missingAcknowledgments"] == 0
        assert in_force(again) == raw
        with restarted(again) as third:
            assert in_force(third) == raw
            assert third.call("GET", "/update-manifest").refusal == NOTHING_PENDING


def test_whoever_is_entitled_may_cancel(two):
    before = in_force(two)
    submit(two, renamed(crewed()))
    assert set(two.call("POST", "/api/v2/update-cancel", as_user="cook").data) == {"message"}
    assert two.call("GET", "/api/v2/update-manifest").refusal == NOTHING_PENDING
    assert in_force(two) == before
    assert submit(two, {"Packages": {"engine": {"SecurityVersion": 3}}}).status == 200
    with restarted(two) as again:
        assert again.call("GET", "/update-manifest").refusal == NOTHING_PENDING


def test_the_log_tells_each_step(two):
    raw = encoded(renamed(crewed(updaters=("mate", "cook"))))
    fingerprint = hashlib.sha256(raw).hexdigest()
    submit(two, raw)
    two.call("POST", "/api/v2/update-cancel", as_user="cook")
    submit(two, raw, "cook")
    acknowledge(two, raw, "mate")
    entries = [{k: v for k, v in line.items() if k != "time"} for line in log_of(two)[1:]]
    assert [entry.pop("update").split(".")[0] for entry in entries] == [
        "Complete Manifest update initiated by user",
        "Complete Manifest update cancelled by user",
        "Complete Manifest update initiated by user",
        "Complete Manifest update acknowledged by user",
        "Complete Manifest updated",
    ]
    assert [list(entry.items()) for entry in entries] == [
        [("user", "mate"), ("missingAcknowledgments", 1), ("missingUsers", ["cook"]), ("manifestFingerprint", fingerprint)],
        [("user", "cook"), ("manifestFingerprint", fingerprint)],
        [("user", "cook"), ("missingAcknowledgments", 1), ("missingUsers", ["mate"]), ("manifestFingerprint", fingerprint)],
        [("user", "mate"), ("missingAcknowledgments", 0), ("missingUsers", []), ("manifestFingerprint", fingerprint)],
        [("manifestFingerprint", fingerprint)],
    ]  # fmt: skip


def test_the_log_of_an_update_at_once_has_no_missing_users(alone):
    submit(alone, renamed(crewed()))
    started, applied = log_of(alone)[1:]
    assert list(started) == ["time", "update", "user", "manifestFingerprint"]
    assert list(applied) == ["time", "update", "manifestFingerprint"]


# Who and what is refused


@pytest.mark.parametrize(
    ("who", "manifest", "message"),
    [
        ("cook", renamed(crewed()), "user cook is not allowed to update the complete manifest"),
        ("mate", crewed() | {"Packages": {}}, "checking manifest: no allowed packages defined"),
        ("mate", b"{", "unmarshaling update manifest: "),
        ("mate", b"", "unmarshaling update manifest: "),
        (
            "mate",
            crewed() | {"Config": {"FeatureGates": ["AzureHSMSealing"]}},
            "checking manifest: feature gate AzureHSMSealing is not supported by this coordinator",
        ),
        ("mate", {"Config": {"SealMode": "Disabled"}}, "checking update manifest: no packages defined"),
    ],
    ids=["permission", "rules", "JSON", "empty", "HSM", "Config alone"],
)
def test_a_refused_update_changes_nothing(alone, who, manifest, message):
    before = alone.world
    status, text = submit(alone, manifest, who).refusal
    assert (status, text[: len(message)]) == (500, message)
    body = manifest if isinstance(manifest, bytes) else encoded(manifest)
    assert alone.call("POST", "/update", body, as_user=who).refusal == (400, text)
    assert alone.world is before


def test_while_one_is_pending_no_other_begins(two):
    raw = encoded(renamed(crewed()))
    submit(two, raw)
    before = two.world
    for manifest in (raw, {"Packages": {"engine": {"SecurityVersion": 3}}}):
        status, message = submit(two, manifest).refusal
        assert (status, message.split(".")[0]) == (500, "update already in progress")
        body = manifest if isinstance(manifest, bytes) else encoded(manifest)
        assert two.call("POST", "/update", body, as_user="mate").refusal == (400, message)
    assert submit(two, b"{").refusal[1].startswith("unmarshaling")
    assert two.world is before


@pytest.mark.parametrize("newer", [True, False], ids=["v2", "v1"])
def test_acknowledging_is_refused_in_this_order(two, newer):
    raw = encoded(renamed(crewed()))

    def attempt(who, body):
        if newer:
            return acknowledge(two, body, who)
        return two.call("POST", "/update-manifest", body, as_user=who)

    def refused_as_stranger(reply):
        return (reply.failure if newer else reply.refusal)[0] == 401

    assert attempt("guest", raw).refusal == NOTHING_PENDING
    submit(two, raw)
    before = two.world
    for stranger in (None, "stranger"):
        assert refused_as_stranger(attempt(stranger, raw))
    assert attempt("guest", raw).refusal == (500, "user guest is not allowed to acknowledge the update")
    for other in (raw + b"\n", b"", b"{}"):
        status, message = attempt("cook", other).refusal
        assert (status, message) == (500, "the manifest is not the one of the pending update, byte for byte")
    if newer:
        for broken in (b"", b"x", {"manifest": "?"}):
            assert two.call("POST", "/api/v2/update-manifest", broken, as_user="cook").failure[0] == 400
    assert two.world is before


@pytest.mark.parametrize("prefix", ["", "/api/v2"])
def test_cancelling_is_refused_in_this_order(two, prefix):
    def cancel(who):
        return two.call("POST", prefix + "/update-cancel", as_user=who)

    reply = cancel("stranger")
    assert (reply.failure if prefix else reply.refusal)[0] == 401
    assert cancel("guest").refusal == (500, "user guest is not allowed to update the complete manifest")
    assert cancel("cook").refusal == NOTHING_PENDING


@pytest.mark.parametrize("state", ["waiting", "locked"])
def test_without_a_deployment_nothing_is_pending_and_nobody_is_a_user(request, state):
    driver = request.getfixturevalue(state)
    for prefix in ("", "/api/v2"):
        assert driver.call("GET", prefix + "/update-manifest").refusal == NOTHING_PENDING
        for path in ("/update", "/update-manifest", "/update-cancel"):
            assert driver.call("POST", prefix + path, as_user="mate").status == 401


def showing_door(manifest):
    """The manifest with a marble whose templates cannot show a door code with a NUL in it."""
    changed = copy.deepcopy(manifest)
    changed["Marbles"]["radar"]["Parameters"] = {"Env": {"CODE": "{{ string .Secrets.door }}"}}
    return changed


def showing_nothing(manifest):
    changed = copy.deepcopy(manifest)
    changed["Marbles"]["pump"]["Parameters"] = {}
    return changed


def set_door(driver, value):
    assert driver.call("POST", "/secrets", {"door": {"Key": b64(value)}}, as_user="mate").status == 200


def test_templates_must_be_able_to_show_the_values_that_stay(waiting):
    deploy(waiting, showing_nothing(crewed()))
    set_door(waiting, b"ajar\0")
    status, message = submit(waiting, showing_door(crewed())).refusal
    assert (status, message.split(":")[0]) == (500, "running manifest template dry run")
    set_door(waiting, b"ajar")
    assert submit(waiting, showing_door(crewed())).status == 200


def test_an_update_that_can_no_longer_be_applied_is_dropped(waiting):
    """What its templates show has changed since it was submitted."""
    manifest = crewed(updaters=("mate", "cook"))
    deploy(waiting, showing_nothing(manifest))
    raw = encoded(showing_door(manifest))
    submit(waiting, raw)
    before = in_force(waiting)
    set_door(waiting, b"ajar\0")
    status, message = acknowledge(waiting, raw, "cook").refusal
    assert (status, message.split(":")[0]) == (500, "running manifest template dry run")
    assert waiting.call("GET", "/update-manifest").refusal == NOTHING_PENDING
    assert in_force(waiting) == before
    acknowledged, dropped = log_of(waiting)[-2:]
    assert acknowledged["missingAcknowledgments"] == 0
    assert list(dropped) == ["time", "update", "manifestFingerprint"]
    with restarted(waiting) as again:
        assert again.call("GET", "/update-manifest").refusal == NOTHING_PENDING


def test_an_update_whose_keys_cannot_be_made_is_dropped_or_never_begins(two, monkeypatch):
    def fail(*_):
        raise Refused("generating secrets from manifest: no")

    raw = encoded(renamed(crewed(updaters=("mate", "cook"))))
    submit(two, raw)
    monkeypatch.setattr(update_service, "replace_manifest", fail)
    assert acknowledge(two, raw, "cook").refusal == (500, "generating secrets from manifest: no")
    assert two.call("GET", "/update-manifest").refusal == NOTHING_PENDING


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


def crew_of(*numbers, threshold=0):
    manifest = crewed()
    manifest["RecoveryKeys"] = {holder(number): public_pem(holder_key(number)) for number in numbers}
    manifest["Config"]["RecoveryThreshold"] = threshold
    return manifest


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


# Version 1


def test_version_1_updates_at_once_without_a_word(alone):
    raw = encoded(renamed(crewed()))
    assert alone.call("POST", "/update", raw, as_user="mate").data is None
    assert in_force(alone) == raw


def test_version_1_returns_new_recovery_secrets_with_the_update(alone):
    data = alone.call("POST", "/update", crew_of(1, 2), as_user="mate").data
    assert list(data) == ["RecoverySecrets"]
    new = brought(data["RecoverySecrets"])
    alone.vault.close()
    alone.directory.remove("sealed_key")
    with ApiDriver(alone.directory) as driver:
        assert [remaining(driver, what) for what in new] == [1, 0]


def test_version_1_acknowledges_with_a_text_that_ends_in_new_recovery_secrets(two):
    manifest = crew_of(1, 2)
    raw = encoded(manifest)
    assert two.call("POST", "/update", raw, as_user="mate").data is None
    text = two.call("POST", "/update-manifest", raw, as_user="mate").data
    assert text.split(" ")[0] == "1"
    text = two.call("POST", "/update-manifest", raw, as_user="cook").data
    words, _, secrets = text.partition("\n")
    assert words.startswith("All ")
    assert list(json.loads(secrets)) == ["RecoverySecrets"]
    assert len(brought(json.loads(secrets)["RecoverySecrets"])) == 2


def test_version_1_acknowledges_and_cancels_with_a_text(two):
    raw = encoded(renamed(crewed(updaters=("mate", "cook"))))
    two.call("POST", "/update", raw, as_user="mate")
    assert isinstance(two.call("POST", "/update-cancel", as_user="cook").data, str)
    two.call("POST", "/update", raw, as_user="mate")
    text = two.call("POST", "/update-manifest", raw, as_user="cook").data
    assert text.startswith("All ")
    assert "\n" not in text


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
