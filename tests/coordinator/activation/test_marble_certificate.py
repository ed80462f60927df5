"""The certificate of an activated marble, and what its request may ask for (spec: marble-api.md, sections 3 to 5)."""

import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marble_coordinator.errors import CannotActivate
from marble_coordinator.pki import der
from marble_coordinator.pki.marble import MARBLE_TYPE, identify_marble
from tests.fakes.marble import CSR, activate, signing_request
from tests.fakes.ship import NAME, NOW, spki


def test_the_certificate_names_the_marble_and_is_good_for_both_ends(ship, deck):
    certificate = deck.certificate
    assert certificate.subject == x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    assert certificate.issuer == ship.world.authority.marble_root.certificate.subject
    extensions = certificate.extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.key_agreement
    assert not usage.value.key_cert_sign
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    marble_type = extensions.get_extension_for_oid(MARBLE_TYPE)
    assert (marble_type.critical, marble_type.value.public_bytes()) == (False, b"deck")
    authority = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert authority.key_identifier == ship.world.authority.marble_root.key_id
    with pytest.raises(x509.ExtensionNotFound):
        extensions.get_extension_for_oid(ExtensionOID.SUBJECT_KEY_IDENTIFIER)
    assert certificate.not_valid_before_utc == NOW
    assert certificate.not_valid_after_utc.year == 2318
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA384)
    assert isinstance(certificate.public_key().curve, ec.SECP384R1)


def test_the_key_belongs_to_the_certificate_which_chains_to_both_roots(ship, deck):
    authority = ship.world.authority
    assert spki(deck.key.public_key()) == spki(deck.certificate.public_key())
    assert deck.chain == [deck.certificate, authority.intermediate.certificate]
    assert deck.root == authority.marble_root.certificate
    deck.certificate.verify_directly_issued_by(deck.root)
    deck.certificate.verify_directly_issued_by(authority.intermediate.certificate)
    authority.intermediate.certificate.verify_directly_issued_by(authority.root.certificate)
    assert deck.env["MARBLE_PREDEFINED_COORDINATOR_ROOT_CA"].decode() == authority.root.pem


def test_of_the_request_its_names_are_taken_but_for_the_common_one_and_the_organization(service):
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "anybody"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Somebody Else"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, "Aft"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "x@example.com"),
        ]
    )
    names = [
        x509.DNSName("deck.example"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
        x509.RFC822Name("x@example.com"),
        x509.DNSName("*.deck.example"),
    ]
    got = activate(service, "deck", NAME, csr=signing_request(*names, subject=subject))
    assert got.certificate.subject.rfc4514_string() == f"CN={NAME},L=Aft"
    sans = got.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(sans) == [names[0], names[3], names[1]]


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_names_that_no_authority_would_take_are_taken_as_they_are(service):
    attributes = {
        NameOID.COUNTRY_NAME: "Nowhere",
        NameOID.LOCALITY_NAME: "x" * 500,
        NameOID.STREET_ADDRESS: "Ä 1",
    }
    subject = x509.Name(
        [x509.NameAttribute(oid, value, _validate=False) for oid, value in attributes.items()]
    )
    got = activate(service, "deck", NAME, csr=signing_request(subject=subject)).certificate.subject
    for oid, value in attributes.items():
        assert [one.value for one in got.get_attributes_for_oid(oid)] == [value]


def mutated(data, original):
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    return bytes(changed)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_mutated_request_is_refused(service, data):
    csr = mutated(data, CSR)
    try:
        activate(service, "mast", csr=csr)
    except CannotActivate:
        return
    assert csr == CSR, "the signature covers everything"


REQUESTER = ec.generate_private_key(ec.SECP256R1())
REQUEST = x509.load_der_x509_csr(
    signing_request(
        x509.DNSName("a.example"),
        x509.IPAddress(ipaddress.ip_address("::1")),
        x509.RFC822Name("a@example.com"),
        x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a")])),
        key=REQUESTER,
    )
).tbs_certrequest_bytes


@pytest.mark.filterwarnings("ignore:Attribute's length")
@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_strange_request_is_served_or_refused_even_if_its_signature_is_right(ship, service, data):
    marble_root = ship.world.authority.marble_root
    info = mutated(data, REQUEST)
    ecdsa_with_sha256 = der.sequence(der.object_id((1, 2, 840, 10045, 4, 3, 2)))
    signature = REQUESTER.sign(info, ec.ECDSA(hashes.SHA256()))
    csr = der.sequence(info, ecdsa_with_sha256, der.bit_string(signature))
    try:
        got = activate(service, "mast", NAME, csr=csr)
    except CannotActivate:
        return
    identity = identify_marble(got.certificate.public_bytes(Encoding.DER), marble_root, NOW)
    assert (identity.type, str(identity.uuid)) == ("mast", NAME)


def test_a_request_cannot_ask_for_a_certificate_authority(service):
    ca = x509.BasicConstraints(ca=True, path_length=None)
    type_of_another = x509.UnrecognizedExtension(MARBLE_TYPE, b"hull")
    got = activate(service, "deck", csr=signing_request(extensions=(ca, type_of_another)))
    extensions = got.certificate.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert extensions.get_extension_for_oid(MARBLE_TYPE).value.public_bytes() == b"deck"


def test_who_was_activated_is_known_by_its_certificate(ship, deck):
    identity = identify_marble(
        deck.certificate.public_bytes(Encoding.DER), ship.world.authority.marble_root, NOW
    )
    assert (identity.type, str(identity.uuid)) == ("deck", NAME)


def test_every_activation_makes_another_key(service):
    keys = {spki(activate(service, "deck", NAME).key.public_key()) for _ in range(3)}
    assert len(keys) == 3
