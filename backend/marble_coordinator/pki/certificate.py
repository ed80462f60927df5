"""Certificates as a manifest's template describes them, signed by the marble root.

The certificate is put together here and signed by `cryptography`, whose own builder refuses or rewrites much that the
reference signs: end dates in the past, country names of three letters, a name given twice, empty attributes. What comes
out has been read back. Spec: secrets-and-certs.md, section 2; field meanings: manifest.md, section 4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_coordinator.pki import der
from marble_coordinator.pki.authority import CertifiedKey, new_serial_number
from marble_coordinator.pki.extensions import DEFAULT_DNS_NAMES, KeyIds, encode_extensions
from marble_core.manifest.model import CertificateTemplate, ObjectId, Subject

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_DEFAULT_COMMON_NAME = "MarbleRun Generated Certificate"
_COMMON_NAME = (2, 5, 4, 3)
_X509_V3 = 2


@dataclass(frozen=True, slots=True)
class _Signature:
    oid: ObjectId
    hash: hashes.HashAlgorithm

    @property
    def algorithm(self) -> bytes:
        """AlgorithmIdentifier; ECDSA has no parameters (RFC 5758, section 3.2)."""
        return der.sequence(der.object_id(self.oid))


# By Go's numbers; 0 is "by issuer key", which is P-384.
_ECDSA_SHA384 = _Signature((1, 2, 840, 10045, 4, 3, 3), hashes.SHA384())
_SIGNATURES = {
    0: _ECDSA_SHA384,
    10: _Signature((1, 2, 840, 10045, 4, 3, 2), hashes.SHA256()),
    11: _ECDSA_SHA384,
    12: _Signature((1, 2, 840, 10045, 4, 3, 4), hashes.SHA512()),
}
_ECDSA_SHA1 = 9


def sign_certificate(
    template: CertificateTemplate,
    key: PublicKey,
    issuer: CertifiedKey,
    not_before: dt.datetime,
    not_after: dt.datetime,
) -> bytes:
    """The certificate, DER. Raises ValueError, with a text in Go's manner, for what the template cannot have."""
    signature = _signature(template.signature_algorithm)
    ids = KeyIds(x509.SubjectKeyIdentifier.from_public_key(key).digest, issuer.key_id)
    to_be_signed = der.sequence(
        der.context(0, der.integer(_X509_V3), constructed=True),
        der.integer(new_serial_number()),
        signature.algorithm,
        issuer.subject_der,
        der.sequence(der.time(not_before), der.time(not_after)),
        encode_subject(template),
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        der.context(3, encode_extensions(template, ids), constructed=True),
    )
    signed = issuer.key.sign(to_be_signed, ec.ECDSA(signature.hash))
    certificate = der.sequence(to_be_signed, signature.algorithm, der.bit_string(signed))
    x509.load_der_x509_certificate(certificate)
    return certificate


def _signature(number: int) -> _Signature:
    if number == _ECDSA_SHA1:
        raise ValueError("signing with SHA-1 is not supported")
    try:
        return _SIGNATURES[number]
    except KeyError:
        raise ValueError("requested SignatureAlgorithm does not match private key type") from None


def encode_subject(template: CertificateTemplate) -> bytes:
    """The subject as DER, in Go's order: one set for each kind of attribute, extra names last and each by itself."""
    subject = template.subject
    extra = {name.oid for name in subject.extra_names}
    sets = [
        der.set_of(_attribute(oid, value) for value in values)
        for oid, values in _attributes(subject, default_common_name(template))
        if values and oid not in extra
    ]
    sets += [der.set_of((_attribute(name.oid, name.value),)) for name in subject.extra_names]
    return der.sequence(*sets)


def default_common_name(template: CertificateTemplate) -> str:
    """What stands for a missing common name: the only DNS name, or a text that says where the certificate is from."""
    names = DEFAULT_DNS_NAMES if template.dns_names is None else template.dns_names
    return names[0] if len(names) == 1 and names[0] else _DEFAULT_COMMON_NAME


def _attributes(subject: Subject, default_name: str) -> Iterator[tuple[ObjectId, tuple[str, ...]]]:
    yield (2, 5, 4, 6), subject.country
    yield (2, 5, 4, 10), subject.organization
    yield (2, 5, 4, 11), subject.organizational_unit
    yield (2, 5, 4, 7), subject.locality
    yield (2, 5, 4, 8), subject.province
    yield (2, 5, 4, 9), subject.street_address
    yield (2, 5, 4, 17), subject.postal_code
    yield _COMMON_NAME, (subject.common_name or default_name,)
    yield (2, 5, 4, 5), (subject.serial_number,) if subject.serial_number else ()


def _attribute(oid: ObjectId, value: str) -> bytes:
    return der.sequence(der.object_id(oid), der.text(value))
