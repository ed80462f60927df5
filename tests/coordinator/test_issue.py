import datetime as dt
import hashlib
import hmac
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.pki import issue
from marble_coordinator.pki.authority import new_authority, renew_intermediate
from marble_coordinator.pki.issue import (
    CannotGenerate,
    derive_key,
    generate,
    generate_all,
    reissue,
    reissue_all,
)
from marble_core.manifest.model import (
    CertificateTemplate,
    ExtraExtension,
    SecretDefinition,
    SecretType,
    Subject,
)
from marble_core.secrets import Secret
from tests.fakes.patience import PATIENCE

NOW = dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=100)

SYMMETRIC = SecretDefinition("symmetric-key", 128, shared=True)
RSA = SecretDefinition("cert-rsa", 1024, shared=True)  # the smallest one that the coordinator takes
ECDSA = SecretDefinition("cert-ecdsa", 256, shared=True)
ED25519 = SecretDefinition("cert-ed25519", shared=True)
PLAIN = SecretDefinition("plain", user_defined=True)


@pytest.fixture(scope="module")
def authority():
    return new_authority([], NOW)


@pytest.fixture(scope="module")
def renewed(authority):
    return renew_intermediate(authority, LATER)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def check_certificate(secret, issuer):
    """Key, public key and certificate belong together, in the forms of the API; returns certificate and key."""
    certificate = x509.load_der_x509_certificate(secret.cert)
    certificate.verify_directly_issued_by(issuer.certificate)
    key = load_der_private_key(secret.private, None)
    assert key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) == secret.private
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (
        spki
        == secret.public
        == key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    return certificate, key


@pytest.mark.parametrize("size", [8, 128, 512, 8 * 2**20])
def test_a_symmetric_key_is_random_and_of_the_size_declared(authority, size):
    definition = replace(SYMMETRIC, size=size)
    first, second = (generate("key", definition, authority.marble_root, NOW) for _ in range(2))
    assert first.private == first.public
    assert len(first.private) == size // 8
    assert (first.cert, first.size, first.shared, first.valid_for) == (b"", size, True, 0)
    assert first.private != second.private or size == 8


@pytest.mark.parametrize("size", [224, 256, 384, 521])
def test_the_size_of_an_ecdsa_secret_is_its_curve(authority, size):
    secret = generate("cert", replace(ECDSA, size=size), authority.marble_root, NOW)
    _, key = check_certificate(secret, authority.marble_root)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.key_size == secret.size == size


def test_an_rsa_secret(authority):
    _, key = check_certificate(generate("cert", RSA, authority.marble_root, NOW), authority.marble_root)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert (key.key_size, key.public_key().public_numbers().e) == (1024, 65537)


def test_an_ed25519_secret(authority):
    secret = generate("cert", ED25519, authority.marble_root, NOW)
    _, key = check_certificate(secret, authority.marble_root)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    assert (len(secret.private), len(secret.public)) == (48, 44)


@pytest.mark.parametrize(
    ("valid_for", "not_after", "end", "stored"),
    [
        (0, None, NOW + dt.timedelta(days=365), 365),
        (7, None, NOW + dt.timedelta(days=7), 7),
        (2_800_000, None, NOW + dt.timedelta(days=2_800_000), 2_800_000),
        (
            0,
            dt.datetime(2077, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
            dt.datetime(2077, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
            0,
        ),
        (0, dt.datetime(1999, 1, 1, tzinfo=dt.UTC), dt.datetime(1999, 1, 1, tzinfo=dt.UTC), 0),
    ],
)
def test_a_certificate_ends_when_the_definition_says(authority, valid_for, not_after, end, stored):
    template = CertificateTemplate(not_after=not_after) if not_after else None
    secret = generate("c", replace(ED25519, valid_for=valid_for, cert=template), authority.marble_root, NOW)
    certificate, _ = check_certificate(secret, authority.marble_root)
    assert certificate.not_valid_before_utc == NOW
    assert certificate.not_valid_after_utc == end
    assert secret.valid_for == stored


@pytest.mark.parametrize(
    "definition",
    [
        replace(ED25519, cert=CertificateTemplate(dns_names=("dépôt.example",))),
        replace(ED25519, valid_for=2**40),
    ],
    ids=["name", "validity"],
)
def test_what_slips_through_the_rules_is_refused_with_its_name(authority, definition):
    with pytest.raises(CannotGenerate, match=r"^generating secrets from manifest: .*: odd one$"):
        generate("odd one", definition, authority.marble_root, NOW)


PARCELS_TEMPLATE = CertificateTemplate(
    subject=Subject(common_name="Parcel Office", organization=("Parcels",)),
    dns_names=("parcels.example",),
    is_ca=True,
    extra_extensions=(ExtraExtension((1, 2, 3), b"kept"),),
)
PARCELS = replace(ECDSA, valid_for=7, cert=PARCELS_TEMPLATE)


@pytest.fixture(scope="module")
def old(authority):
    return generate("cert", PARCELS, authority.marble_root, NOW)


@pytest.fixture(scope="module")
def new(old, renewed):
    return reissue(old, PARCELS, renewed.marble_root, LATER)


def test_a_reissued_certificate_has_a_new_key_and_issuer(old, new, renewed):
    certificate, _ = check_certificate(new, renewed.marble_root)
    assert new.private != old.private
    assert certificate.serial_number != x509.load_der_x509_certificate(old.cert).serial_number


def test_a_reissued_certificate_lives_no_longer_than_its_predecessor(old, new):
    before, after = (x509.load_der_x509_certificate(secret.cert) for secret in (old, new))
    assert after.not_valid_after_utc == before.not_valid_after_utc
    assert after.not_valid_before_utc == LATER
    assert new.valid_for == old.valid_for == 7


def test_a_reissued_certificate_keeps_everything_else_but_the_key_ids(old, new, renewed):
    before, after = (x509.load_der_x509_certificate(secret.cert) for secret in (old, new))
    assert after.subject == before.subject
    assert [e.oid for e in after.extensions] == [e.oid for e in before.extensions]
    changed = {x509.SubjectKeyIdentifier.oid, x509.AuthorityKeyIdentifier.oid}
    for mine, former in zip(after.extensions, before.extensions, strict=True):
        assert (mine == former) is (mine.oid not in changed), mine.oid
    own_id = after.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert own_id == x509.SubjectKeyIdentifier.from_public_key(after.public_key())
    issuer_id = after.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert issuer_id == renewed.marble_root.key_id


def test_a_reissued_secret_stays_as_declared(old, new):
    assert replace(new, cert=b"", private=b"", public=b"") == replace(old, cert=b"", private=b"", public=b"")


def test_reissuing_again_gives_the_same_end_again(new, authority):
    third = reissue(new, PARCELS, authority.marble_root, LATER + dt.timedelta(days=1))
    ends = {x509.load_der_x509_certificate(secret.cert).not_valid_after_utc for secret in (new, third)}
    assert len(ends) == 1


DEFINITIONS = {
    "rsa 1": RSA,
    "key": SYMMETRIC,
    "per marble": replace(ECDSA, shared=False),
    "per marble key": replace(SYMMETRIC, shared=False),
    "rsa 2": replace(RSA, size=1032),
    "upload": PLAIN,
    "given": SecretDefinition("symmetric-key", 8, user_defined=True, private=b"x", public=b"x"),
    "given cert": SecretDefinition("cert-rsa", 2048, user_defined=True, cert_der=b"der", private=b"key"),
    "ed": ED25519,
    "ec": ECDSA,
}


@pytest.fixture
def secrets(authority, pool):
    return generate_all(DEFINITIONS, authority.marble_root, NOW, pool)


def test_all_secrets_of_a_manifest_are_made_in_its_order(secrets, authority):
    assert list(secrets) == list(DEFINITIONS)
    assert [name for name, secret in secrets.items() if secret.name != name] == []
    for name in ("rsa 1", "rsa 2", "ed", "ec"):
        _, key = check_certificate(secrets[name], authority.marble_root)
        if name.startswith("rsa"):
            assert key.key_size == DEFINITIONS[name].size
    assert len(secrets["key"].private) == 16


def test_secrets_of_single_marbles_have_no_value_before_an_activation(secrets):
    for name in ("per marble", "per marble key"):
        assert secrets[name] == Secret.declared(name, DEFINITIONS[name])
        assert not secrets[name].is_set


def test_user_defined_secrets_have_what_the_manifest_gives_them(secrets):
    assert not secrets["upload"].is_set
    assert (secrets["given"].private, secrets["given"].public) == (b"x", b"x")
    assert (secrets["given cert"].cert, secrets["given cert"].private) == (b"der", b"key")


def test_rsa_keys_are_made_on_the_pool_and_nothing_else_is(authority, pool, monkeypatch):
    made = []
    original = issue._new_key

    def watched(definition):
        made.append((definition.kind, threading.current_thread() is threading.main_thread()))
        return original(definition)

    monkeypatch.setattr(issue, "_new_key", watched)
    generate_all(DEFINITIONS, authority.marble_root, NOW, pool)
    assert sorted(made) == [
        (SecretType.CERT_ECDSA, True),
        (SecretType.CERT_ED25519, True),
        (SecretType.CERT_RSA, False),
        (SecretType.CERT_RSA, False),
    ]


def test_a_refused_secret_stops_the_keys_that_were_not_begun(authority, monkeypatch):
    begun, may_end = threading.Event(), threading.Event()
    original, count = issue._new_key, []

    def slow(definition):
        if definition.kind is SecretType.CERT_RSA:
            count.append(definition)
            begun.set()
            assert may_end.wait(PATIENCE)
        return original(definition)

    class Impatient(ThreadPoolExecutor):
        def submit(self, *arguments):
            future = super().submit(*arguments)
            begun.wait(PATIENCE)
            return future

    monkeypatch.setattr(issue, "_new_key", slow)
    bad = {f"rsa {i}": RSA for i in range(5)} | {"ed": replace(ED25519, valid_for=2**40)}
    with Impatient(1) as pool:
        with pytest.raises(CannotGenerate, match="ed"):
            generate_all(bad, authority.marble_root, NOW, pool)
        may_end.set()
    assert len(count) == 1


def test_an_update_reissues_shared_certificates_and_keeps_the_rest(secrets, renewed, pool):
    after = reissue_all(secrets, DEFINITIONS, renewed.marble_root, LATER, pool)
    assert list(after) == list(secrets)
    changed = {name for name in secrets if after[name] is not secrets[name]}
    assert changed == {"rsa 1", "rsa 2", "ed", "ec"}
    for name in changed:
        certificate, _ = check_certificate(after[name], renewed.marble_root)
        assert after[name].private != secrets[name].private
        former = x509.load_der_x509_certificate(secrets[name].cert)
        assert certificate.not_valid_after_utc == former.not_valid_after_utc


MARBLE = uuid.UUID("0F0E0D0C-0B0A-0908-0706-050403020100")


def hkdf_by_the_letter(key, salt, info, length):
    """RFC 5869 with nothing but HMAC."""
    prk = hmac.digest(salt, key, hashlib.sha256)
    output = block = b""
    for counter in range(1, 256):
        if len(output) >= length:
            break
        block = hmac.digest(prk, block + info + bytes([counter]), hashlib.sha256)
        output += block
    return output[:length]


@given(root=st.binary(min_size=32, max_size=32), name=st.text("aé", max_size=4), size=st.integers(1, 100))
def test_derived_keys_follow_the_specification(root, name, size):
    salt = b"0f0e0d0c-0b0a-0908-0706-050403020100" + name.encode()
    assert derive_key(root, MARBLE, name, size * 8, bound_to="web") == hkdf_by_the_letter(
        root, salt, b"web", size
    )
    assert derive_key(root, MARBLE, name, size * 8) == hkdf_by_the_letter(root, salt, b"", size)


def test_the_longest_derived_key():
    assert len(derive_key(bytes(32), MARBLE, "key", 8 * 8160)) == 8160
    with pytest.raises(ValueError, match="8160"):
        derive_key(bytes(32), MARBLE, "key", 8 * 8161)
