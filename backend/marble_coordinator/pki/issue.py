"""Makes the secrets that a manifest declares (spec: secrets-and-certs.md, sections 2 and 5; manifest.md, section 4).

Apart from keys, random values and serial numbers everything follows from the arguments. What cannot be generated is
refused before any key is made: a bad manifest costs no seconds of RSA.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, as_completed
from typing import assert_never
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from marble_coordinator.pki.authority import CertifiedKey
from marble_coordinator.pki.certificate import check_template, sign_certificate
from marble_core.errors import MarbleError
from marble_core.manifest.model import (
    CertificateTemplate,
    MarbleType,
    SecretDefinition,
    SecretName,
    SecretType,
)
from marble_core.secrets import Secret

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

DEFAULT_VALID_FOR = 365  # days
SMALLEST_RSA = 1024  # bits, as are the two below
LARGEST_RSA = 16_384
LARGEST_SYMMETRIC = 8 * 2**20
LARGEST_DERIVED = 8 * 255 * 32  # HKDF-SHA256 gives 255 blocks (RFC 5869, section 2.3)

_RSA_EXPONENT = 65_537
_BITS = 8
_CURVES: Mapping[int, type[ec.EllipticCurve]] = {
    224: ec.SECP224R1,
    256: ec.SECP256R1,
    384: ec.SECP384R1,
    521: ec.SECP521R1,
}


class CannotGenerate(MarbleError):
    """A secret whose declaration no value fits. `message` is the wire text without its stage."""

    code = "cannot_generate"

    def __init__(self, name: SecretName, message: str) -> None:
        super().__init__(f"The secret {name!r} cannot be generated: {message}.")
        self.name = name
        self.message = message


def check(name: SecretName, definition: SecretDefinition, now: dt.datetime) -> None:
    """Raise CannotGenerate for what `generate` would refuse (R20 to R24). Makes no key. Per-marble secrets too."""
    match definition.kind:
        case SecretType.SYMMETRIC_KEY:
            _check_symmetric(name, definition)
        case SecretType.PLAIN:
            raise CannotGenerate(name, "unsupported secret of type plain")
        case SecretType.CERT_RSA | SecretType.CERT_ECDSA | SecretType.CERT_ED25519:
            _check_key_size(name, definition)
            try:
                check_template(_template(definition))
                _not_after(definition, now)
            except ValueError as error:
                raise CannotGenerate(name, f"{error}: {name}") from error
        case kind:
            assert_never(kind)


def generate(
    name: SecretName, definition: SecretDefinition, issuer: CertifiedKey, now: dt.datetime
) -> Secret:
    """A fresh value for a secret that is not user-defined; certificates are signed by `issuer`, the marble root.

    Raises CannotGenerate. A large RSA key takes seconds; the GIL is free meanwhile.
    """
    check(name, definition, now)
    if definition.kind.is_certificate:
        return _certify(name, definition, _new_key(definition), issuer, now)
    return _random(name, definition)


def reissue(secret: Secret, definition: SecretDefinition, issuer: CertifiedKey, now: dt.datetime) -> Secret:
    """A new key and certificate in place of a shared certificate, valid no longer than its predecessor (section 5).

    `definition` is that of the manifest in force, so subject, usages and extra extensions stay, and key ids are new.
    """
    return _replace(secret, definition, _new_key(definition), issuer, now)


def generate_all(
    definitions: Mapping[SecretName, SecretDefinition], issuer: CertifiedKey, now: dt.datetime, pool: Executor
) -> dict[SecretName, Secret]:
    """The secrets of a new manifest, in its order: shared ones with a value, user-defined ones with what the manifest
    gives them, per-marble ones without, since they are made at each activation.

    RSA keys are made on `pool`, side by side; the caller must not run on it. Raises CannotGenerate with the wire text,
    for the first bad secret by name, before any key is made.
    """
    _check_all(definitions, now)
    secrets: dict[SecretName, Secret] = {}
    certificates: dict[SecretName, SecretDefinition] = {}
    for name, definition in definitions.items():
        secrets[name] = _initial(name, definition)
        if definition.shared and not definition.user_defined:
            if definition.kind.is_certificate:
                certificates[name] = definition
            else:
                secrets[name] = _random(name, definition)
    for name, key in _new_keys(certificates, pool):
        secrets[name] = _certify(name, certificates[name], key, issuer, now)
    return secrets


def reissue_all(
    secrets: Mapping[SecretName, Secret],
    definitions: Mapping[SecretName, SecretDefinition],
    issuer: CertifiedKey,
    now: dt.datetime,
    pool: Executor,
) -> dict[SecretName, Secret]:
    """All secrets, the shared certificates among them reissued as `reissue` does. `pool` is as for `generate_all`."""
    certificates = {
        name: definitions[name]
        for name, secret in secrets.items()
        if secret.type.is_certificate and secret.shared and not secret.user_defined
    }
    renewed = dict(secrets)
    for name, key in _new_keys(certificates, pool):
        renewed[name] = _replace(secrets[name], certificates[name], key, issuer, now)
    return renewed


def derive_key(
    root_secret: bytes, uuid: UUID, name: SecretName, size: int, *, bound_to: MarbleType | None = None
) -> bytes:
    """The per-marble symmetric key of `size` bits: the same for the same marble, after every restart and recovery.

    `bound_to` is the marble's type, None for a marble with `DisableSecretBinding`.
    """
    info = bound_to.encode() if bound_to is not None else b""
    salt = f"{uuid}{name}".encode()
    return HKDF(hashes.SHA256(), size // _BITS, salt, info).derive(root_secret)


def _check_all(definitions: Mapping[SecretName, SecretDefinition], now: dt.datetime) -> None:
    for name, definition in sorted(definitions.items()):
        if definition.user_defined:
            continue
        try:
            check(name, definition, now)
        except CannotGenerate as error:
            stage = "generating secrets" if definition.shared else "generating placeholder secrets"
            raise CannotGenerate(name, f"{stage} from manifest: {error.message}") from error


def _check_symmetric(name: SecretName, definition: SecretDefinition) -> None:
    size = definition.size
    if size == 0 or size % _BITS:
        raise CannotGenerate(name, f"invalid secret size: {name}")
    if not definition.shared and size > LARGEST_DERIVED:
        raise CannotGenerate(name, f"hkdf: entropy limit reached: {name}")
    if size > LARGEST_SYMMETRIC:
        raise CannotGenerate(name, f"secret is larger than {LARGEST_SYMMETRIC} bits: {name}")


def _check_key_size(name: SecretName, definition: SecretDefinition) -> None:
    size = definition.size
    match definition.kind:
        case SecretType.CERT_RSA if size < SMALLEST_RSA:
            raise CannotGenerate(name, f"crypto/rsa: {size}-bit keys are insecure: {name}")
        case SecretType.CERT_RSA if size > LARGEST_RSA:
            raise CannotGenerate(name, f"RSA keys above {LARGEST_RSA} bits are not supported: {name}")
        case SecretType.CERT_ECDSA if size not in _CURVES:
            raise CannotGenerate(name, f"unsupported size {size}: does not map to a supported curve: {name}")
        case SecretType.CERT_ED25519 if size:
            raise CannotGenerate(name, f"invalid secret size for cert-ed25519, none is expected: {name}")


def _initial(name: SecretName, definition: SecretDefinition) -> Secret:
    secret = Secret.declared(name, definition)
    if not definition.user_defined:
        return secret
    return dataclasses.replace(
        secret, cert=definition.cert_der, private=definition.private, public=definition.public
    )


def _random(name: SecretName, definition: SecretDefinition) -> Secret:
    value = os.urandom(definition.size // _BITS)
    return dataclasses.replace(Secret.declared(name, definition), private=value, public=value)


def _replace(
    secret: Secret, definition: SecretDefinition, key: PrivateKey, issuer: CertifiedKey, now: dt.datetime
) -> Secret:
    not_after = x509.load_der_x509_certificate(secret.cert).not_valid_after_utc
    template = dataclasses.replace(_template(definition), not_after=not_after)
    renewed = _certify(secret.name, dataclasses.replace(definition, cert=template), key, issuer, now)
    return dataclasses.replace(renewed, valid_for=secret.valid_for)


def _certify(
    name: SecretName, definition: SecretDefinition, key: PrivateKey, issuer: CertifiedKey, now: dt.datetime
) -> Secret:
    public = key.public_key()
    template = _template(definition)
    try:
        certificate = sign_certificate(template, public, issuer, now, _not_after(definition, now))
    except ValueError as error:
        raise CannotGenerate(name, f"{error}: {name}") from error
    return dataclasses.replace(
        Secret.declared(name, definition),
        valid_for=definition.valid_for if template.not_after else definition.valid_for or DEFAULT_VALID_FOR,
        cert=certificate,
        private=key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        public=public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    )


def _template(definition: SecretDefinition) -> CertificateTemplate:
    return definition.cert or CertificateTemplate()


def _not_after(definition: SecretDefinition, now: dt.datetime) -> dt.datetime:
    if (given := _template(definition).not_after) is not None:
        return given
    try:
        return now + dt.timedelta(days=definition.valid_for or DEFAULT_VALID_FOR)
    except OverflowError:
        raise ValueError("the certificate would be valid beyond the year 9999") from None


def _new_keys(
    definitions: Mapping[SecretName, SecretDefinition], pool: Executor
) -> Iterator[tuple[SecretName, PrivateKey]]:
    """A fresh key for each certificate, in no particular order: RSA takes its time on `pool` behind the others."""
    slow = {name: d for name, d in definitions.items() if d.kind is SecretType.CERT_RSA}
    # The largest first: one that starts last would be waited for alone.
    order = sorted(slow, key=lambda name: slow[name].size, reverse=True)
    pending: dict[Future[PrivateKey], SecretName] = {
        pool.submit(_new_key, slow[name]): name for name in order
    }
    try:
        for name, definition in definitions.items():
            if name not in slow:
                yield name, _new_key(definition)
        for done in as_completed(pending):
            yield pending[done], done.result()
    finally:
        for future in pending:
            future.cancel()


def _new_key(definition: SecretDefinition) -> PrivateKey:
    match definition.kind:
        case SecretType.CERT_RSA:
            return rsa.generate_private_key(_RSA_EXPONENT, definition.size)
        case SecretType.CERT_ECDSA:
            return ec.generate_private_key(_CURVES[definition.size]())
        case SecretType.CERT_ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case SecretType.SYMMETRIC_KEY | SecretType.PLAIN:
            raise TypeError(f"a secret of type {definition.type} has no key pair")
        case kind:
            assert_never(kind)
