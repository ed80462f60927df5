"""The rights of a manifest laid out: the matrix, by which roles, and who could be locked out."""

import csv
import io

import pytest

from marble_core.manifest.access import COMPLETE, Access, Resource, Risk, lock_outs, through
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import Action, ResourceType
from tests.fakes.manifests import bent, encoded, observatory

READ, WRITE = Action.READ_SECRET, Action.WRITE_SECRET
RAISE, REPLACE = Action.UPDATE_SECURITY_VERSION, Action.UPDATE_MANIFEST


def decoded(*changes):
    return decode_manifest(encoded(bent(*changes) if changes else observatory())).manifest


def risks(*changes):
    manifest = decoded(*changes)
    return {(each.risk, each.names, each.user) for each in lock_outs(manifest, Access.of(manifest))}


def test_rights_are_the_union_over_the_roles_of_a_user():
    access = Access.of(decoded())
    assert access.who(READ, "note") == ("vera",)
    assert access.who(RAISE, "dome") == ("carl", "vera")
    assert access.of_user("carl") == ((Resource(ResourceType.PACKAGES, "dome"), frozenset({RAISE})),)
    assert access.who(REPLACE) == ()


def test_what_nobody_can_have_a_right_on_is_no_column():
    names = [resource.name for resource in Access.of(decoded()).resources]
    assert names == ["camera", "dome", "note", "star", "web", COMPLETE]


def test_a_right_on_the_manifest_is_one_on_all_of_it():
    access = Access.of(
        decoded(
            (("Roles", "editor"), {"ResourceType": "Manifest", "Actions": ["updatemanifest"]}),
            (("Users", "carl", "Roles"), ["editor"]),
        )
    )
    assert access.who(REPLACE) == ("carl",)
    assert access.may("carl", REPLACE, COMPLETE)


def test_the_roles_behind_a_right_are_named_with_all_that_they_speak_of():
    (grant,) = through(decoded(), "vera", WRITE, "note")
    assert (grant.role, grant.names, grant.actions) == ("keeper", ("note",), ("ReadSecret", "WriteSecret"))
    assert through(decoded(), "carl", WRITE, "note") == ()
    assert through(decoded(), "nobody", WRITE, "note") == ()


def test_one_who_alone_can_set_something_is_a_risk():
    assert (Risk.ONE_WRITES, ("note",), "vera") in risks()
    both = (("Users", "carl", "Roles"), ["keeper"])
    assert not any(risk is Risk.ONE_WRITES for risk, *_ in risks(both))


def test_what_nobody_can_set_is_a_worse_one():
    assert (Risk.NOBODY_WRITES, ("note",), None) in risks((("Roles", "keeper", "Actions"), ["ReadSecret"]))


@pytest.mark.parametrize(("roles", "risk"), [(["keeper"], Risk.ONE_RAISES), (["keeper", "raiser"], None)])
def test_packages_that_one_alone_can_raise(roles, risk):
    found = {each for each, names, _ in risks((("Users", "vera", "Roles"), roles)) if names == ("dome",)}
    assert found == ({risk} if risk else set())


def test_a_package_of_a_fixed_enclave_cannot_be_raised_anyway():
    assert not any("camera" in names for _, names, _ in risks())


def test_a_threshold_that_cannot_be_reached():
    changes = (
        (("Roles", "editor"), {"ResourceType": "Manifest", "Actions": ["UpdateManifest"]}),
        (("Users", "carl", "Roles"), ["editor"]),
        (("Config", "UpdateThreshold"), 2),
    )
    assert (Risk.TOO_FEW_REPLACE, ("carl",), None) in risks(*changes)


def test_the_table_for_spreadsheets_holds_every_right_and_no_formula():
    manifest = decoded((("Users", "=cmd()"), observatory()["Users"]["carl"]))
    rows = list(csv.reader(io.StringIO(Access.of(manifest).as_csv())))
    assert rows[0][1:3] == ["Packages: camera", "Packages: dome"]
    assert rows[1][0] == "'=cmd()"
    assert rows[-1][0] == "vera"
    assert "ReadSecret WriteSecret" in rows[-1]
