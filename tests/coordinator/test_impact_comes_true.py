"""What the console says of a complete update beforehand is what the coordinator then does."""

import copy
import json

import pytest

from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.diff import diff
from marble_core.manifest.impact import CLIENT_API_V2, ImpactKind, UpdateKind, assess, assess_package_update
from marble_core.manifest.model import SecretType
from marble_core.packageupdate import parse_update
from tests.fakes.api_driver import public_pem, user
from tests.fakes.crew import b64, crewed, holder, holder_key, submit

VALUES = {ImpactKind.SECRETS_LOST, ImpactKind.SECRETS_EMPTIED, ImpactKind.SECRETS_REGENERATED}


def secret(name, **fields):
    def change(manifest):
        manifest["Secrets"][name] = manifest["Secrets"].get(name, {}) | fields

    return change


def without(name):
    def change(manifest):
        del manifest["Secrets"][name]
        manifest["Marbles"]["pump"]["Parameters"] = {}
        for role in ("read", "write"):
            names = manifest["Roles"][role]["ResourceNames"]
            manifest["Roles"][role]["ResourceNames"] = [it for it in names if it != name]

    return change


def config(**fields):
    return lambda manifest: manifest["Config"].update(fields)


def nothing_else(manifest):
    manifest["Marbles"]["radar"]["MaxActivations"] = 9


def another_holder(manifest):
    del manifest["RecoveryKeys"][holder(1)]
    manifest["RecoveryKeys"][holder(2)] = public_pem(holder_key(2))


def no_holders(manifest):
    manifest["RecoveryKeys"] = {}


def renamed_key(manifest):
    manifest["Secrets"]["piston"] = manifest["Secrets"]["valve"]
    without("valve")(manifest)


CHANGES = {
    "nothing that matters": nothing_else,
    "a key grows": secret("valve", Size=512),
    "a key becomes a certificate": secret("valve", Type="cert-ed25519", Size=0),
    "a certificate becomes a key": secret("horn", Type="symmetric-key", Size=128, ValidFor=0),
    "a certificate has other names": secret("lamp", Cert={"DNSNames": ["lamp"]}),
    "a certificate lives longer": secret("horn", ValidFor=10),
    "a key is dropped": without("valve"),
    "a user's secret is dropped": without("door"),
    "a key is renamed": renamed_key,
    "a user's key grows": secret("code", Size=128),
    "a secret is new": secret("fog", Type="symmetric-key", Size=128, Shared=True),
    "a user's secret is new": secret("fog", Type="plain", UserDefined=True),
    "all keys are rotated": config(RotateRootSecret=True),
    "another holder": another_holder,
    "no holders": no_holders,
    "all are written out as the threshold": config(RecoveryThreshold=2),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_foretold_of_secrets_and_recovery_happens(waiting, change):
    old = crewed(holders=2)
    new = copy.deepcopy(old)
    change(new)
    waiting.set_manifest(old)
    for name, value in (("door", b"ajar"), ("code", b"8 bytes!")):
        waiting.call("POST", "/secrets", {name: {"Key": b64(value)}}, as_user="mate")
    told = assessed(old, new)
    before = waiting.world
    answer = submit(waiting, new).data
    after = waiting.world

    vanished = {name for name, value in values(before).items() if values(after).get(name) != value}
    foretold = {name for impact in told.impacts if impact.kind in VALUES for name in impact.names}
    assert foretold & set(values(before)) == vanished

    empty = {
        name for name, secret in after.running.secrets.items() if secret.user_defined and not secret.is_set
    }
    waits = {ImpactKind.SECRETS_EMPTIED, ImpactKind.SECRETS_NEEDED}
    assert {name for impact in told.impacts if impact.kind in waits for name in impact.names} == empty

    (certificates,) = (it for it in told.impacts if it.kind is ImpactKind.CERTIFICATES)
    reissued = {
        name
        for name, secret in after.running.secrets.items()
        if secret.cert
        and secret.shared
        and secret.cert != getattr(before.running.secrets.get(name), "cert", b"")
    }
    assert set(certificates.names) == reissued
    assert after.authority.root is before.authority.root
    assert after.authority.intermediate.der != before.authority.intermediate.der

    made = {it.headline for it in told.impacts if it.kind is ImpactKind.RECOVERY} == {"New recovery secrets"}
    assert made == bool(answer.get("recoverySecrets"))


def values(world):
    """All values that a change can cost: keys that marbles share, and what users set."""
    return {
        name: secret.private
        for name, secret in world.running.secrets.items()
        if secret.user_defined or (secret.shared and secret.type is SecretType.SYMMETRIC_KEY)
    }


def assessed(old, new):
    before, after = (decode_manifest(json.dumps(it).encode()) for it in (old, new))
    told = assess(diff(before.tree, after.tree), before.manifest, after.manifest, CLIENT_API_V2)
    assert told.update is UpdateKind.COMPLETE
    return told


@pytest.mark.parametrize(
    ("updaters", "needed"), [(("mate",), 0), (("mate", "cook"), 0), (("mate", "cook"), 1)]
)
def test_as_many_users_must_agree_as_was_said(waiting, updaters, needed):
    old = crewed(updaters=updaters, needed=needed)
    new = copy.deepcopy(old)
    nothing_else(new)
    waiting.set_manifest(old)
    (told,) = (it for it in assessed(old, new).impacts if it.kind is ImpactKind.ACKNOWLEDGEMENTS)
    missing = submit(waiting, new).data["missingAcknowledgments"]
    assert told.headline == ("It is applied at once" if missing == 0 else f"{missing + 1} users must agree")


def test_whoever_is_said_to_be_locked_out_is_turned_away(waiting):
    old = crewed()
    new = copy.deepcopy(old)
    new["Users"]["cook"]["Certificate"] = user("new cook").pem.decode()
    del new["Users"]["guest"]
    waiting.set_manifest(old)
    told = {it.headline: it.names for it in assessed(old, new).impacts if it.kind is ImpactKind.LOCK_OUT}
    assert told == {"cook needs the new certificate": ("cook",), "guest is locked out": ("guest",)}
    submit(waiting, new)
    asked = {
        who: waiting.call("GET", "/secrets?s=valve", as_user=who).status
        for who in ("cook", "new cook", "guest")
    }
    assert asked == {"cook": 401, "new cook": 200, "guest": 401}


def test_an_update_that_is_said_to_be_refused_is_refused(waiting):
    old = crewed(updaters=())
    new = copy.deepcopy(old)
    nothing_else(new)
    waiting.set_manifest(old)
    assert assessed(old, new).is_refused
    assert submit(waiting, new).status != 200


def test_a_package_update_issues_certificates_even_if_it_raises_nothing(waiting):
    waiting.set_manifest(crewed())
    before = waiting.world
    body = {"Packages": {"engine": {"SecurityVersion": 2}}}
    current = decode_manifest(json.dumps(crewed()).encode()).manifest
    told = assess_package_update(parse_update(json.dumps(body).encode()), current)
    assert [it.kind for it in told] == [ImpactKind.NO_OP, ImpactKind.RESTART, ImpactKind.CERTIFICATES]
    assert submit(waiting, body).status == 200
    assert waiting.world.authority.intermediate.der != before.authority.intermediate.der
