"""The JSON bodies of version 2: field names without regard to case, bytes as base64 (spec: client-api-v2.md, section 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from marble_coordinator.errors import BadRequest
from marble_core import gojson
from marble_core.gojson import GoJsonError
from marble_core.gojson.shapes import BYTES, TEXT, UINT64, Field, Shape, Struct
from marble_core.manifest.model import SecretName
from marble_core.usersecrets import USER_SECRETS, UserSecret

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ManifestBody:
    manifest: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class SecretsBody:
    secrets: Mapping[str, UserSecret] = field(default_factory=dict)

    @property
    def named(self) -> dict[SecretName, UserSecret]:
        return {SecretName(name): value for name, value in self.secrets.items()}


@dataclass(frozen=True, slots=True)
class RecoverBody:
    secret: bytes = field(default=b"", repr=False)
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class QuoteBody:
    quote: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class CounterBody:
    name: str = ""
    value: int = 0


MANIFEST = Struct(ManifestBody, {"manifest": Field(BYTES, "manifest")})
SECRETS = Struct(SecretsBody, {"secrets": Field(USER_SECRETS, "secrets")})
RECOVER = Struct(
    RecoverBody,
    {"recoverySecret": Field(BYTES, "secret"), "recoverySecretSignature": Field(BYTES, "signature")},
)
QUOTE = Struct(QuoteBody, {"sgxQuote": Field(BYTES, "quote")})
COUNTER = Struct(CounterBody, {"name": Field(TEXT, "name"), "value": Field(UINT64, "value")})


def parse(shape: Shape[T], raw: bytes) -> T:
    """Read a body; raises BadRequest. A large one takes its time."""
    try:
        return gojson.require(shape, gojson.scan(raw))
    except GoJsonError as error:
        raise BadRequest(f"malformed request: {error.message}") from error
