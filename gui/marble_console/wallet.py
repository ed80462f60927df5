"""Who acts on the connection in hand: its saved identities, which of them is unlocked, and what it may do. No Qt.

A passphrase is used once, to read a key, and then forgotten, unless the operator wants it in the keyring of the system. What stays in memory until `lock` is an Identity, whose key
is useless once wiped. All calls and callbacks are on the thread of the runner's callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from marble_client.identity import Identity
from marble_console.acting import Acting
from marble_console.coordinators.identities import IdentityId, IdentityKind, IdentityStore, SavedIdentity
from marble_console.coordinators.profiles import Profile, ProfileId, ProfilesError
from marble_console.files import reason
from marble_console.passphrases import KeyringUnusable, Passphrases, SystemKeyring
from marble_console.session import Session, SessionState
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.keypair import (
    PassphraseNeeded,
    holds_key,
    is_encrypted,
    is_pkcs12,
    passphrase_needed,
    read_pair,
)
from marble_core.manifest.model import Manifest, UserName
from marble_core.manifest.permissions import Permissions, permissions
from marble_core.manifest.users import users_by_fingerprint
from marble_core.secretbytes import SecretBytes

LARGEST_FILE = 1 << 20  # bytes; certificates and keys are a few thousand


class IdentityFileUnreadable(MarbleError):
    """A file of an identity cannot be read, or holds another certificate than before."""

    code = "identity_file_unreadable"


@dataclass(frozen=True, slots=True)
class Known:
    """The users of a manifest: by the fingerprint of their certificate, and what they may do."""

    users: Mapping[str, UserName] = field(default_factory=dict)
    permissions: Mapping[UserName, Permissions] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Manifest) -> Known:
        return cls(users_by_fingerprint(manifest), permissions(manifest))


@dataclass(frozen=True, slots=True)
class WalletState:
    """`chosen` is the identity to act with; `acting` says it for the window. `problem` is why it cannot be used.

    While it is locked, `wants_passphrase` tells whether unlocking needs one, and nobody looks for it in the keyring.
    """

    profile: Profile | None = None
    saved: tuple[SavedIdentity, ...] = ()
    chosen: SavedIdentity | None = None
    acting: Acting | None = None
    known: Known = field(default_factory=Known)
    busy: bool = False
    problem: MarbleError | None = None

    @property
    def wants_passphrase(self) -> bool:
        return (
            self.acting is not None
            and self.acting.is_locked
            and not self.busy
            and isinstance(self.problem, PassphraseNeeded)
        )

    @property
    def permissions(self) -> Permissions:
        """What the identity that acts may do: nothing while it is locked or no user's."""
        acting = self.acting
        if acting is None or acting.is_locked or acting.user is None:
            return {}
        return self.known.permissions.get(acting.user, {})


Failed = Callable[[MarbleError], None]


class Wallet:
    """The identities of one connection at a time, as its session."""

    def __init__(
        self, session: Session, store: IdentityStore, runner: Runner, passphrases: Passphrases | None = None
    ) -> None:
        self._session = session
        self._passphrases = passphrases if passphrases is not None else SystemKeyring()
        self._store = store
        self._runner = runner
        self._generation = Generation()
        self._manifests = Generation()
        self._manifest: Manifest | None = None
        self._listeners: list[Callable[[WalletState], None]] = []
        self._identity: Identity | None = None
        self.state = WalletState()
        session.listen(self._session_changed)

    def listen(self, listener: Callable[[WalletState], None]) -> Callable[[], None]:
        """Call `listener` now and with every new state; returns what ends that."""
        self._listeners.append(listener)
        listener(self.state)
        return partial(self._listeners.remove, listener)

    # -- what the operator asks for -------------------------------------------------------------------------------
    def choose(self, identity: IdentityId | None) -> None:
        """Act with a saved identity from now on, or as nobody. Raises ProfilesError."""
        profile = self.state.profile
        if profile is None:
            return
        self._store.choose(profile.id, identity)
        self._drop()
        self._load(profile)

    def unlock(
        self,
        passphrase: SecretBytes | None,
        *,
        keep: bool = False,
        then: Callable[[], None] = lambda: None,
        failed: Failed = lambda _: None,
    ) -> None:
        """Read the key of the chosen identity. The passphrase is wiped when that is done; `keep` puts it into the keyring.

        Without one, it is looked for there if it was kept. A keyring that fails keeps nothing, and is no reason not to unlock:
        the state's `problem` tells of it.
        """
        chosen = self.state.chosen
        if chosen is None:
            return
        current = self._generation.next()
        self._set(replace(self.state, busy=True))

        def unlocked(found: _Unlocked) -> None:
            self._unlocked(chosen, found)
            if passphrase is not None and not keep and chosen.in_keyring:
                self.forget_passphrase(chosen, failed=self._not_forgotten)
            then()

        def refused(error: MarbleError) -> None:
            self._refused(error)
            failed(error)

        self._runner.read(
            partial(_unlock, chosen, passphrase, self._passphrases, keep=keep),
            then=current(unlocked),
            failed=current(refused),
        )

    def add(
        self,
        certificate_file: Path,
        key_file: Path | None,
        passphrase: SecretBytes | None,
        *,
        then: Callable[[SavedIdentity], None],
        failed: Failed,
    ) -> None:
        """Keep a new identity once its files were read and found to belong together, and act with it."""
        profile = self.state.profile
        if profile is None:
            return
        current = self._generation.next()

        def read(found: tuple[SavedIdentity, Identity]) -> None:
            self._added(found, then, failed)

        self._runner.read(
            partial(_read_new, profile.id, certificate_file, key_file, passphrase),
            then=current(read),
            failed=current(failed),
        )

    def forget_passphrase(self, identity: SavedIdentity, *, failed: Failed) -> None:
        """Take the passphrase of an identity out of the keyring."""

        def forgotten(_: None) -> None:
            self._note_kept(identity, is_there=False)

        self._runner.write(
            partial(self._passphrases.forget, identity.fingerprint),
            lane="keyring",
            then=forgotten,
            failed=failed,
        )

    def _not_forgotten(self, error: MarbleError) -> None:
        self._set(replace(self.state, problem=error))

    def remove(self, identity: IdentityId) -> None:
        """Forget a saved identity, and its passphrase in the keyring. Raises ProfilesError."""
        profile = self.state.profile
        if profile is None:
            return
        for each in self.state.saved:
            if each.id == identity and each.in_keyring:
                self._runner.write(
                    partial(self._passphrases.forget, each.fingerprint),
                    lane="keyring",
                    then=_nothing,
                    failed=_nothing,
                )
        self._store.remove(identity)
        chosen = self.state.chosen
        if chosen is not None and chosen.id == identity:
            self._drop()
            self._load(profile)
        else:
            self._set(replace(self.state, saved=self._store.of(profile.id)))

    def lock(self) -> None:
        """Forget the key of the identity in hand; it has to be unlocked again."""
        chosen = self.state.chosen
        if chosen is None:
            return
        self._drop()
        problem = passphrase_needed() if chosen.encrypted else None
        self._show_chosen(replace(self.state, busy=False, problem=problem))

    # -- inside ---------------------------------------------------------------------------------------------------
    def _session_changed(self, session: SessionState) -> None:
        profile, before = session.profile, self.state.profile
        if (profile.id if profile else None) != (before.id if before else None):
            self._drop()
            self._manifest = None
            self._manifests.next()
            if profile is None:
                self._set(WalletState())
            else:
                self._load(profile)
        observation = session.watch.observation
        manifest = observation.manifest if observation is not None else None
        if manifest is not None and manifest is not self._manifest:
            self._manifest = manifest
            current = self._manifests.next()
            self._runner.read(partial(Known.of, manifest), then=current(self._learnt), failed=_nothing)

    def _load(self, profile: Profile) -> None:
        """Show what is kept for a connection, and unlock its identity where that needs no passphrase."""
        try:
            saved = self._store.of(profile.id)
        except ProfilesError as error:
            self._set(WalletState(profile, problem=error))
            return
        chosen = next((each for each in saved if each.acts), None)
        same = self.state.profile is not None and self.state.profile.id == profile.id
        known = self.state.known if same else Known()
        problem = passphrase_needed() if chosen is not None and chosen.encrypted else None
        self._show_chosen(WalletState(profile, saved, chosen, known=known, problem=problem))
        if chosen is not None and (chosen.in_keyring or not chosen.encrypted):
            self.unlock(None)

    def _unlocked(self, chosen: SavedIdentity, found: _Unlocked) -> None:
        self._drop()
        self._identity = found.identity
        self._show_chosen(replace(self.state, busy=False, problem=found.not_kept))
        if found.is_kept:
            self._note_kept(chosen, is_there=True)

    def _note_kept(self, identity: SavedIdentity, *, is_there: bool) -> None:
        """Remember where the passphrase is, here and in what is kept."""
        profile = self.state.profile
        try:
            self._store.set_in_keyring(identity.id, is_there=is_there)
            if profile is not None and profile.id == identity.connection:
                saved = self._store.of(profile.id)
                chosen = next((each for each in saved if each.acts), None)
                self._set(replace(self.state, saved=saved, chosen=chosen))
        except ProfilesError as error:
            self._set(replace(self.state, problem=error))

    def _refused(self, error: MarbleError) -> None:
        self._show_chosen(replace(self.state, busy=False, problem=error))

    def _added(
        self,
        found: tuple[SavedIdentity, Identity],
        then: Callable[[SavedIdentity], None],
        failed: Failed,
    ) -> None:
        saved, identity = found
        try:
            added = replace(saved, id=self._store.add(saved), acts=True)
            self._store.choose(saved.connection, added.id)
            kept = self._store.of(saved.connection)
        except ProfilesError as error:
            identity.wipe()
            failed(error)
            return
        self._drop()
        self._identity = identity
        self._show_chosen(replace(self.state, saved=kept, chosen=added, busy=False, problem=None))
        then(added)

    def _learnt(self, known: Known) -> None:
        self._show_chosen(replace(self.state, known=known))

    def _drop(self) -> None:
        """Let go of the key in hand."""
        self._generation.next()
        if self._identity is not None:
            identity, self._identity = self._identity, None
            self._session.act_as(None, None)
            identity.wipe()

    def _show_chosen(self, state: WalletState) -> None:
        """Say who acts, here and in the session."""
        chosen = state.chosen
        acting = None
        if chosen is not None:
            acting = Acting(
                chosen.subject,
                chosen.fingerprint,
                chosen.not_after,
                state.known.users.get(chosen.fingerprint),
                is_locked=self._identity is None,
            )
        self._set(replace(state, acting=acting))
        self._session.act_as(self._identity, acting)

    def _set(self, state: WalletState) -> None:
        self.state = state
        for listener in tuple(self._listeners):
            listener(state)


def _nothing(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Unlocked:
    """A key in hand; whether its passphrase was put into the keyring, or why it was not."""

    identity: Identity
    is_kept: bool = False
    not_kept: MarbleError | None = None


def _unlock(
    saved: SavedIdentity, passphrase: SecretBytes | None, passphrases: Passphrases, *, keep: bool
) -> _Unlocked:
    if passphrase is None and saved.in_keyring:
        passphrase = passphrases.get(saved.fingerprint)
    if passphrase is None or not keep:
        return _Unlocked(_read_again(saved, passphrase))
    again = SecretBytes(passphrase.reveal())
    try:
        identity = _read_again(saved, passphrase)
        try:
            passphrases.keep(saved.fingerprint, again)
        except KeyringUnusable as error:
            return _Unlocked(identity, not_kept=error)
        return _Unlocked(identity, is_kept=True)
    finally:
        again.wipe()


def _read_again(saved: SavedIdentity, passphrase: SecretBytes | None) -> Identity:
    found, identity = _read_new(saved.connection, saved.certificate_file, saved.key_file, passphrase)
    if found.certificate_der != saved.certificate_der:
        identity.wipe()
        raise IdentityFileUnreadable(
            tr("{name} holds another certificate than before.", name=saved.certificate_file.name),
            hint=tr("If it was renewed on purpose, add it as a new identity."),
        )
    return identity


def _read_new(
    connection: ProfileId, certificate_file: Path, key_file: Path | None, passphrase: SecretBytes | None
) -> tuple[SavedIdentity, Identity]:
    """Read an identity by its files. The passphrase is wiped afterwards, come what may."""
    try:
        certificates = _content(certificate_file)
        key = _content(key_file) if key_file is not None else None
        identity = Identity.of(read_pair(certificates, key, passphrase))
    finally:
        if passphrase is not None:
            passphrase.wipe()
    encrypted = _is_locked(certificates, key, passphrase)
    saved = SavedIdentity(
        connection,
        IdentityKind.PKCS12 if is_pkcs12(certificates) else IdentityKind.PEM,
        certificate_file,
        key_file,
        identity.der,
        encrypted=encrypted,
    )
    return saved, identity


def _is_locked(certificates: bytes, key: bytes | None, passphrase: SecretBytes | None) -> bool:
    """Whether reading the pair again will need a passphrase. DER and PKCS#12 do not tell, but that one was needed does."""
    content = certificates if key is None else key
    return is_encrypted(content) if holds_key(content) else passphrase is not None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE)
    except OSError as error:
        raise IdentityFileUnreadable(
            tr("{name} cannot be read: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Put the file back in its place, or add the identity again."),
        ) from error
