"""The records under a prefix: packages, marbles, users, secrets and the like, each with its JSON form."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NewType, TypeVar
from urllib.parse import quote
from uuid import UUID

from marble_coordinator.records.fields import Fields, explaining
from marble_coordinator.records.map import RecordMap
from marble_core.manifest.model import (
    Action,
    Infrastructure,
    Marble,
    MarbleType,
    Package,
    PackageName,
    Parameters,
    ParameterValue,
    SecretName,
    SecretType,
    TlsEntry,
    TlsTag,
    TlsTagName,
    UserName,
)
from marble_core.secrets import Secret

K = TypeVar("K", bound=str)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Kind(Generic[K, V]):
    """The records under one prefix: a name to a value each."""

    prefix: str
    encode: Callable[[V], bytes]
    decode: Callable[[K, bytes], V]
    name: Callable[[str], K]

    def write(self, values: Mapping[K, V]) -> dict[str, bytes]:
        """The records that hold `values`."""
        return {self.prefix + name: self.encode(value) for name, value in values.items()}

    def keys(self, records: RecordMap) -> list[str]:
        """The keys of all records of this kind."""
        return [key for key in records if key.startswith(self.prefix)]

    def read(self, records: RecordMap) -> dict[K, V]:
        """All values of this kind, in the order of the records. Raises MalformedStateError."""
        values: dict[K, V] = {}
        for key in self.keys(records):
            name = self.name(key[len(self.prefix) :])
            with explaining(f"The record {key!r} of the sealed state cannot be read"):
                values[name] = self.decode(name, records[key])
        return values


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user as sealed: the certificate as DER, and per action the names of what it may be done to."""

    certificate: bytes
    permissions: Mapping[Action, frozenset[str]] = field(default_factory=dict)


def _json(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode("ascii")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _encode_package(package: Package) -> bytes:
    return _json(
        {
            "Debug": package.debug,
            "UniqueID": package.unique_id,
            "SignerID": package.signer_id,
            "ProductID": package.product_id,
            "SecurityVersion": package.security_version,
            "AcceptedTCBStatuses": package.accepted_tcb_statuses,
            "AcceptedAdvisories": package.accepted_advisories,
        }
    )


def _decode_package(_name: PackageName, record: bytes) -> Package:
    fields = Fields(json.loads(record))
    return Package(
        debug=fields.flag("Debug"),
        unique_id=fields.text("UniqueID"),
        signer_id=fields.text("SignerID"),
        product_id=fields.optional_number("ProductID"),
        security_version=fields.optional_number("SecurityVersion"),
        accepted_tcb_statuses=fields.texts("AcceptedTCBStatuses"),
        accepted_advisories=fields.texts("AcceptedAdvisories"),
    )


def _encode_infrastructure(infrastructure: Infrastructure) -> bytes:
    return _json(
        {
            "QESVN": infrastructure.qesvn,
            "PCESVN": infrastructure.pcesvn,
            "CPUSVN": _base64(infrastructure.cpusvn),
            "RootCA": _base64(infrastructure.root_ca),
        }
    )


def _decode_infrastructure(_name: str, record: bytes) -> Infrastructure:
    fields = Fields(json.loads(record))
    return Infrastructure(
        cpusvn=fields.octets("CPUSVN"),
        qesvn=fields.optional_number("QESVN"),
        pcesvn=fields.optional_number("PCESVN"),
        root_ca=fields.octets("RootCA"),
    )


def _encode_marble(marble: Marble) -> bytes:
    parameters = marble.parameters
    return _json(
        {
            "Package": marble.package,
            "MaxActivations": marble.max_activations,
            "Parameters": {
                "Files": _parameter_values(parameters.files),
                "Env": _parameter_values(parameters.env),
                "Argv": parameters.argv,
            },
            "TLS": marble.tls,
            "DisableSecretBinding": marble.disable_secret_binding,
        }
    )


def _parameter_values(values: Mapping[str, ParameterValue]) -> dict[str, dict[str, object]]:
    # Base64 for all: decoded data need not be text.
    return {
        name: {"Data": _base64(value.data), "Encoding": "base64", "NoTemplates": value.no_templates}
        for name, value in values.items()
    }


def _decode_marble(_name: MarbleType, record: bytes) -> Marble:
    fields = Fields(json.loads(record))
    parameters = fields.object("Parameters")
    return Marble(
        package=PackageName(fields.text("Package")),
        max_activations=fields.number("MaxActivations"),
        parameters=Parameters(
            files=_decode_parameter_values(parameters.object("Files")),
            env=_decode_parameter_values(parameters.object("Env")),
            argv=parameters.texts("Argv"),
        ),
        tls=tuple(map(TlsTagName, fields.texts("TLS"))),
        disable_secret_binding=fields.flag("DisableSecretBinding"),
    )


def _decode_parameter_values(values: Fields) -> dict[str, ParameterValue]:
    entries = {name: values.object(name) for name in values}
    return {
        name: ParameterValue(entry.octets("Data"), entry.flag("NoTemplates"))
        for name, entry in entries.items()
    }


def _encode_tls(tag: TlsTag) -> bytes:
    return _json(
        {"Incoming": list(map(_tls_entry, tag.incoming)), "Outgoing": list(map(_tls_entry, tag.outgoing))}
    )


def _tls_entry(entry: TlsEntry) -> dict[str, object]:
    return {
        "Port": entry.port,
        "Addr": entry.addr,
        "Cert": entry.cert,
        "DisableClientAuth": entry.disable_client_auth,
    }


def _decode_tls(_name: TlsTagName, record: bytes) -> TlsTag:
    fields = Fields(json.loads(record))
    incoming, outgoing = (
        tuple(map(_decode_tls_entry, fields.items(side))) for side in ("Incoming", "Outgoing")
    )
    return TlsTag(incoming, outgoing)


def _decode_tls_entry(entry: object) -> TlsEntry:
    fields = Fields(entry)
    return TlsEntry(
        port=fields.text("Port"),
        addr=fields.text("Addr"),
        cert=SecretName(fields.text("Cert")),
        disable_client_auth=fields.flag("DisableClientAuth"),
    )


def _encode_user(user: UserRecord) -> bytes:
    permissions = {action.value: sorted(names) for action, names in user.permissions.items()}
    return _json({"Certificate": _base64(user.certificate), "Permissions": permissions})


def _decode_user(_name: UserName, record: bytes) -> UserRecord:
    fields = Fields(json.loads(record))
    permissions = fields.object("Permissions")
    return UserRecord(
        certificate=fields.octets("Certificate"),
        permissions={Action(action): frozenset(permissions.texts(action)) for action in permissions},
    )


def _encode_secret(secret: Secret) -> bytes:
    return secret.wire


def _decode_secret(name: SecretName, record: bytes) -> Secret:
    fields = Fields(json.loads(record))
    return Secret(
        name,
        type=SecretType(fields.text("Type")),
        size=fields.number("Size"),
        shared=fields.flag("Shared"),
        user_defined=fields.flag("UserDefined"),
        valid_for=fields.number("ValidFor"),
        cert=fields.octets("Cert"),
        private=fields.octets("Private"),
        public=fields.octets("Public"),
    )


def _encode_count(count: int) -> bytes:
    return f"{count:x}".encode("ascii")


def _decode_count(_name: MarbleType, record: bytes) -> int:
    return int(record, 16)


CounterName = NewType("CounterName", str)


def counter_name(marble_type: MarbleType, uuid: UUID, name: str) -> CounterName:
    """What a monotonic counter is stored under. The type is escaped, so that no two counters share a record."""
    return CounterName(f"{uuid}:{quote(marble_type, safe='')}:{name}")


def _encode_counter(value: int) -> bytes:
    return str(value).encode("ascii")


def _decode_counter(_name: CounterName, record: bytes) -> int:
    return int(record)


PACKAGES = Kind("package:", _encode_package, _decode_package, PackageName)
INFRASTRUCTURES = Kind("infrastructure:", _encode_infrastructure, _decode_infrastructure, str)
MARBLES = Kind("marble:", _encode_marble, _decode_marble, MarbleType)
TLS_TAGS = Kind("TLS:", _encode_tls, _decode_tls, TlsTagName)
USERS = Kind("user:", _encode_user, _decode_user, UserName)
SECRETS = Kind("secret:", _encode_secret, _decode_secret, SecretName)
ACTIVATIONS = Kind("activations:", _encode_count, _decode_count, MarbleType)
PREVIOUS_SECRETS = Kind("previousSecret:", _encode_secret, _decode_secret, SecretName)
COUNTERS = Kind("monotonicCounter:", _encode_counter, _decode_counter, CounterName)
