import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from marble_coordinator.pki.authority import (
    CertifiedKey,
    alternative_names,
    new_authority,
    renew_intermediate,
)

NOW = dt.datetime(2026, 5, 6, 7, 8, 9, 123_456, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=400)
ROLES = ["root", "intermediate", "marble_root"]


@pytest.fixture(scope="module")
def authority():
    return new_authority(["localhost", "depot.example"], NOW)


@pytest.fixture(params=ROLES)
def certificate(request, authority):
    return getattr(authority, request.param).certificate


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


def names_of(certificate):
    return list(extension(certificate, x509.SubjectAlternativeName).value)


def test_every_certificate_has_the_common_profile(certificate):
    assert certificate.version is x509.Version.v3
    assert isinstance(certificate.public_key().curve, ec.SECP384R1)
    assert certificate.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA384
    assert 0 < certificate.serial_number < 2**128
    assert certificate.not_valid_before_utc == NOW.replace(microsecond=0)
    assert certificate.not_valid_after_utc == dt.datetime(2318, 8, 16, 6, 55, 25, tzinfo=dt.UTC)
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical
    assert {name for name, is_set in vars_of(usage.value).items() if is_set} == {
        "digital_signature",
        "key_cert_sign",
    }
    purposes = extension(certificate, x509.ExtendedKeyUsage)
    assert list(purposes.value) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    constraints = extension(certificate, x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=None)
    key_id = extension(certificate, x509.SubjectKeyIdentifier).value
    assert key_id == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    assert names_of(certificate) == [
        x509.DNSName("localhost"),
        x509.DNSName("depot.example"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]


def vars_of(usage):
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment"]
    return {name: getattr(usage, name) for name in [*names, "key_agreement", "key_cert_sign", "crl_sign"]}


def test_who_signs_whom_and_under_which_name(authority):
    root, intermediate, marble_root = (getattr(authority, role).certificate for role in ROLES)
    assert root.subject.rfc4514_string() == "CN=MarbleRun Coordinator"
    assert intermediate.subject.rfc4514_string() == "CN=MarbleRun Coordinator - Intermediate CA"
    assert marble_root.subject == intermediate.subject
    assert marble_root.public_key() == intermediate.public_key() != root.public_key()
    root.verify_directly_issued_by(root)
    intermediate.verify_directly_issued_by(root)
    marble_root.verify_directly_issued_by(marble_root)


def test_only_the_intermediate_names_its_issuers_key(authority):
    root, intermediate, marble_root = (getattr(authority, role).certificate for role in ROLES)
    authority_key = extension(intermediate, x509.AuthorityKeyIdentifier).value
    assert authority_key.key_identifier == extension(root, x509.SubjectKeyIdentifier).value.digest
    for self_signed in (root, marble_root):
        with pytest.raises(x509.ExtensionNotFound):
            extension(self_signed, x509.AuthorityKeyIdentifier)


def test_the_chain_is_the_intermediate_then_the_root(authority):
    certificates = x509.load_pem_x509_certificates(authority.chain_pem.encode())
    assert certificates == [authority.intermediate.certificate, authority.root.certificate]
    assert authority.chain_pem.endswith("-----END CERTIFICATE-----\n")


def test_renewing_keeps_the_root_and_the_names_and_replaces_the_rest(authority):
    renewed = renew_intermediate(authority, LATER)
    assert renewed.root is authority.root
    assert renewed.names == authority.names
    old, new = authority.intermediate.certificate, renewed.intermediate.certificate
    new.verify_directly_issued_by(renewed.root.certificate)
    assert new.subject == old.subject
    assert names_of(new) == names_of(old)
    assert new.not_valid_before_utc == LATER.replace(microsecond=0)
    assert renewed.marble_root.certificate.public_key() == new.public_key() != old.public_key()


def test_the_manifest_signature_is_ecdsa_with_sha256_by_the_root(authority):
    raw = b'{"Packages": {}}\n'
    signature = authority.sign_manifest(raw)
    public = authority.root.certificate.public_key()
    public.verify(signature, raw, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(signature, raw.strip(), ec.ECDSA(hashes.SHA256()))


def test_keys_are_sec1_and_come_back_with_their_certificates(authority):
    for role in ROLES:
        pair = getattr(authority, role)
        assert pair.key_der[3:6] == b"\x02\x01\x01", "an ECPrivateKey begins with version 1 (RFC 5915)"
        assert load_der_private_key(pair.key_der, None).public_key() == pair.key.public_key()
        again = CertifiedKey.from_der(pair.key_der, pair.der)
        assert (again.der, again.key_der, again.pem) == (pair.der, pair.key_der, pair.pem)


def test_private_keys_do_not_show_in_a_repr(authority):
    assert "PrivateKey" not in repr(authority)


LOOPBACK = ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("parts", "dns", "ips"),
    [
        ([], [], LOOPBACK),
        ([""], [], LOOPBACK),
        (["localhost"], ["localhost"], LOOPBACK),
        ([" a.example ", "", "  ", "*.b.example"], ["a.example", "*.b.example"], LOOPBACK),
        (["10.1.2.3", "a.example", "2001:db8::7"], ["a.example"], ["10.1.2.3", "2001:db8::7", *LOOPBACK]),
        (["127.0.0.1", "::1", "0:0:0:0:0:0:0:1"], [], LOOPBACK),
        (["a.example", "a.example"], ["a.example"], LOOPBACK),
    ],
)
def test_names_are_trimmed_and_addresses_are_addresses(parts, dns, ips):
    names = alternative_names(parts)
    assert [name.value for name in names if isinstance(name, x509.DNSName)] == dns
    assert [str(name.value) for name in names if isinstance(name, x509.IPAddress)] == ips
    assert len(names) == len(dns) + len(ips)


def test_a_name_outside_ascii_is_refused():
    with pytest.raises(ValueError, match="A-label"):
        alternative_names(["dépôt.example"])


def test_serial_numbers_differ(authority):
    assert len({getattr(authority, role).certificate.serial_number for role in ROLES}) == 3
