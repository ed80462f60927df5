"""Makes the secrets that a manifest declares (spec: secrets-and-certs.md, sections 2 and 5).

Definitions come from a manifest that passed all its rules, so sizes and templates are usable. Apart from keys, random
values and serial numbers everything follows from the arguments.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Generator, Mapping
from concurrent.futures import Executor, Future, as_completed
from contextlib import closing
from typing import assert_never
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from marble_coordinator.errors import Refused
from marble_coordinator.pki.authority import CertifiedKey
from marble_coordinator.pki.certificate import sign_certificate
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

_RSA_EXPONENT = 65_537
_BITS = 8
_CURVES: Mapping[int, type[ec.EllipticCurve]] = {
    224: ec.SECP224R1,
    256: ec.SECP256R1,
    384: ec.SECP384R1,
    521: ec.SECP521R1,
}


class CannotGenerate(Refused):
    """A secret for which no value can be made, although its definition passed the manifest's rules."""

    code = "cannot_generate"

    def __init__(self, name: SecretName, reason: object) -> None:
        super().__init__(f"generating secrets from manifest: {reason}: {name}")


def generate(
    name: SecretName, definition: SecretDefinition, issuer: CertifiedKey, now: dt.datetime
) -> Secret:
    """A fresh value for a secret that is not user-defined; certificates are signed by `issuer`, the marble root.

    Raises CannotGenerate. A large RSA key takes seconds; the GIL is free meanwhile.
    """
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
    gives them, per-marble ones without, since those are made at each activation.

    RSA keys are made on `pool`, side by side; the caller must not run on it. Raises CannotGenerate.
    """
    secrets: dict[SecretName, Secret] = {}
    certificates: dict[SecretName, SecretDefinition] = {}
    for name, definition in definitions.items():
        secrets[name] = _declared(name, definition)
        if definition.shared and not definition.user_defined:
            if definition.kind.is_certificate:
                certificates[name] = definition
            else:
                secrets[name] = _random(name, definition)
    with closing(_new_keys(certificates, pool)) as keys:
        for name, key in keys:
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
    with closing(_new_keys(certificates, pool)) as keys:
        for name, key in keys:
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


def _declared(name: SecretName, definition: SecretDefinition) -> Secret:
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
    except (ValueError, OverflowError) as error:
        raise CannotGenerate(name, error) from error
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
    given = _template(definition).not_after
    return given if given is not None else now + dt.timedelta(days=definition.valid_for or DEFAULT_VALID_FOR)


def _new_keys(
    definitions: Mapping[SecretName, SecretDefinition], pool: Executor
) -> Generator[tuple[SecretName, PrivateKey], None, None]:
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
