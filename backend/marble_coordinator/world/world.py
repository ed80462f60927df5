"""The whole world, and how each change makes another one of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from marble_coordinator import records
from marble_coordinator.errors import Unauthorized, WrongState
from marble_coordinator.pki.authority import Authority
from marble_coordinator.records import CounterName, PendingUpdate, RecordMap, UserRecord
from marble_coordinator.world.deployment import Deployment
from marble_coordinator.world.lock import Lock
from marble_coordinator.world.manifest import SetManifest
from marble_coordinator.world.shown import as_json, bytes_as_json
from marble_coordinator.world.states import State
from marble_coordinator.world.users import User, Users
from marble_core.manifest.model import MarbleType, Package, PackageName, SecretName, UserName
from marble_core.recovery import SharedKey
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret

_NO_MANIFEST = b'{"ManifestSignatureRootECDSA":null,"ManifestSignature":"","Manifest":null}'
_OF_THE_MANIFEST = (
    records.PACKAGES,
    records.INFRASTRUCTURES,
    records.MARBLES,
    records.TLS_TAGS,
    records.SECRETS,
    records.PREVIOUS_SECRETS,
    records.USERS,
)


@dataclass(frozen=True)
class Renewal:
    """What a manifest brings with it: everything that is made equal to it, and what was made for it."""

    authority: Authority
    manifest: SetManifest
    secrets: Mapping[SecretName, Secret] = field(repr=False)
    users: Mapping[UserName, UserRecord]
    root_secret: SecretBytes
    previous_root_secret: SecretBytes | None = None
    previous_secrets: Mapping[SecretName, Secret] = field(default_factory=dict, repr=False)

    def records(self) -> dict[str, bytes]:
        content = self.manifest.content
        previous = self.previous_root_secret
        return {
            records.MANIFEST: self.manifest.raw,
            records.MANIFEST_SIGNATURE: self.manifest.signature,
            records.ROOT_SECRET: self.root_secret.reveal(),
            **({records.PREVIOUS_ROOT_SECRET: previous.reveal()} if previous else {}),
            **records.write_authority(self.authority),
            **records.PACKAGES.write(content.packages),
            **records.INFRASTRUCTURES.write(content.infrastructures),
            **records.MARBLES.write(content.marbles),
            **records.TLS_TAGS.write(content.tls),
            **records.SECRETS.write(self.secrets),
            **records.PREVIOUS_SECRETS.write(self.previous_secrets),
            **records.USERS.write(self.users),
        }


@dataclass(frozen=True)
class World:
    """The state, the authority in force, and in state 3 the deployment. `records` is what gets sealed.

    In state 1, `lock` holds the state that waits for its key.
    """

    state: State
    authority: Authority
    records: RecordMap = field(default_factory=RecordMap, repr=False)
    deployment: Deployment | None = None
    lock: Lock | None = None

    @classmethod
    def waiting(cls, authority: Authority) -> World:
        """State 2: nothing is stored, anyone may set a manifest."""
        return cls(State.ACCEPTING_MANIFEST, authority)

    @classmethod
    def locked(cls, authority: Authority, sealed: bytes) -> World:
        """State 1, under a temporary authority. Raises MalformedStateError."""
        return cls(State.RECOVERY, authority, lock=Lock.on(sealed))

    @classmethod
    def deployed(cls, made: Renewal, shared: SharedKey, update_log: str) -> World:
        """State 3 for a first manifest, sealed with a key that was `shared`."""
        manifest = made.manifest
        written = RecordMap(
            {
                records.STATE: _state_record(State.ACCEPTING_MARBLES),
                records.UPDATE_LOG: update_log.encode(),
                **made.records(),
            }
        )
        deployment = Deployment(
            manifest=manifest,
            packages=manifest.content.packages,
            secrets=made.secrets,
            users=Users(made.users),
            update_log=update_log,
            state_key=shared.key,
            recovery_data=shared.data.encode(),
            sealed_by=manifest,
            root_secret=made.root_secret,
        )
        return cls(State.ACCEPTING_MARBLES, made.authority, written, deployment)

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
        pending = found.get(records.PENDING_UPDATE)
        previous_root = found.get(records.PREVIOUS_ROOT_SECRET)
        deployment = Deployment(
            manifest=manifest,
            packages=records.PACKAGES.read(found),
            secrets=records.SECRETS.read(found),
            users=Users(records.USERS.read(found)),
            update_log=records.required(found, records.UPDATE_LOG).decode(),
            state_key=state_key,
            recovery_data=recovery_data,
            sealed_by=manifest,
            root_secret=SecretBytes(records.required(found, records.ROOT_SECRET)),
            previous_root_secret=SecretBytes(previous_root) if previous_root is not None else None,
            previous_secrets=records.PREVIOUS_SECRETS.read(found),
            pending=records.read_pending(pending) if pending is not None else None,
        )
        return cls(State.ACCEPTING_MARBLES, authority, found, deployment)

    def with_lock(self, lock: Lock) -> World:
        """State 1 with other secrets collected."""
        return replace(self, lock=lock)

    def with_secrets(self, written: Mapping[SecretName, Secret], lines: str) -> World:
        """The world with some secrets replaced and `lines` added to the log."""
        former = self.running
        return self._changed(
            replace(former, secrets={**former.secrets, **written}, update_log=former.update_log + lines),
            records.SECRETS.write(written),
        )

    def with_packages(
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
        changed = self._changed(
            deployment,
            {
                **records.write_authority(authority),
                **records.PACKAGES.write(packages),
                **records.SECRETS.write(secrets),
            },
        )
        return replace(changed, authority=authority)

    def with_pending(self, pending: PendingUpdate | None, lines: str) -> World:
        """The world with another pending update, or with none, and `lines` added to the log."""
        former = self.running
        return self._changed(
            replace(former, pending=pending, update_log=former.update_log + lines),
            {records.PENDING_UPDATE: records.write_pending(pending)} if pending else {},
            [] if pending else [records.PENDING_UPDATE],
        )

    def with_manifest(self, made: Renewal, shared: SharedKey | None, lines: str) -> World:
        """The world under another manifest, with no update pending and `lines` added to the log.

        `shared` is the new state key where the recovery keys are new. Activation counts and monotonic counters stay.
        """
        former = self.running
        deployment = replace(
            former,
            manifest=made.manifest,
            packages=made.manifest.content.packages,
            secrets=made.secrets,
            users=Users(made.users),
            update_log=former.update_log + lines,
            root_secret=made.root_secret,
            previous_root_secret=made.previous_root_secret,
            previous_secrets=made.previous_secrets,
            pending=None,
        )
        if shared is not None:
            deployment = replace(
                deployment,
                state_key=shared.key,
                recovery_data=shared.data.encode(),
                sealed_by=made.manifest,
            )
        gone = [key for kind in _OF_THE_MANIFEST for key in kind.keys(self.records)]
        changed = self._changed(deployment, made.records(), [*gone, records.PENDING_UPDATE])
        return replace(changed, authority=made.authority)

    def with_counter(self, name: CounterName, value: int) -> World:
        """The world with one monotonic counter at another value."""
        return replace(self, records=self.records.changed(records.COUNTERS.write({name: value})))

    def counter(self, name: CounterName) -> int:
        """The value of a monotonic counter; one that was never raised is at 0."""
        record = self.records.get(records.COUNTERS.prefix + name)
        return 0 if record is None else records.COUNTERS.decode(name, record)

    def with_activation(self, marble_type: MarbleType) -> World:
        """The world with one activation more of a type. Only limited types are counted."""
        count = records.ACTIVATIONS.write({marble_type: self.activations(marble_type) + 1})
        return replace(self, records=self.records.changed(count))

    def activations(self, marble_type: MarbleType) -> int:
        """How often marbles of a type were activated while their number was limited."""
        record = self.records.get(records.ACTIVATIONS.prefix + marble_type)
        return 0 if record is None else records.ACTIVATIONS.decode(marble_type, record)

    @property
    def running(self) -> Deployment:
        """The deployment; raises WrongState outside state 3."""
        if self.deployment is None:
            raise WrongState
        return self.deployment

    @property
    def waiting_lock(self) -> Lock:
        """The lock; raises WrongState outside state 1."""
        if self.lock is None:
            raise WrongState
        return self.lock

    def user(self, certificate: bytes | None) -> User:
        """The user behind a client certificate (DER); raises Unauthorized, always in states 1 and 2."""
        if self.deployment is None:
            raise Unauthorized
        return self.deployment.users.find(certificate)

    @cached_property
    def shown_status(self) -> bytes:
        """`data` of GET `/status`."""
        return as_json({"StatusCode": self.state.value, "StatusMessage": self.state.message})

    @cached_property
    def shown_status_in_v2(self) -> bytes:
        """`data` of GET `/api/v2/status`."""
        return as_json({"code": self.state.value, "message": self.state.message})

    def show_quote(self, quote: bytes | None) -> bytes:
        """`data` of GET `/quote` around a quote over the root; None where there is none."""
        return b'{"Cert":%b,"Quote":%b}' % (self._chain, bytes_as_json(quote))

    def show_quote_in_v2(self, quote: bytes | None) -> bytes:
        """`data` of GET `/api/v2/quote`."""
        return b'{"cert":%b,"quote":%b}' % (self._chain, bytes_as_json(quote))

    @cached_property
    def _chain(self) -> bytes:
        """The certificates as JSON."""
        return as_json(self.authority.chain_pem)

    @property
    def shown_manifest(self) -> bytes:
        """`data` of GET `/manifest`."""
        return self.deployment.manifest.shown if self.deployment else _NO_MANIFEST

    def _changed(self, deployment: Deployment, put: Mapping[str, bytes], drop: Iterable[str] = ()) -> World:
        """The same authority with another deployment, whose records differ by `put`, `drop` and the log."""
        changed = self.records.changed({**put, records.UPDATE_LOG: deployment.update_log.encode()}, drop)
        return replace(self, records=changed, deployment=deployment)


def _state_record(state: State) -> bytes:
    return str(state.value).encode("ascii")
