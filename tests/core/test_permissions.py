"""Permissions are the union over roles."""

import pytest

from marble_core.manifest.model import Action, Manifest, Role, User
from marble_core.manifest.permissions import permissions


@pytest.fixture
def manifest():
    return Manifest(
        roles={
            "raise": Role("Packages", ("web",), ("UPDATEsecurityVersion",)),
            "raise-db": Role("Packages", ("db",), ("UpdateSecurityVersion",)),
            "keys": Role("Secrets", ("token",), ("ReadSecret", "WriteSecret")),
            "admin": Role("Manifest", (), ("UpdateManifest",)),
            "idle": Role("Secrets", (), ("ReadSecret",)),
        },
        users={
            "mia": User("", ("raise", "raise-db", "keys")),
            "noor": User("", ("admin", "idle")),
            "olu": User(),
        },
    )


def test_resources_add_up_over_roles(manifest):
    assert permissions(manifest)["mia"] == {
        Action.UPDATE_SECURITY_VERSION: {"web", "db"},
        Action.READ_SECRET: {"token"},
        Action.WRITE_SECRET: {"token"},
    }


def test_updating_the_manifest_names_no_resource(manifest):
    assert permissions(manifest)["noor"] == {Action.UPDATE_MANIFEST: frozenset()}


def test_a_user_without_roles_may_nothing(manifest):
    assert permissions(manifest)["olu"] == {}


def test_roles_and_actions_that_do_not_exist_grant_nothing():
    draft = Manifest(
        roles={"odd": Role("Secrets", ("token",), ("Fly",))}, users={"mia": User("", ("odd", "gone"))}
    )
    assert permissions(draft)["mia"] == {}
