"""Updates of the whole manifest: who agrees, and what is refused (spec: multi-party.md, section 4)."""

import base64
import copy
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from marble_coordinator.errors import Refused
from marble_coordinator.services.update import service as update_service
from tests.fakes.api_driver import ApiDriver
from tests.fakes.crew import (
    acknowledge,
    b64,
    brought,
    crewed,
    remaining,
    submit,
)
from tests.fakes.updates import crew_of, deploy, encoded, in_force, log_of, renamed, restarted

NOTHING_PENDING = (404, "no update is pending")


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
