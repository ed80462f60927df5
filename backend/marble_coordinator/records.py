"""The state as the key-value map that is sealed (spec: state-and-sealing.md, section 2).

`RecordMap` is that map; a `Kind` knows how the values under one prefix are written and read. Packages, marbles and the
rest are JSON with the manifest's own field names. What cannot be read raises MalformedStateError with the record's key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from marble_coordinator.pki.authority import Authority, CertifiedKey, alternative_names
from marble_coordinator.ports import MalformedStateError
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

STATE = "state"
MANIFEST = "manifest"
MANIFEST_SIGNATURE = "manifestSignature"
UPDATE_LOG = "updateLog"
ROOT_SECRET = "rootSecret"

_ROOT_CERT = "certificate:coordinatorRootCert"
_ROOT_KEY = "privateKey:coordinatorRootKey"
_INTERMEDIATE_CERT = "certificate:coordinatorIntermediateCert"
_INTERMEDIATE_KEY = "privateKey:coordinatorIntermediateKey"
_MARBLE_ROOT_CERT = "certificate:marbleRootCert"


class RecordMap(Mapping[str, bytes]):
    """All records, each kept as the piece of JSON it is sealed in. Immutable: `changed` gives another map.

    Sealing after a small change encodes only what changed and joins the rest.
    """

    __slots__ = ("_pieces",)

    def __init__(self, records: Mapping[str, bytes] | None = None) -> None:
        self._pieces = {key: _piece(key, value) for key, value in (records or {}).items()}

    @classmethod
    def decode(cls, plain: bytes) -> RecordMap:
        """The map in a state that was opened. Raises MalformedStateError."""
        with _explaining("The sealed state opens, but it is no map of records"):
            texts = json.loads(plain)
            if not isinstance(texts, dict):
                raise ValueError("the outermost value is no object")  # noqa: TRY004 # the content is wrong, not a type
            return cls({key: _Fields(texts).octets(key) for key in texts})

    def encode(self) -> bytes:
        """The JSON object to seal: key to base64 value."""
        return b"".join((b"{", b",".join(self._pieces.values()), b"}"))

    def changed(self, put: Mapping[str, bytes], drop: Iterable[str] = ()) -> RecordMap:
        """A map with the records of `put` set and those of `drop` removed; the others are shared with this one."""
        result = RecordMap()
        dropped = set(drop)
        result._pieces = {key: piece for key, piece in self._pieces.items() if key not in dropped}
        result._pieces.update((key, _piece(key, value)) for key, value in put.items())
        return result

    def __getitem__(self, key: str) -> bytes:
        piece = self._pieces[key]
        return base64.b64decode(piece[piece.rindex(b'"', 0, -1) + 1 : -1])

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def __len__(self) -> int:
        return len(self._pieces)

    def __contains__(self, key: object) -> bool:
        return key in self._pieces

    def __repr__(self) -> str:
        return f"<{len(self)} records>"


def _piece(key: str, value: bytes) -> bytes:
    return b'%b:"%b"' % (json.dumps(key).encode("ascii"), base64.b64encode(value))


def required(records: RecordMap, key: str) -> bytes:
    """A record that every state has; raises MalformedStateError when it is missing."""
    try:
        return records[key]
    except KeyError:
        raise MalformedStateError(f"The sealed state has no record {key!r}.") from None


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

    def read(self, records: RecordMap) -> dict[K, V]:
        """All values of this kind, in the order of the records. Raises MalformedStateError."""
        values: dict[K, V] = {}
        for key in records:
            if key.startswith(self.prefix):
                name = self.name(key[len(self.prefix) :])
                with _explaining(f"The record {key!r} of the sealed state cannot be read"):
                    values[name] = self.decode(name, records[key])
        return values


@contextmanager
def _explaining(what: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise MalformedStateError(f"{what}: {error}.") from error


# -- the coordinator's own keys


def write_authority(authority: Authority) -> dict[str, bytes]:
    """Certificates as DER, private keys as SEC 1 DER. Marble root and intermediate share one key."""
    return {
        _ROOT_CERT: authority.root.der,
        _ROOT_KEY: authority.root.key_der,
        _INTERMEDIATE_CERT: authority.intermediate.der,
        _INTERMEDIATE_KEY: authority.intermediate.key_der,
        _MARBLE_ROOT_CERT: authority.marble_root.der,
    }


def read_authority(records: RecordMap, names: Iterable[str]) -> Authority:
    """The authority as sealed. `names` are today's comma parts of `EDG_COORDINATOR_DNS_NAMES`, for renewed certificates.

    Raises MalformedStateError.
    """

    def pair(key: str, certificate: str) -> CertifiedKey:
        with _explaining(f"The records {key!r} and {certificate!r} of the sealed state cannot be used"):
            return CertifiedKey.from_der(required(records, key), required(records, certificate))

    return Authority(
        root=pair(_ROOT_KEY, _ROOT_CERT),
        intermediate=pair(_INTERMEDIATE_KEY, _INTERMEDIATE_CERT),
        marble_root=pair(_INTERMEDIATE_KEY, _MARBLE_ROOT_CERT),
        names=alternative_names(names),
    )


# -- values


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user as sealed: the certificate as DER, and per action the names of what it may be done to."""

    certificate: bytes
    permissions: Mapping[Action, frozenset[str]] = field(default_factory=dict)


class _Fields:
    """A JSON object that is read field by field; raises ValueError naming the field."""

    def __init__(self, values: object) -> None:
        if not isinstance(values, dict):
            raise ValueError("an object is expected")  # noqa: TRY004 # the content is wrong, not a type
        self._values = values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def _get(self, name: str, *types: type) -> Any:
        value = self._values.get(name)
        # Exact types: to Python True is a number, to JSON it is not.
        if type(value) not in types:
            raise ValueError(f"{name} is missing or has the wrong type")
        return value

    def text(self, name: str) -> str:
        return str(self._get(name, str))

    def flag(self, name: str) -> bool:
        return bool(self._get(name, bool))

    def number(self, name: str) -> int:
        return int(self._get(name, int))

    def optional_number(self, name: str) -> int | None:
        value: int | None = self._get(name, int, type(None))
        return value

    def octets(self, name: str) -> bytes:
        """Base64, or null for none, as Go writes bytes."""
        return base64.b64decode(self._get(name, str, type(None)) or "", validate=True)

    def items(self, name: str) -> list[Any]:
        return list(self._get(name, list))

    def texts(self, name: str) -> tuple[str, ...]:
        texts = self.items(name)
        if not all(isinstance(text, str) for text in texts):
            raise ValueError(f"{name} is no list of texts")
        return tuple(texts)

    def object(self, name: str) -> _Fields:
        return _Fields(self._get(name, dict))


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
    fields = _Fields(json.loads(record))
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
    fields = _Fields(json.loads(record))
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
    fields = _Fields(json.loads(record))
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


def _decode_parameter_values(values: _Fields) -> dict[str, ParameterValue]:
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
    fields = _Fields(json.loads(record))
    incoming, outgoing = (
        tuple(map(_decode_tls_entry, fields.items(side))) for side in ("Incoming", "Outgoing")
    )
    return TlsTag(incoming, outgoing)


def _decode_tls_entry(entry: object) -> TlsEntry:
    fields = _Fields(entry)
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
    fields = _Fields(json.loads(record))
    permissions = fields.object("Permissions")
    return UserRecord(
        certificate=fields.octets("Certificate"),
        permissions={Action(action): frozenset(permissions.texts(action)) for action in permissions},
    )


def _encode_secret(secret: Secret) -> bytes:
    return secret.wire


def _decode_secret(name: SecretName, record: bytes) -> Secret:
    fields = _Fields(json.loads(record))
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


PACKAGES = Kind("package:", _encode_package, _decode_package, PackageName)
INFRASTRUCTURES = Kind("infrastructure:", _encode_infrastructure, _decode_infrastructure, str)
MARBLES = Kind("marble:", _encode_marble, _decode_marble, MarbleType)
TLS_TAGS = Kind("TLS:", _encode_tls, _decode_tls, TlsTagName)
USERS = Kind("user:", _encode_user, _decode_user, UserName)
SECRETS = Kind("secret:", _encode_secret, _decode_secret, SecretName)
ACTIVATIONS = Kind("activations:", _encode_count, _decode_count, MarbleType)
