"""What a manifest opens by feature gates: sign-quote and monotonic counters (spec: client-api-v2.md, section 5)."""

import datetime as dt
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from marble_coordinator.pki.authority import new_authority
from marble_coordinator.pki.marble import MARBLE_TYPE
from marble_coordinator.records import counter_name
from tests.fakes.api_driver import ApiDriver, user
from tests.fakes.crew import b64, crewed, submit
from tests.fakes.simulated_directory import Fault
from tests.fakes.tls_client import Identity

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
ONE, TWO = uuid.UUID(int=1, version=4), uuid.UUID(int=2, version=4)
KEY = ec.generate_private_key(ec.SECP384R1())


def gated(*gates):
    manifest = crewed()
    manifest["Config"] = {"FeatureGates": list(gates)}
    return manifest


@pytest.fixture
def counting(waiting):
    waiting.set_manifest(gated("monotonicCOUNTER"))
    return waiting


def marble(  # one argument for each way to bend it
    driver,
    marble_type="pump",
    name=str(ONE),
    issuer=None,
    usage=ExtendedKeyUsageOID.CLIENT_AUTH,
    oid=MARBLE_TYPE,
    begins=NOW - DAY,
    ends=NOW + DAY,
):
    """A client with a certificate such as activation issues."""
    issuer = issuer or driver.world.authority.marble_root
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.certificate.subject)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, usage]), critical=False)
        .add_extension(x509.UnrecognizedExtension(oid, marble_type.encode()), critical=False)
        .sign(issuer.key, SHA384())
    )
    return Identity(certificate, KEY)


def count(driver, who, name="trips", value=1):
    return driver.call("POST", "/api/v2/monotonic-counter", {"name": name, "value": value}, as_user=who)


def sign_quote(driver, body):
    return driver.call("POST", "/api/v2/sign-quote", body)


# Gates


@pytest.mark.parametrize("state", ["waiting", "running", "locked"])
@pytest.mark.parametrize("path", ["/sign-quote", "/monotonic-counter"])
def test_a_gate_is_closed_unless_the_manifest_opens_it(request, state, path):
    for body in (b"", {}, b"x"):
        reply = request.getfixturevalue(state).call("POST", "/api/v2" + path, body)
        assert reply.refusal[0] == 403
        assert "is not enabled in the manifest" in reply.refusal[1]


def test_one_gate_does_not_open_the_other(counting):
    assert sign_quote(counting, {}).refusal[0] == 403


def test_an_update_opens_and_closes_gates_at_once(waiting):
    waiting.set_manifest(crewed())
    assert sign_quote(waiting, {}).status == 403
    submit(waiting, gated("SIGNQUOTEENDPOINT"))
    assert sign_quote(waiting, {}).status == 400


# Quotes


@pytest.mark.parametrize("body", [b"", b"x", [], {"sgxQuote": "?"}, {}, {"sgxQuote": b64(bytes(500))}])
def test_without_sgx_every_quote_is_refused_with_its_reason(waiting, body):
    waiting.set_manifest(gated("SignQuoteEndpoint"))
    reply = sign_quote(waiting, body)
    status, message = reply.failure
    assert status == 400
    assert reply.json["data"] == {"sgxQuote": message}
    assert message


# Counters


def test_a_counter_answers_with_its_former_value_and_never_goes_down(counting):
    one = marble(counting)
    values = [(5, 0), (9, 5), (3, 9), (9, 9), (0, 9), (2**64 - 1, 9), (1, 2**64 - 1)]
    for value, before in values:
        assert count(counting, one, value=value).data == {"value": before}


def test_every_marble_type_and_name_has_counters_of_its_own(counting):
    count(counting, marble(counting), value=5)
    assert count(counting, marble(counting), name="stops").data == {"value": 0}
    assert count(counting, marble(counting, name=str(TWO))).data == {"value": 0}
    assert count(counting, marble(counting, marble_type="radar")).data == {"value": 0}
    assert count(counting, marble(counting)).data == {"value": 5}


def test_no_two_counters_share_a_record():
    names = [("a", "b:c"), ("a:b", "c"), ("a%3Ab", "c"), ("", "a:b:c"), ("a:b:c", "")]
    assert len({counter_name(marble_type, ONE, name) for marble_type, name in names}) == len(names)


def test_counters_survive_a_restart_and_an_update(counting):
    count(counting, marble(counting), value=7)
    submit(counting, gated("MonotonicCounter"))
    counting.vault.close()
    with ApiDriver(counting.directory) as again:
        assert count(again, marble(again), value=0).data == {"value": 7}


def test_only_a_raise_is_written(counting):
    one = marble(counting)
    count(counting, one, value=7)
    before, files = counting.world, dict(counting.directory.files)
    for value in (7, 6, 0):
        count(counting, one, value=value)
    assert counting.world is before
    assert counting.directory.files == files


def test_a_raise_that_cannot_be_written_did_not_happen(counting):
    one = marble(counting)
    counting.directory.plan(0, Fault.FAIL_ON)
    assert count(counting, one, value=7).refusal[0] == 500
    counting.directory.repair()
    assert count(counting, one, value=0).data == {"value": 0}


@pytest.mark.parametrize(
    "body",
    [b"", b"x", [], {"name": 1}, {"name": "a", "value": -1}, {"name": "a", "value": 2**64}, {"value": "1"}],
)
def test_a_broken_body_is_the_callers_fault(counting, body):
    reply = counting.call("POST", "/api/v2/monotonic-counter", body, as_user=marble(counting))
    assert reply.failure[0] == 400
    assert reply.json["data"] is None


OTHER = new_authority(["localhost"], NOW)


@pytest.mark.parametrize(
    "bend",
    [
        lambda _: None,
        lambda _: user("mate"),
        lambda driver: marble(driver, name="pump"),
        lambda driver: marble(driver, oid=x509.ObjectIdentifier("1.3.9903.2.2")),
        lambda driver: marble(driver, begins=NOW + DAY, ends=NOW + 2 * DAY),
        lambda driver: marble(driver, begins=NOW - 2 * DAY, ends=NOW - DAY),
        lambda driver: marble(driver, usage=ExtendedKeyUsageOID.CODE_SIGNING),
        lambda driver: marble(driver, issuer=OTHER.marble_root),
        lambda driver: marble(driver, issuer=driver.world.authority.root),
        lambda driver: Identity(driver.world.authority.marble_root.certificate, KEY),
    ],
    ids=[
        "no certificate", "a user", "no UUID", "no type", "not yet valid", "expired", "other usage", "another issuer",
        "the root", "the issuer itself",
    ],
)  # fmt: skip
def test_who_is_no_marble_gets_401_before_the_body_is_looked_at(counting, bend):
    for body in (b"x", {"name": "trips", "value": 1}):
        reply = counting.call("POST", "/api/v2/monotonic-counter", body, as_user=bend(counting))
        status, message = reply.failure
        assert (status, message.split(":")[0]) == (401, "unauthorized marble")


def test_after_an_update_marbles_need_a_new_certificate(counting):
    former = marble(counting)
    assert count(counting, former).status == 200
    counting.call("POST", "/update", {"Packages": {"engine": {"SecurityVersion": 3}}}, as_user="mate")
    assert count(counting, former).failure[0] == 401
    assert count(counting, marble(counting), value=0).data == {"value": 1}
