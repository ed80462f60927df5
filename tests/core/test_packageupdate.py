"""Which package updates can be made (spec: client-api-v1.md, section 4, POST `/update`)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.model import Package, PackageName
from marble_core.packageupdate import UpdateRefused, check_update, parse_update

CHECKING = "checking update manifest: "
CURRENT = {
    PackageName("dome"): Package(signer_id="aa", product_id=3, security_version=5),
    PackageName("lens"): Package(signer_id="aa", product_id=4, security_version=1),
    PackageName("camera"): Package(unique_id="bb"),
    PackageName("toy"): Package(debug=True),
}


def update(body):
    return check_update(parse_update(body if isinstance(body, bytes) else json.dumps(body).encode()), CURRENT)


def raise_to(version, package="dome", **more):
    return {"Packages": {package: {"SecurityVersion": version, **more}}}


@pytest.mark.parametrize("version", [5, 6, 2**64 - 1])
def test_a_version_may_stay_or_rise(version):
    assert update(raise_to(version)) == {
        "dome": Package(signer_id="aa", product_id=3, security_version=version)
    }


def test_a_package_without_a_version_gets_one():
    assert update(raise_to(0, "toy"))["toy"].security_version == 0


def test_several_packages_come_in_name_order():
    body = {"Packages": {"lens": {"SecurityVersion": 2}, "dome": {"SecurityVersion": 6}}}
    assert list(update(body)) == ["dome", "lens"]


def test_what_changes_nothing_is_ignored():
    body = (
        b' {"packages": {"dome": {"SECURITYVERSION": 6, "Debug": false, "UniqueID": "", "ProductID": null,'
        b' "AcceptedTCBStatuses": ["x"], "Note": 1}}, "Note": 1, "Users": {}, "Marbles": null, "Config": null}\n'
    )
    assert not parse_update(body).is_complete
    assert update(body)["dome"] == Package(signer_id="aa", product_id=3, security_version=6)


@pytest.mark.parametrize(
    "section", ["Infrastructures", "Marbles", "Users", "RecoveryKeys", "Roles", "Secrets", "TLS", "marbles"]
)
def test_any_other_section_makes_it_a_complete_update(section):
    value = "x" if section == "RecoveryKeys" else {}
    assert parse_update(json.dumps(raise_to(6) | {section: {"x": value}}).encode()).is_complete


UNMARSHALING = "unmarshaling update manifest: "
UNUPDATABLE = CHECKING + "update manifest contains unupdatable values"
REFUSED = [
    (b"", UNMARSHALING + "unexpected end of JSON input"),
    (b"dome=4", UNMARSHALING),
    ([raise_to(6)], UNMARSHALING),
    ({"Packages": ["dome"]}, UNMARSHALING),
    (raise_to("6"), UNMARSHALING),
    (raise_to(-1), UNMARSHALING),
    (raise_to(6.5), UNMARSHALING),
    (raise_to(2**64), UNMARSHALING),
    (b"null", CHECKING + "no packages defined"),
    ({}, CHECKING + "no packages defined"),
    ({"Packages": None}, CHECKING + "no packages defined"),
    (raise_to(6, "Dome"), 'loading current package "Dome" from store: requested value not set'),
    (raise_to(6, Debug=True), UNUPDATABLE),
    (raise_to(6, UniqueID="x"), UNUPDATABLE),
    (raise_to(6, SignerID="aa"), UNUPDATABLE),
    (raise_to(6, ProductID=3), UNUPDATABLE),
    (raise_to(1, "camera"), UNUPDATABLE),
    ({"Packages": {"dome": {}}}, CHECKING + "update manifest does not specify a SecurityVersion to update"),
    ({"Packages": {"dome": None}}, CHECKING + "update manifest does not specify a SecurityVersion to update"),
    (raise_to(4), CHECKING + "update manifest tries to downgrade SecurityVersion of the original manifest"),
    (
        {"Packages": {"dome": {"SecurityVersion": 6}, "lens": {"SecurityVersion": 0}}},
        CHECKING + "update manifest tries to downgrade SecurityVersion of the original manifest",
    ),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_other_updates_are_refused(body, message):
    with pytest.raises(UpdateRefused) as refused:
        update(body)
    assert refused.value.message.startswith(message)
    assert refused.value.sentence.endswith(".")


@given(st.integers(0, 2**64 - 1))
def test_no_update_ever_lowers_a_version(version):
    try:
        raised = update(raise_to(version))
    except UpdateRefused:
        assert version < 5
    else:
        assert raised["dome"].security_version == version >= 5
