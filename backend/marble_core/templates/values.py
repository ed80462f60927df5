"""The values that templates see, and the only types they can hold.

A template reaches nothing but these: there is no attribute access, so no way to a Python object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Final, TypeAlias

from marble_core.manifest.model import SecretName, SecretType
from marble_core.secrets import Secret


class Target(Enum):
    """Where the rendered text goes: it decides the functions, and whether NUL bytes may pass."""

    FILE = "file"
    ENV = "env variable"


@dataclass(frozen=True, slots=True)
class MarbleRunValues:
    """What `.MarbleRun` holds: certificates as DER, the marble's own key as PKCS#8 and its public key as SPKI DER."""

    root_ca: bytes
    marble_cert: bytes
    marble_public: bytes
    marble_private: bytes = field(repr=False)
    coordinator_root: bytes
    coordinator_intermediate: bytes


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """Everything a template may name: `.Secrets`, `.MarbleRun` and `.Previous.Secrets`."""

    secrets: Mapping[SecretName, Secret]
    marblerun: MarbleRunValues
    previous: Mapping[SecretName, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a secret's `.Public` or `.Private`; `label` is what stands in its PEM header."""

    data: bytes = field(repr=False)
    label: str


@dataclass(frozen=True, slots=True)
class CertificatePart:
    """A secret's `.Cert`: DER, empty when there is none. Not bytes to a template: it has no length."""

    der: bytes


@dataclass(frozen=True)
class SecretMap:
    """Secrets by name. A name that is not there is `MISSING` by field, and an empty secret by `index`, as in Go."""

    secrets: Mapping[SecretName, Secret]

    def by_field(self, name: str) -> Secret | Missing:
        return self.secrets.get(SecretName(name), MISSING)

    def by_index(self, name: bytes) -> Secret:
        return self.secrets.get(SecretName(name.decode("utf-8", "surrogateescape")), _EMPTY)

    @cached_property
    def sorted_items(self) -> tuple[tuple[bytes, Secret], ...]:
        """By the bytes of the name, the order in which `range` goes."""
        return tuple(
            sorted((name.encode("utf-8", "surrogateescape"), self.secrets[name]) for name in self.secrets)
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A structure with fixed fields, such as `.MarbleRun`; `type_name` stands in messages."""

    type_name: str
    fields: Mapping[str, SecretMap | Secret | Record]


class Missing(Enum):
    """The value of a secret that does not exist."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
_EMPTY: Final = Secret(SecretName(""), SecretType.SYMMETRIC_KEY)

# Go's strings are bytes, and so are ours: lengths and slices count bytes.
Value: TypeAlias = bool | int | bytes | Part | CertificatePart | Secret | SecretMap | Record | Missing


def root_of(values: TemplateValues) -> Record:
    """The dot that a template starts with."""
    marblerun = values.marblerun
    reserved = Record(
        "manifest.ReservedSecrets",
        {
            "RootCA": _reserved(marblerun.root_ca),
            "MarbleCert": _reserved(marblerun.marble_cert, marblerun.marble_public, marblerun.marble_private),
            "CoordinatorRoot": _reserved(marblerun.coordinator_root),
            "CoordinatorIntermediate": _reserved(marblerun.coordinator_intermediate),
        },
    )
    previous = Record("manifest.PreviousSecrets", {"Secrets": SecretMap(values.previous)})
    return Record(
        "manifest.TemplateSecrets",
        {"Secrets": SecretMap(values.secrets), "MarbleRun": reserved, "Previous": previous},
    )


def _reserved(cert: bytes, public: bytes = b"", private: bytes = b"") -> Secret:
    return Secret(SecretName(""), SecretType.CERT_ECDSA, cert=cert, public=public, private=private)
