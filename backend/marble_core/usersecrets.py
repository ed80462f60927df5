"""Values that users set for user-defined secrets: POST `/secrets` (spec: secrets-and-certs.md, section 4).

`parse_user_secrets` reads the body, `writable_secrets` says which secrets it may be about, `apply_user_secret` checks
one value against its declaration. No error and no repr holds a value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_core import gojson
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError
from marble_core.gojson.shapes import BYTES, Field, MapOf, Maybe, Struct
from marble_core.manifest.certificate_schema import CERTIFICATE
from marble_core.manifest.model import CertificateTemplate, SecretName, SecretType
from marble_core.secrets import Secret

_STAGE = "parsing new secrets"
_NO_KEY = f"{_STAGE}: x509: unsupported public key type: <nil>"


class UserSecretRefused(MarbleError):
    """A body or a value that cannot be stored. `message` is the coordinator's answer."""

    code = "user_secret_refused"

    def __init__(self, message: str, sentence: str) -> None:
        super().__init__(sentence)
        self.message = message


@dataclass(frozen=True, slots=True)
class UserSecret:
    """What a user sends for one secret. `None` means not given, which differs from empty; `cert` is DER."""

    key: bytes | None = field(default=None, repr=False)
    cert: bytes | None = None
    private: bytes | None = field(default=None, repr=False)


def _user_secret(*, cert: CertificateTemplate | bytes | None = None, **given: Any) -> UserSecret:
    # An object is a template, and a template never holds a certificate.
    return UserSecret(cert=cert if isinstance(cert, bytes) else None, **given)


_USER_SECRET: Struct[UserSecret] = Struct(
    _user_secret,
    {
        "Key": Field(Maybe(BYTES), "key"),
        "Cert": Field(CERTIFICATE, "cert"),
        "Private": Field(Maybe(BYTES), "private"),
    },
    "UserSecret",
)
USER_SECRETS = MapOf(_USER_SECRET)
"""The shape of a body: name to user secret. Newer paths wrap it once more."""


def parse_user_secrets(raw: bytes) -> dict[SecretName, UserSecret]:
    """Read the body; raises UserSecretRefused when it is no JSON or of another shape. An empty body map passes here."""
    try:
        given = gojson.require(USER_SECRETS, gojson.scan(raw))
    except GoJsonError as error:
        raise UserSecretRefused(error.message, error.sentence) from error
    return {SecretName(name): value for name, value in given.items()}


def writable_secrets(
    declared: Mapping[SecretName, Secret], given: Mapping[SecretName, UserSecret]
) -> dict[SecretName, Secret]:
    """The declared secrets that a body is about, in name order.

    Raises UserSecretRefused when it is about none, about an unknown one, or about one that the coordinator generates.
    """
    if not given:
        raise UserSecretRefused(f"{_STAGE}: no new secrets defined", "The file sets no secret.")
    chosen: dict[SecretName, Secret] = {}
    for name in sorted(given):
        secret = declared.get(name)
        if secret is None:
            raise UserSecretRefused(
                f"{_STAGE}: secret manifest specifies a secret which the original manifest does not contain",
                f"No secret “{name}” in the manifest.",
            )
        if not secret.user_defined:
            raise UserSecretRefused(
                f"{_STAGE}: secret {name} is not writeable",
                f"Secret {name} is not user-defined. The coordinator generates it.",
            )
        chosen[name] = secret
    return chosen


def apply_user_secret(declared: Secret, given: UserSecret) -> Secret:
    """The secret with its new value; raises UserSecretRefused when the value does not fit the declaration.

    That a private key belongs to its certificate, and either to the declared type, is not checked: the reference
    accepts such pairs (section 4).
    """
    match declared.type:
        case SecretType.SYMMETRIC_KEY:
            _require_no_certificate(declared, given)
            _require_size(declared, given)
        case SecretType.PLAIN:
            _require_no_certificate(declared, given)
        case _:
            return _with_certificate(declared, given)
    value = given.key or b""
    return dataclasses.replace(declared, cert=b"", private=value, public=value)


def _require_no_certificate(declared: Secret, given: UserSecret) -> None:
    if given.private is not None or given.cert is not None:
        name = declared.name
        raise UserSecretRefused(
            f"{_STAGE}: secret {name} is set to be of type {declared.type} but specified values for a certificate",
            f"Secret {name} is of type {declared.type}. It takes a Key, no Cert and no Private.",
        )


def _require_size(declared: Secret, given: UserSecret) -> None:
    name, size = declared.name, declared.size
    if size == 0 or size % 8:
        raise UserSecretRefused(
            f"{_STAGE}: invalid secret size: {name}",
            f"The manifest declares secret {name} with {size} bits, so it can never be set.",
        )
    if len(given.key or b"") * 8 != size:
        raise UserSecretRefused(
            f"{_STAGE}: declared size and actual size don't match: {name}",
            f"Secret {name} needs a Key of {size // 8} bytes, and this one has {len(given.key or b'')}.",
        )


def _with_certificate(declared: Secret, given: UserSecret) -> Secret:
    name = declared.name
    if given.key is not None:
        raise UserSecretRefused(
            f"{_STAGE}: secret {name} is set to be of type {declared.type} but specified values for a symmetric-key",
            f"Secret {name} is a certificate. It takes a Cert and a Private, no Key.",
        )
    if given.cert is None:
        raise UserSecretRefused(_NO_KEY, f"Secret {name} needs a Cert: a certificate as DER in base64.")
    try:
        key = x509.load_der_x509_certificate(given.cert).public_key()
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise UserSecretRefused(_NO_KEY, f"The certificate for secret {name} holds no usable key.") from error
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return dataclasses.replace(declared, cert=given.cert, private=given.private or b"", public=public)
