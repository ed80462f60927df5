"""The manifest's fields as the decoder reads them: the table of spec manifest.md, sections 2 to 5, as code.

Reading by these shapes is rule R0. What a field may *say* is judged by `rules`, once everything decoded.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marble_core.gojson.shapes import (
    BYTES,
    FLAG,
    TEXT,
    TEXTS,
    UINT16,
    UINT64,
    Built,
    Either,
    Field,
    ListOf,
    MapOf,
    Maybe,
    Required,
    Shape,
    Struct,
    Unfit,
    decode_base64,
)
from marble_core.manifest.certificate_schema import CERTIFICATE
from marble_core.manifest.model import (
    CertificateTemplate,
    Config,
    Infrastructure,
    Manifest,
    Marble,
    Package,
    Parameters,
    ParameterValue,
    Role,
    SecretDefinition,
    TlsEntry,
    TlsTag,
    User,
)

PLAIN_ENCODINGS = ("", "string")
_DECODERS: Mapping[str, Callable[[str], bytes]] = {"base64": decode_base64, "hex": binascii.unhexlify}


@dataclass(frozen=True, slots=True)
class _WrittenValue:
    """A `Files` or `Env` value as written."""

    data: str = ""
    encoding: str = ""
    no_templates: bool = False

    def decoded(self) -> ParameterValue:
        encoding = self.encoding.lower()
        if encoding in PLAIN_ENCODINGS:
            return ParameterValue(self.data.encode(), self.no_templates)
        if encoding not in _DECODERS:
            detail = f"unknown encoding type: {self.encoding}"
            raise Unfit(detail, f"No encoding “{self.encoding}”. Known: string, base64, hex.", "Encoding")
        try:
            return ParameterValue(_DECODERS[encoding](self.data), self.no_templates)
        except ValueError as error:
            raise Unfit(f"decoding data: {error}", f"Data is not valid {encoding}.", "Data") from None


def _secret(*, cert: CertificateTemplate | bytes | None = None, **given: Any) -> SecretDefinition:
    if isinstance(cert, bytes):
        return SecretDefinition(cert_der=cert, **given)
    return SecretDefinition(cert=cert, **given)


PACKAGE = Struct(
    Package,
    {
        "Debug": Field(FLAG, "debug"),
        "UniqueID": Field(TEXT, "unique_id"),
        "SignerID": Field(TEXT, "signer_id"),
        "ProductID": Field(Maybe(UINT64), "product_id"),
        "SecurityVersion": Field(Maybe(UINT64), "security_version"),
        "AcceptedTCBStatuses": Field(TEXTS, "accepted_tcb_statuses"),
        "AcceptedAdvisories": Field(TEXTS, "accepted_advisories"),
    },
)

INFRASTRUCTURE = Struct(
    Infrastructure,
    {
        "CPUSVN": Field(BYTES, "cpusvn"),
        "QESVN": Field(Maybe(UINT16), "qesvn"),
        "PCESVN": Field(Maybe(UINT16), "pcesvn"),
        "RootCA": Field(BYTES, "root_ca"),
    },
)

PARAMETER_VALUE: Shape[ParameterValue] = Required(
    Either(
        Built(TEXT, lambda text: ParameterValue(text.encode()), ParameterValue(b""), "text"),
        Built(
            Struct(
                _WrittenValue,
                {
                    "Data": Field(TEXT, "data"),
                    "Encoding": Field(TEXT, "encoding"),
                    "NoTemplates": Field(FLAG, "no_templates"),
                },
                "ParameterValue",
            ),
            _WrittenValue.decoded,
            ParameterValue(b""),
            "an object with Data",
        ),
        "text, or an object with Data",
    )
)

PARAMETERS = Struct(
    Parameters,
    {
        "Files": Field(MapOf(PARAMETER_VALUE), "files"),
        "Env": Field(MapOf(PARAMETER_VALUE), "env"),
        "Argv": Field(TEXTS, "argv"),
    },
)

MARBLE = Struct(
    Marble,
    {
        "Package": Field(TEXT, "package"),
        "MaxActivations": Field(UINT64, "max_activations"),
        "Parameters": Field(PARAMETERS, "parameters"),
        "TLS": Field(TEXTS, "tls"),
        "DisableSecretBinding": Field(FLAG, "disable_secret_binding"),
    },
)

TLS_ENTRY = Struct(
    TlsEntry,
    {
        "Port": Field(TEXT, "port"),
        "Addr": Field(TEXT, "addr"),
        "Cert": Field(TEXT, "cert"),
        "DisableClientAuth": Field(FLAG, "disable_client_auth"),
    },
)

TLS_TAG = Struct(
    TlsTag,
    {
        "Incoming": Field(ListOf(TLS_ENTRY), "incoming"),
        "Outgoing": Field(ListOf(TLS_ENTRY), "outgoing"),
    },
)

USER = Struct(
    User,
    {
        "Certificate": Field(TEXT, "certificate"),
        "Roles": Field(TEXTS, "roles"),
    },
)

ROLE = Struct(
    Role,
    {
        "ResourceType": Field(TEXT, "resource_type"),
        "ResourceNames": Field(TEXTS, "resource_names"),
        "Actions": Field(TEXTS, "actions"),
    },
)

SECRET: Struct[SecretDefinition] = Struct(
    _secret,
    {
        "Type": Field(TEXT, "type"),
        "Size": Field(UINT64, "size"),
        "Shared": Field(FLAG, "shared"),
        "UserDefined": Field(FLAG, "user_defined"),
        "Cert": Field(CERTIFICATE, "cert"),
        "ValidFor": Field(UINT64, "valid_for"),
        "Private": Field(BYTES, "private"),
        "Public": Field(BYTES, "public"),
    },
    "Secret",
)

CONFIG = Struct(
    Config,
    {
        "SealMode": Field(TEXT, "seal_mode"),
        "FeatureGates": Field(TEXTS, "feature_gates"),
        "UpdateThreshold": Field(UINT64, "update_threshold"),
        "RecoveryThreshold": Field(UINT64, "recovery_threshold"),
        "RotateRootSecret": Field(FLAG, "rotate_root_secret"),
    },
)

MANIFEST = Struct(
    Manifest,
    {
        "Packages": Field(MapOf(PACKAGE), "packages"),
        "Marbles": Field(MapOf(MARBLE), "marbles"),
        "Infrastructures": Field(MapOf(INFRASTRUCTURE), "infrastructures"),
        "Secrets": Field(MapOf(SECRET), "secrets"),
        "Users": Field(MapOf(USER), "users"),
        "Roles": Field(MapOf(ROLE), "roles"),
        "RecoveryKeys": Field(MapOf(TEXT), "recovery_keys"),
        "TLS": Field(MapOf(TLS_TAG), "tls"),
        "Config": Field(CONFIG, "config"),
    },
)
