import base64
import json

import pytest
from cryptography import x509

from tests.fakes.api_driver import ApiDriver, ferry


def update(driver, body, who="mate"):
    return driver.call("POST", "/update", body, as_user=who)


def raised(**versions):
    return {"Packages": {name: {"SecurityVersion": version} for name, version in versions.items()}}


def secrets(driver):
    return driver.call("GET", "/secrets?s=valve&s=horn&s=lamp&s=door&s=code", as_user="mate").data


def certificate(secret):
    return x509.load_der_x509_certificate(base64.b64decode(secret["Cert"]))


def test_an_update_renews_the_intermediate_and_what_it_issued_and_nothing_else(running):
    running.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="mate")
    before, before_secrets = running.world.authority, secrets(running)
    assert update(running, raised(engine=3)).data is None
    after, after_secrets = running.world.authority, secrets(running)
    assert after.root is before.root
    assert after.intermediate.der != before.intermediate.der
    assert after.marble_root.key is after.intermediate.key
    for name in ("valve", "door", "code"):
        assert after_secrets[name] == before_secrets[name]
    for name in ("horn", "lamp"):
        old, new = certificate(before_secrets[name]), certificate(after_secrets[name])
        assert after_secrets[name]["Private"] != before_secrets[name]["Private"]
        assert after_secrets[name]["ValidFor"] == before_secrets[name]["ValidFor"]
        assert new.not_valid_after_utc == old.not_valid_after_utc
        assert new.subject == old.subject
        new.verify_directly_issued_by(after.marble_root.certificate)


def test_the_log_names_the_packages_in_order(running):
    update(running, raised(galley=8, engine=3))
    entries = [json.loads(line) for line in running.call("GET", "/update").data.splitlines()[1:]]
    assert [(e["update"], e["user"], e["package"], e["new version"]) for e in entries] == [
        ("SecurityVersion increased", "mate", "engine", 3),
        ("SecurityVersion increased", "mate", "galley", 8),
    ]


def test_the_manifest_is_shown_as_it_was_set(running):
    before = running.call("GET", "/manifest").body
    update(running, raised(engine=3))
    assert running.call("GET", "/manifest").body == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "unmarshaling update manifest: "),
        (raised(bridge=1), "user mate is not allowed to update one or more packages of [bridge]"),
        (
            raised(lost=1, engine=9),
            "user mate is not allowed to update one or more packages of [engine lost]",
        ),
        ({}, "checking update manifest: no packages defined"),
        (
            {"Packages": {"engine": {"SecurityVersion": 3, "ProductID": 4}}},
            "checking update manifest: update manifest contains unupdatable values",
        ),
        (
            {"Packages": {"engine": {}}},
            "checking update manifest: update manifest does not specify a SecurityVersion to update",
        ),
        (
            raised(engine=1),
            "checking update manifest: update manifest tries to downgrade SecurityVersion of the original manifest",
        ),
        (ferry(), "user mate is not allowed to update the complete manifest"),
    ],
    ids=["JSON", "permission", "unknown", "none", "unupdatable", "no version", "downgrade", "complete"],
)
def test_a_bad_update_is_refused_and_nothing_changes(running, body, message):
    before = running.world
    status, text = update(running, body).refusal
    assert status == 400
    assert text.startswith(message)
    assert running.world is before


def test_a_user_without_any_package_is_refused_before_an_empty_update(running):
    assert update(running, {}, who="cook").refusal == (
        400,
        "user cook is not allowed to update one or more packages of []",
    )


def test_the_raised_version_is_the_floor_of_later_updates_also_after_a_restart(running, directory):
    update(running, raised(engine=9))
    assert update(running, raised(engine=9)).status == 200
    running.vault.close()
    with ApiDriver(directory) as again:
        assert update(again, raised(engine=8)).status == 400
        assert update(again, raised(engine=10)).status == 200
