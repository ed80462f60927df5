"""Certificates and public keys in DER. Apart from `readable`, because most comparisons need no cryptography."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from marble_core.manifest.readable import Certificate, PublicKey, sha256


def certificate(der: bytes) -> Certificate | None:
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Certificate(
            certificate.subject.rfc4514_string() or "(no subject)",
            certificate.issuer.rfc4514_string() or "(no issuer)",
            _key(certificate.public_key()),
            sha256(der),
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return None


def public_key(der: bytes) -> PublicKey | None:
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return PublicKey(_key(key), sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)))


def _key(key: PublicKeyTypes) -> str:
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {_CURVES.get(key.curve.name, key.curve.name)}"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size}"
        case _:
            return type(key).__name__.strip("_").removesuffix("PublicKey")


_CURVES = {"secp224r1": "P-224", "secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
