"""`coordinator-era.json`: read as the reference reads it, refused where it would trust anybody, written back the same."""

import base64
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.attestation.errors import PolicyRefused
from marble_core.attestation.policy import (
    DEFAULT_STATUSES,
    Acceptance,
    Policy,
    decode_policy,
    read_policy,
    write_policy,
)
from marble_core.attestation.tcb import TcbStatus

FULL = {
    "UniqueID": "aB" * 32,
    "SignerID": "cd" * 32,
    "ProductID": 3,
    "SecurityVersion": 3,
    "Debug": True,
    "AcceptedTCBStatuses": ["UpToDate"],
    "AcceptedAdvisories": ["INTEL-SA-00000"],
    "Nonce": base64.b64encode(b"again").decode(),
    "InsecureSkipVerify": False,
}

policies = st.builds(
    Policy,
    st.binary(min_size=32, max_size=32) | st.none(),
    st.binary(min_size=32, max_size=32),
    st.integers(1, 2**16 - 1),
    st.integers(1, 2**64 - 1),
    st.booleans(),
    st.lists(st.sampled_from([status.value for status in TcbStatus])).map(tuple),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=20)).map(tuple),
    st.binary(max_size=40),
    st.booleans(),
)


def read(record, **changes):
    return read_policy(json.dumps(record | changes).encode())


def test_every_field_is_read():
    policy = read(FULL)
    assert policy.unique_id == b"\xab" * 32
    assert policy.signer_id == b"\xcd" * 32
    assert (policy.product_id, policy.security_version, policy.debug) == (3, 3, True)
    assert policy.accepted_statuses == ("UpToDate",)
    assert policy.accepted_advisories == ("INTEL-SA-00000",)
    assert policy.nonce == b"again"
    assert not policy.insecure_skip_verify


@given(policies)
def test_a_policy_that_is_written_reads_the_same(policy):
    assert read_policy(write_policy(policy)) == policy


@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.swapcase], ids=lambda f: f.__name__)
def test_keys_are_read_in_any_letter_case_without_a_warning(spelled):
    raw = json.dumps({spelled(key): value for key, value in FULL.items()}).encode()
    assert read_policy(raw) == read(FULL)
    assert not [one for one in decode_policy(raw).warnings if one.rule.startswith("C")]


def test_what_is_left_out_has_the_defaults_of_the_reference():
    policy = read({"UniqueID": "ab" * 32})
    assert policy.accepted_statuses == DEFAULT_STATUSES
    assert (policy.product_id, policy.security_version, policy.debug, policy.nonce) == (0, 0, False, b"")
    assert read({"UniqueID": "ab" * 32}, AcceptedTCBStatuses=None).accepted_statuses == DEFAULT_STATUSES


def test_an_explicit_empty_list_of_statuses_accepts_nothing_but_up_to_date():
    policy = read({"UniqueID": "ab" * 32}, AcceptedTCBStatuses=[])
    assert policy.accepts_status(TcbStatus.UP_TO_DATE)
    assert not policy.accepts_status(TcbStatus.SW_HARDENING_NEEDED)


def test_up_to_date_needs_no_entry_and_no_entry_helps_a_revoked_platform():
    policy = read({"UniqueID": "ab" * 32}, AcceptedTCBStatuses=["Revoked", "OutOfDate"])
    assert policy.accepts_status(TcbStatus.UP_TO_DATE)
    assert policy.accepts_status(TcbStatus.OUT_OF_DATE)
    assert not policy.accepts_status(TcbStatus.REVOKED)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"UniqueID": "0x" + "ab" * 31}, "UniqueID must be hex of 32 bytes"),
        ({"SignerID": "ab cd"}, "SignerID must be hex of 32 bytes"),
        ({"SignerID": "ab"}, "SignerID must be hex of 32 bytes"),
        ({"ProductID": 65536}, "ProductID must be"),
        ({"SecurityVersion": -1}, "SecurityVersion must be"),
        ({"Debug": "yes"}, "Debug must be true or false"),
        ({"AcceptedAdvisories": "INTEL-SA-00000"}, "AcceptedAdvisories must be a list"),
        ({"Nonce": "?"}, "Nonce is not valid base64"),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_refused_and_named(change, said):
    with pytest.raises(PolicyRefused, match=said):
        read(FULL, **change)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"SignerID"}, "neither UniqueID nor SignerID"),
        ({"ProductID"}, "ProductID above 0"),
        ({"SecurityVersion"}, "SecurityVersion above 0"),
        (set(FULL), "SecurityVersion above 0"),
    ],
    ids=["signer", "product", "version", "everything"],
)
def test_a_policy_that_names_no_enclave_is_refused(missing, said):
    record = {key: value for key, value in FULL.items() if key not in missing | {"UniqueID"}}
    with pytest.raises(PolicyRefused, match=said):
        read(record)
    decoded = decode_policy(json.dumps(record).encode())
    assert decoded.gaps  # an editor shows them beside each other
    assert not decoded.refusals


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"{}{}", b"\xff", b"null"])
def test_what_is_no_policy_at_all_is_refused(raw):
    with pytest.raises(PolicyRefused):
        read_policy(raw)


def test_what_is_hardly_meant_gives_a_warning():
    raw = json.dumps(
        FULL
        | {
            "SecurityVersin": 4,
            "InsecureSkipVerify": True,
            "AcceptedTCBStatuses": ["Revoked", "Splendid"],
        }
    ).encode()
    said = " ".join(one.sentence for one in decode_policy(raw).warnings)
    assert "“SecurityVersin” is ignored. Did you mean SecurityVersion?" in said
    assert "verified all the same" in said
    assert "revoked platform is never accepted" in said
    assert "no TCB status “Splendid”" in said
    assert "Debug enclaves are allowed" in said


def test_advisories_are_compared_in_any_letter_case_and_an_empty_list_accepts_all():
    policy = read(FULL)
    assert policy.accepts_advisory("intel-sa-00000")
    assert not policy.accepts_advisory("INTEL-SA-00001")
    assert read(FULL, AcceptedAdvisories=[]).accepts_advisory("INTEL-SA-00001")


def test_an_acceptance_ends_at_its_second():
    end = dt.datetime(2026, 12, 31, tzinfo=dt.UTC)
    acceptance = Acceptance("OutOfDate", "new board is on its way", end)
    assert acceptance.holds_at(end - dt.timedelta(seconds=1))
    assert not acceptance.holds_at(end)
    assert Acceptance("OutOfDate", "").holds_at(end)
    assert acceptance.is_about("outofdate")
