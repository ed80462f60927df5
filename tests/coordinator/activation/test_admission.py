"""Who is activated, and in which order it is asked (spec: marble-api.md, section 3)."""

import uuid

import pytest

from marble_coordinator.errors import CannotActivate, MarbleRefused, NoMarbleCertificate, NotAUuid, WrongState
from tests.fakes.marble import CSR, activate
from tests.fakes.ship import NAME, service_of


@pytest.mark.parametrize("state", ["waiting", "locked"])
def test_without_a_manifest_in_force_nobody_is_activated(request, state):
    with pytest.raises(WrongState):
        activate(service_of(request.getfixturevalue(state)))


BAD = {"marble_type": "lost", "name": "nobody", "csr": b"no request", "certificate": None}


def test_the_first_thing_wrong_is_the_one_complained_about(ship):
    service = service_of(ship)
    bad = dict(BAD)
    with pytest.raises(NoMarbleCertificate):
        activate(service, **bad)
    del bad["certificate"]
    with pytest.raises(MarbleRefused, match="unknown marble type"):
        activate(service, **bad)
    bad["marble_type"] = "pump"
    with pytest.raises(NotAUuid):
        activate(service, **bad)
    bad["name"] = NAME
    with pytest.raises(CannotActivate, match="failed to parse CSR"):
        activate(service, **bad)
    del bad["csr"]
    with pytest.raises(CannotActivate, match=r"env variable DOOR.*empty value"):
        activate(service, **bad)


@pytest.mark.parametrize(
    "name",
    [NAME, NAME.upper(), NAME.replace("-", ""), "{" + NAME + "}", "urn:uuid:" + NAME, "URN:UUID:" + NAME],
)
def test_a_uuid_may_be_written_in_four_ways(service, name):
    assert activate(service, "deck", name).certificate.subject.rfc4514_string() == f"CN={NAME}"


@pytest.mark.parametrize(
    "name",
    ["", "1", "not-a-uuid", NAME + " ", NAME[:-1], NAME[:-1] + "g", "{" + NAME, "(" + NAME + ")", NAME + "\n",
     NAME.replace("-", "").replace("5", "\u0665"), "-".join(NAME), "urn:uuid:" + NAME.replace("-", "")],
)  # fmt: skip
def test_other_texts_are_no_uuid(service, name):
    with pytest.raises(NotAUuid):
        activate(service, "deck", name)


def bent(csr):
    return csr[:-1] + bytes([csr[-1] ^ 1])


@pytest.mark.parametrize("csr", [b"", b"0", CSR[:-1], bent(CSR), CSR + b"0"], ids=range(5))
def test_a_request_that_is_broken_or_not_signed_is_refused(service, csr):
    with pytest.raises(CannotActivate):
        activate(service, "deck", csr=csr)


def test_on_sgx_nobody_is_activated_whose_quote_cannot_be_verified(ship):
    service = service_of(ship, on_sgx=True)
    with pytest.raises(MarbleRefused, match="cannot verify the quotes"):
        activate(service, "deck", quote=b"anything")


def test_without_sgx_no_quote_is_looked_at(service):
    for quote in (b"", b"junk"):
        assert activate(service, "deck", quote=quote).argv == ("deck", "--watch")


def test_a_uuid_is_taken_whatever_its_version(service):
    for version in (1, 3, 4, 5):
        activate(service, "deck", str(uuid.UUID(int=7, version=version)))
