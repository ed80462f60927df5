"""A connection on which checks are off names each of them as long as it is open."""

import datetime as dt

import pytest

from marble_client.address import Address
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.insecure import checks_off, insecure_banner
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.policy import Acceptance, write_policy
from tests.fakes.attested import good_policy, pki

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
REMOTE = Profile("observatory", Kind.REMOTE, Address("observatory.example"), NOON, root_der=b"root")
LOCAL = Profile("local", Kind.LOCAL, Address("127.0.0.1"), NOON)


def terms(*, anchor=None, acceptances=(), **policy):
    text = write_policy(good_policy(**policy)).decode()
    return Terms(policy=text, anchor_der=anchor, acceptances=acceptances)


def test_with_every_check_on_there_is_no_banner():
    assert checks_off(REMOTE, terms(anchor=INTEL.certificate.der)) == ()
    assert insecure_banner(()) is None


def test_the_local_coordinator_is_started_by_the_console_itself():
    assert checks_off(LOCAL, Terms()) == ()
    assert checks_off(None, Terms()) == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (terms(debug=True), "debug attribute"),
        (terms(anchor=pki().root.der), "hardware"),
        (terms(accepted_statuses=("OutOfDate", "Revoked")), "TCB level (OutOfDate accepted)"),
        (terms(acceptances=(Acceptance("ConfigurationNeeded", "soon"),)), "TCB level (ConfigurationNeeded"),
    ],
)
def test_each_check_that_is_off_is_named(given, said):
    (off,) = checks_off(REMOTE, given)
    assert said in off
    banner = insecure_banner((off,))
    assert banner.fact == "Insecure connection: 1 check is off"
    assert off in banner.consequence
    assert "seen" not in {action.key for action in banner.actions}  # it stays


def test_a_root_from_a_file_and_no_policy_leaves_two_checks_out():
    identity, quote = checks_off(REMOTE, Terms())
    assert identity.startswith("enclave identity")
    assert quote.startswith("quote")
