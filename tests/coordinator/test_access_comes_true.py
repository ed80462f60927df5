"""The matrix of rights says what the coordinator does: every user, every action, every resource, for generated manifests."""

import base64
import random

import pytest

from marble_core.manifest.access import COMPLETE, Access
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import Action, ResourceType
from tests.fakes.api_driver import ApiDriver, user
from tests.fakes.manifests import encoded
from tests.fakes.simulated_directory import SimulatedDirectory

MANIFESTS = 30
USERS = ("anna", "bela", "cora", "dina")
PACKAGES = ("ant", "bee", "cow")
SECRETS = {
    "door": {"Type": "plain", "UserDefined": True},
    "code": {"Type": "symmetric-key", "Size": 64, "UserDefined": True},
    "tls": {"Type": "cert-ecdsa", "Size": 256, "UserDefined": True},
    "valve": {"Type": "symmetric-key", "Size": 128, "Shared": True},
    "own": {"Type": "symmetric-key", "Size": 128},
}
READABLE = [name for name, secret in SECRETS.items() if secret.get("UserDefined") or secret.get("Shared")]
WRITABLE = [name for name, secret in SECRETS.items() if secret.get("UserDefined")]
VALUES = {
    "door": {"Key": base64.b64encode(b"open").decode()},
    "code": {"Key": base64.b64encode(bytes(8)).decode()},
    "tls": {"Cert": base64.b64encode(user("anna").der).decode()},
}


def some(chooser, of):
    return sorted(chooser.sample(of, chooser.randint(0, len(of))))


def spelt(chooser, action):
    return chooser.choice([action.value, action.value.lower(), action.value.upper()])


def generated(seed):
    """A manifest that a coordinator accepts, with roles of every kind, overlapping and empty ones among them."""
    chooser = random.Random(seed)
    roles = {}
    for number in range(chooser.randint(0, 6)):
        kind = chooser.choice(["Packages", "read", "write", "both", "Manifest"])
        match kind:
            case "Packages":
                role = {"ResourceNames": some(chooser, PACKAGES), "Actions": [Action.UPDATE_SECURITY_VERSION]}
            case "read":
                role = {"ResourceNames": some(chooser, READABLE), "Actions": [Action.READ_SECRET]}
            case "write":
                role = {"ResourceNames": some(chooser, WRITABLE), "Actions": [Action.WRITE_SECRET]}
            case "both":
                actions = [Action.WRITE_SECRET, Action.READ_SECRET]
                role = {"ResourceNames": some(chooser, WRITABLE), "Actions": actions}
            case _:
                role = {"Actions": [Action.UPDATE_MANIFEST]}
        resource = kind if kind in {"Packages", "Manifest"} else "Secrets"
        role["Actions"] = [spelt(chooser, action) for action in role["Actions"]][
            : chooser.choice([0, 2, 2, 2])
        ]
        roles[f"role-{number}"] = {"ResourceType": resource, **role}
    users = {
        name: {"Certificate": user(name).pem.decode(), "Roles": some(chooser, list(roles))}
        for name in some(chooser, USERS)
    }
    return {
        "Packages": {
            name: {"SignerID": "e1" * 32, "ProductID": 4, "SecurityVersion": 9} for name in PACKAGES
        },
        "Marbles": {"zoo": {"Package": "ant"}},
        "Secrets": SECRETS,
        "Users": users,
        "Roles": roles,
    }


def may(coordinator, who, resource, action, whole):
    """What the coordinator answers, by requests that are refused for another reason where that is possible."""
    if action is Action.READ_SECRET:
        return coordinator.call("GET", f"/secrets?s={resource.name}", as_user=who).status == 200
    if action is Action.WRITE_SECRET:
        body = {resource.name: VALUES.get(resource.name, {"Key": "AAAA"})}
        return coordinator.call("POST", "/secrets", body, as_user=who).status == 200
    if action is Action.UPDATE_SECURITY_VERSION:
        body = {"Packages": {resource.name: {"SecurityVersion": 1}}}  # a downgrade, which nobody may do
        _, message = coordinator.call("POST", "/update", body, as_user=who).refusal
        assert "not allowed to update one or more packages" in message or "downgrade" in message
        return "downgrade" in message
    body = {**whole, "Marbles": {"zoo": {"Package": "none"}}}  # a manifest that no rule lets pass
    _, message = coordinator.call("POST", "/update", body, as_user=who).refusal
    return "not allowed to update the complete manifest" not in message


ACTIONS = {
    ResourceType.PACKAGES: (Action.UPDATE_SECURITY_VERSION,),
    ResourceType.SECRETS: (Action.READ_SECRET, Action.WRITE_SECRET),
    ResourceType.MANIFEST: (Action.UPDATE_MANIFEST,),
}


@pytest.mark.parametrize("seed", range(MANIFESTS))
def test_the_matrix_is_what_the_coordinator_answers(seed):
    manifest = generated(seed)
    access = Access.of(decode_manifest(encoded(manifest)).manifest)
    with ApiDriver(SimulatedDirectory()) as coordinator:
        coordinator.set_manifest(manifest)
        for name in manifest["Users"]:
            for resource in access.resources:
                for action in ACTIONS[resource.kind]:
                    said = access.may(name, action, resource.name)
                    assert may(coordinator, name, resource, action, manifest) == said, (
                        name,
                        resource,
                        action,
                    )
            assert coordinator.call("GET", "/secrets?s=own", as_user=name).status == 400
    assert (ResourceType.SECRETS, "own") not in access.resources
    assert (ResourceType.MANIFEST, COMPLETE) in access.resources
