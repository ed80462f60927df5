"""Secrets with their values, and the form in which the API shows them (spec: secrets-and-certs.md, sections 1 to 3)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from functools import cached_property

from marble_core.manifest.model import SecretDefinition, SecretName, SecretType


def _quoted(value: bytes) -> str:
    return f'"{base64.b64encode(value).decode("ascii")}"' if value else "null"


@dataclass(frozen=True)
class Secret:
    """A secret and its value; empty parts are not set yet.

    `cert` is DER; `private` is PKCS#8 DER and `public` SubjectPublicKeyInfo DER for certificate types, both the value
    itself for symmetric keys and plain secrets. Parts never show in a repr.
    """

    name: SecretName
    type: SecretType
    size: int = 0
    shared: bool = False
    user_defined: bool = False
    valid_for: int = 0
    cert: bytes = field(default=b"", repr=False)
    private: bytes = field(default=b"", repr=False)
    public: bytes = field(default=b"", repr=False)

    @classmethod
    def declared(cls, name: SecretName, definition: SecretDefinition) -> Secret:
        """The secret as the manifest declares it, without a value."""
        return cls(
            name,
            definition.kind,
            definition.size,
            definition.shared,
            definition.user_defined,
            definition.valid_for,
        )

    @property
    def is_set(self) -> bool:
        return bool(self.cert or self.private or self.public)

    @cached_property
    def wire(self) -> bytes:
        """The JSON object of GET `/secrets`, keys in the order of section 3. Encoded once: secrets are read often."""
        return (
            f'{{"Type":"{self.type.value}","Size":{self.size},"Shared":{json.dumps(self.shared)},'
            f'"UserDefined":{json.dumps(self.user_defined)},"Cert":{_quoted(self.cert)},"ValidFor":{self.valid_for},'
            f'"Private":{_quoted(self.private)},"Public":{_quoted(self.public)}}}'
        ).encode("ascii")
