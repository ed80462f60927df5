"""What is true now: one immutable value, swapped whole by the door of `lifecycle.py`.

Answers that only show the world are encoded once, by their first reader, and kept with the part they show. The parts
are values of their own, so a change makes new ones only of what it changes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property

from marble_coordinator import records
from marble_coordinator.errors import Unauthorized, WrongState
from marble_coordinator.pki.authority import Authority
from marble_coordinator.records import RecordMap, UserRecord
from marble_core.manifest.model import (
    Action,
    Manifest,
    MarbleType,
    Package,
    PackageName,
    SecretName,
    UserName,
)
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret


class State(IntEnum):
    """Codes as on the wire (spec: state-and-sealing.md, section 1). While the process runs they only grow."""

    RECOVERY = 1
    ACCEPTING_MANIFEST = 2
    ACCEPTING_MARBLES = 3


BEFORE_A_MANIFEST = frozenset({State.RECOVERY, State.ACCEPTING_MANIFEST})
LOCKED = frozenset({State.RECOVERY})
RUNNING = frozenset({State.ACCEPTING_MARBLES})

_STATUS_MESSAGES: Mapping[State, str] = {
    State.RECOVERY: (
        "Coordinator is in recovery mode. Either upload a key to unseal the saved state, or set a new manifest. "
        "For more information on how to proceed, consult the documentation."
    ),
    State.ACCEPTING_MANIFEST: "Coordinator is ready to accept a manifest.",
    State.ACCEPTING_MARBLES: "Coordinator is running correctly and ready to accept marbles.",
}
_NO_MANIFEST = b'{"ManifestSignatureRootECDSA":null,"ManifestSignature":"","Manifest":null}'


@dataclass(frozen=True)
class SetManifest:
    """The manifest as it was set, byte for byte, and its ECDSA signature by the root key (ASN.1 DER)."""

    raw: bytes = field(repr=False)
    signature: bytes
    decoded: Manifest | None = field(default=None, repr=False, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the exact bytes, in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def content(self) -> Manifest:
        """Known to be valid. After a restart it is decoded when first needed: nobody should wait for it before."""
        from marble_core.manifest.decode import decode_manifest  # noqa: PLC0415 # nor need a start wait for this

        return self.decoded or decode_manifest(self.raw).manifest

    def reading(self, secrets: Iterable[SecretName]) -> Manifest:
        """The manifest with those marbles only whose templates look at one of `secrets`."""
        marbles = self.content.marbles
        chosen = set().union(*(self._readers.get(name, ()) for name in secrets))
        return replace(self.content, marbles={name: marbles[name] for name in chosen})

    @cached_property
    def _readers(self) -> Mapping[SecretName, frozenset[MarbleType]]:
        from marble_core.templates import readers  # noqa: PLC0415 # as above

        return readers(self.content)

    @cached_property
    def shown(self) -> bytes:
        """`data` of GET `/manifest`."""
        return _json(
            {
                "ManifestSignatureRootECDSA": _base64(self.signature),
                "ManifestSignature": self.fingerprint,
                "Manifest": _base64(self.raw),
            }
        )


@dataclass(frozen=True)
class User:
    """Whoever holds the key of `record.certificate`."""

    name: UserName
    record: UserRecord

    def may(self, action: Action, names: Iterable[str]) -> bool:
        """Whether the action is allowed on every one of `names`; without names, on anything at all."""
        allowed = self.record.permissions.get(action)
        return allowed is not None and allowed.issuperset(names)


class Users:
    """The users of a manifest, found by their certificate. Immutable."""

    def __init__(self, users: Mapping[UserName, UserRecord]) -> None:
        self._by_digest = {
            hashlib.sha256(record.certificate).digest(): User(name, record) for name, record in users.items()
        }

    def find(self, certificate: bytes | None) -> User:
        """The user with exactly this certificate (DER); raises Unauthorized."""
        if certificate is not None:
            user = self._by_digest.get(hashlib.sha256(certificate).digest())
            if user is not None and hmac.compare_digest(user.record.certificate, certificate):
                return user
        raise Unauthorized


@dataclass(frozen=True)
class Deployment:
    """A manifest in force, and what was made for it. `packages` are the present ones, after updates.

    `state_key` is the 32-byte key of the sealed state, `recovery_data` what its header tells a later recovery.
    """

    manifest: SetManifest
    packages: Mapping[PackageName, Package]
    secrets: Mapping[SecretName, Secret] = field(repr=False)
    users: Users
    update_log: str
    state_key: SecretBytes
    recovery_data: bytes

    @cached_property
    def shown_log(self) -> bytes:
        """`data` of GET `/update`: the whole log as one string."""
        return _json(self.update_log)

    @cached_property
    def _shown_secrets(self) -> dict[SecretName, bytes]:
        return {}

    def show_secret(self, name: SecretName) -> bytes:
        """The member of `data` of GET `/secrets` for one secret: its name and value as JSON."""
        member = self._shown_secrets.get(name)
        if member is None:
            member = b"%b:%b" % (_json(name), self.secrets[name].wire)
            self._shown_secrets[name] = member
        return member


@dataclass(frozen=True)
class World:
    """The state, the authority in force, and in state 3 the deployment. `records` is what gets sealed.

    In state 1, `sealed` is the state that waits for its key.
    """

    state: State
    authority: Authority
    records: RecordMap = field(default_factory=RecordMap, repr=False)
    deployment: Deployment | None = None
    sealed: bytes = field(default=b"", repr=False)

    @classmethod
    def waiting(cls, authority: Authority) -> World:
        """State 2: nothing is stored, anyone may set a manifest."""
        return cls(State.ACCEPTING_MANIFEST, authority)

    @classmethod
    def locked(cls, authority: Authority, sealed: bytes) -> World:
        """State 1, under a temporary authority."""
        return cls(State.RECOVERY, authority, sealed=sealed)

    @classmethod
    def deployed(
        cls,
        authority: Authority,
        manifest: SetManifest,
        secrets: Mapping[SecretName, Secret],
        users: Mapping[UserName, UserRecord],
        root_secret: bytes,
        update_log: str,
        state_key: SecretBytes,
        recovery_data: bytes,
    ) -> World:
        """State 3 for a manifest that was just set."""
        content = manifest.content
        written = RecordMap(
            {
                records.STATE: _state_record(State.ACCEPTING_MARBLES),
                records.MANIFEST: manifest.raw,
                records.MANIFEST_SIGNATURE: manifest.signature,
                records.UPDATE_LOG: update_log.encode(),
                records.ROOT_SECRET: root_secret,
                **records.write_authority(authority),
                **records.PACKAGES.write(content.packages),
                **records.INFRASTRUCTURES.write(content.infrastructures),
                **records.MARBLES.write(content.marbles),
                **records.TLS_TAGS.write(content.tls),
                **records.SECRETS.write(secrets),
                **records.USERS.write(users),
            }
        )
        deployment = Deployment(
            manifest, content.packages, secrets, Users(users), update_log, state_key, recovery_data
        )
        return cls(State.ACCEPTING_MARBLES, authority, written, deployment)

    @classmethod
    def restored(
        cls, plain: bytes, names: Iterable[str], state_key: SecretBytes, recovery_data: bytes
    ) -> World:
        """The world of an opened state; state 2 if it holds no manifest. Raises MalformedStateError.

        `names` are the parts of `EDG_COORDINATOR_DNS_NAMES`, for certificates yet to be renewed.
        """
        found = RecordMap.decode(plain)
        authority = records.read_authority(found, names)
        if records.MANIFEST not in found:
            return cls(State.ACCEPTING_MANIFEST, authority)
        manifest = SetManifest(found[records.MANIFEST], records.required(found, records.MANIFEST_SIGNATURE))
        deployment = Deployment(
            manifest,
            records.PACKAGES.read(found),
            records.SECRETS.read(found),
            Users(records.USERS.read(found)),
            records.required(found, records.UPDATE_LOG).decode(),
            state_key,
            recovery_data,
        )
        return cls(State.ACCEPTING_MARBLES, authority, found, deployment)

    def with_secrets(self, written: Mapping[SecretName, Secret], lines: str) -> World:
        """The world with some secrets replaced and `lines` added to the log."""
        former = self.running
        deployment = replace(
            former, secrets={**former.secrets, **written}, update_log=former.update_log + lines
        )
        changed = self.records.changed(
            {**records.SECRETS.write(written), records.UPDATE_LOG: deployment.update_log.encode()}
        )
        return replace(self, records=changed, deployment=deployment)

    def with_update(
        self,
        authority: Authority,
        packages: Mapping[PackageName, Package],
        secrets: Mapping[SecretName, Secret],
        lines: str,
    ) -> World:
        """The world under a renewed authority, with some packages and secrets replaced and `lines` added to the log."""
        former = self.running
        deployment = replace(
            former,
            packages={**former.packages, **packages},
            secrets={**former.secrets, **secrets},
            update_log=former.update_log + lines,
        )
        changed = self.records.changed(
            {
                **records.write_authority(authority),
                **records.PACKAGES.write(packages),
                **records.SECRETS.write(secrets),
                records.UPDATE_LOG: deployment.update_log.encode(),
            }
        )
        return replace(self, authority=authority, records=changed, deployment=deployment)

    @property
    def running(self) -> Deployment:
        """The deployment; raises WrongState outside state 3."""
        if self.deployment is None:
            raise WrongState
        return self.deployment

    def user(self, certificate: bytes | None) -> User:
        """The user behind a client certificate (DER); raises Unauthorized, always in states 1 and 2."""
        if self.deployment is None:
            raise Unauthorized
        return self.deployment.users.find(certificate)

    @cached_property
    def shown_status(self) -> bytes:
        """`data` of GET `/status`."""
        return _json({"StatusCode": self.state.value, "StatusMessage": _STATUS_MESSAGES[self.state]})

    @cached_property
    def shown_quote(self) -> bytes:
        """`data` of GET `/quote`. There is no SGX to make a quote with."""
        return _json({"Cert": self.authority.chain_pem, "Quote": None})

    @property
    def shown_manifest(self) -> bytes:
        """`data` of GET `/manifest`."""
        return self.deployment.manifest.shown if self.deployment else _NO_MANIFEST


def _state_record(state: State) -> bytes:
    return str(state.value).encode("ascii")


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
