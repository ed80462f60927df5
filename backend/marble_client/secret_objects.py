"""Secrets as the Client API writes them, the same in both versions (spec: client-api-v2.md, section 5)."""

from __future__ import annotations

import base64

from marble_client import wire
from marble_core.manifest.model import SecretName, SecretType
from marble_core.secrets import Secret
from marble_core.usersecrets import UserSecret


def secret_of(name: SecretName, value: object) -> Secret:
    """A secret object of GET `/secrets`; raises UnexpectedAnswer."""
    data = wire.parse(wire.SecretData, value, "GET /secrets")
    try:
        kind = SecretType(data.type)
    except ValueError:
        raise wire.unexpected(
            "GET /secrets", "a secret has a type that the Client API does not know"
        ) from None
    return Secret(
        name,
        kind,
        data.size,
        data.shared,
        data.user_defined,
        data.valid_for,
        data.cert or b"",
        data.private or b"",
        data.public or b"",
    )


def secret_as_json(value: UserSecret) -> dict[str, str]:
    """A secret as POST `/secrets` takes it."""
    parts = {"Key": value.key, "Cert": value.cert, "Private": value.private}
    return {name: base64.b64encode(part).decode("ascii") for name, part in parts.items() if part is not None}
