"""The manifest as typed, valid-by-shape values (spec: manifest.md, sections 2 to 5).

What the decoder produces and everything else reads: rules, diff, permissions, coordinator, console. Mappings keep the
order of the file. Nothing here checks a rule; that a `Manifest` exists means only that the text decoded (rule R0).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

PackageName = NewType("PackageName", str)
MarbleType = NewType("MarbleType", str)
SecretName = NewType("SecretName", str)
UserName = NewType("UserName", str)
RoleName = NewType("RoleName", str)
TlsTagName = NewType("TlsTagName", str)
RecoveryKeyName = NewType("RecoveryKeyName", str)

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
ObjectId = tuple[int, ...]


class SecretType(StrEnum):
    """The kinds of secrets that R19 accepts, spelled as on the wire."""

    SYMMETRIC_KEY = "symmetric-key"
    CERT_RSA = "cert-rsa"
    CERT_ECDSA = "cert-ecdsa"
    CERT_ED25519 = "cert-ed25519"
    PLAIN = "plain"

    @property
    def is_certificate(self) -> bool:
        return self.value.startswith("cert-")


class ResourceType(StrEnum):
    """What a role speaks about (R13)."""

    PACKAGES = "Packages"
    SECRETS = "Secrets"
    MANIFEST = "Manifest"


class Action(StrEnum):
    """What a role may allow (R15); the manifest spells these in any case."""

    UPDATE_SECURITY_VERSION = "UpdateSecurityVersion"
    READ_SECRET = "ReadSecret"
    WRITE_SECRET = "WriteSecret"
    UPDATE_MANIFEST = "UpdateManifest"


ACTIONS_OF: Mapping[ResourceType, frozenset[Action]] = {
    ResourceType.PACKAGES: frozenset({Action.UPDATE_SECURITY_VERSION}),
    ResourceType.SECRETS: frozenset({Action.READ_SECRET, Action.WRITE_SECRET}),
    ResourceType.MANIFEST: frozenset({Action.UPDATE_MANIFEST}),
}


@dataclass(frozen=True, slots=True)
class Package:
    """An enclave: by UniqueID, or by SignerID, ProductID and SecurityVersion. `None` means absent, not zero."""

    debug: bool = False
    unique_id: str = ""
    signer_id: str = ""
    product_id: int | None = None
    security_version: int | None = None
    accepted_tcb_statuses: tuple[str, ...] = ()
    accepted_advisories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Infrastructure:
    """Platform properties; stored and shown, compared by nobody without SGX."""

    cpusvn: bytes = b""
    qesvn: int | None = None
    pcesvn: int | None = None
    root_ca: bytes = b""


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A `Files` or `Env` value, already decoded from its encoding."""

    data: bytes
    no_templates: bool = False


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a marble is started with. `argv` is passed on untouched."""

    files: Mapping[str, ParameterValue] = field(default_factory=dict)
    env: Mapping[str, ParameterValue] = field(default_factory=dict)
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Marble:
    """A service: the package that may run as it, and its parameters. `max_activations` 0 is unlimited."""

    package: PackageName = PackageName("")
    max_activations: int = 0
    parameters: Parameters = field(default_factory=Parameters)
    tls: tuple[TlsTagName, ...] = ()
    disable_secret_binding: bool = False


@dataclass(frozen=True, slots=True)
class TlsEntry:
    """One connection of a TLS tag. `cert` and `disable_client_auth` count on incoming entries only."""

    port: str = ""
    addr: str = ""
    cert: SecretName = SecretName("")
    disable_client_auth: bool = False


@dataclass(frozen=True, slots=True)
class TlsTag:
    incoming: tuple[TlsEntry, ...] = ()
    outgoing: tuple[TlsEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """`certificate` is PEM text as written."""

    certificate: str = ""
    roles: tuple[RoleName, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """As written: types and actions are strings here, since rules R13 to R18 judge them."""

    resource_type: str = ""
    resource_names: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameAttribute:
    """An extra attribute of a subject: dotted object identifier as integers, and text."""

    oid: ObjectId
    value: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The parts of an X.509 name a template may set (Go's pkix.Name)."""

    common_name: str = ""
    serial_number: str = ""
    country: tuple[str, ...] = ()
    organization: tuple[str, ...] = ()
    organizational_unit: tuple[str, ...] = ()
    locality: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    street_address: tuple[str, ...] = ()
    postal_code: tuple[str, ...] = ()
    extra_names: tuple[NameAttribute, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtraExtension:
    """A raw X.509 extension: `value` is its DER."""

    oid: ObjectId
    value: bytes
    critical: bool = False


@dataclass(frozen=True, slots=True)
class NameConstraints:
    """Permitted and excluded names of a CA template. Ranges are networks."""

    critical: bool = False
    permitted_dns: tuple[str, ...] = ()
    excluded_dns: tuple[str, ...] = ()
    permitted_ip: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    excluded_ip: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    permitted_email: tuple[str, ...] = ()
    excluded_email: tuple[str, ...] = ()
    permitted_uri: tuple[str, ...] = ()
    excluded_uri: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateTemplate:
    """The `Cert` object of a certificate secret (manifest.md, section 4).

    `None` means absent (a default applies), an empty tuple means "none at all". Times are aware, whole seconds.
    `key_usage` is Go's bit sum, 0 for the default; `ext_key_usage` holds Go's numbers 0 to 13;
    `signature_algorithm` is Go's number, 0 for "by issuer key". `max_path_len` -1 is "no limit".
    """

    subject: Subject = field(default_factory=Subject)
    dns_names: tuple[str, ...] | None = None
    email_addresses: tuple[str, ...] = ()
    ip_addresses: tuple[IPAddress, ...] | None = None
    uris: tuple[str, ...] = ()
    not_after: dt.datetime | None = None
    key_usage: int = 0
    ext_key_usage: tuple[int, ...] | None = None
    unknown_ext_key_usage: tuple[ObjectId, ...] = ()
    is_ca: bool = False
    max_path_len: int = -1
    signature_algorithm: int = 0
    subject_key_id: bytes = b""
    ocsp_server: tuple[str, ...] = ()
    issuing_certificate_url: tuple[str, ...] = ()
    crl_distribution_points: tuple[str, ...] = ()
    policies: tuple[ObjectId, ...] = ()
    name_constraints: NameConstraints | None = None
    extra_extensions: tuple[ExtraExtension, ...] = ()


_SECRET_TYPES: dict[str, SecretType] = {kind.value: kind for kind in SecretType}


@dataclass(frozen=True, slots=True)
class SecretDefinition:
    """A secret as the manifest declares it. `size` is in bits, `valid_for` in days (0: default).

    `type` is as written; R19 judges it, and `kind` gives the parsed one. `cert` is the template, `cert_der` the
    certificate when `Cert` was given as base64 DER. The three byte fields are first values of user-defined secrets.
    """

    type: str = ""
    size: int = 0
    shared: bool = False
    user_defined: bool = False
    valid_for: int = 0
    cert: CertificateTemplate | None = None
    cert_der: bytes = b""
    private: bytes = field(default=b"", repr=False)
    public: bytes = field(default=b"", repr=False)

    @property
    def kind(self) -> SecretType:
        """The parsed type; raises ValueError when R19 does not hold."""
        return SecretType(self.type)

    @property
    def known_kind(self) -> SecretType | None:
        """The parsed type, case included; None when R19 does not hold."""
        return _SECRET_TYPES.get(self.type)


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of newer coordinators (manifest.md, section 5)."""

    seal_mode: str = ""
    feature_gates: tuple[str, ...] = ()
    update_threshold: int = 0
    recovery_threshold: int = 0
    rotate_root_secret: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """A decoded manifest. `recovery_keys` maps names to PEM text as written."""

    packages: Mapping[PackageName, Package] = field(default_factory=dict)
    marbles: Mapping[MarbleType, Marble] = field(default_factory=dict)
    infrastructures: Mapping[str, Infrastructure] = field(default_factory=dict)
    secrets: Mapping[SecretName, SecretDefinition] = field(default_factory=dict)
    users: Mapping[UserName, User] = field(default_factory=dict)
    roles: Mapping[RoleName, Role] = field(default_factory=dict)
    recovery_keys: Mapping[RecoveryKeyName, str] = field(default_factory=dict)
    tls: Mapping[TlsTagName, TlsTag] = field(default_factory=dict)
    config: Config = field(default_factory=Config)
