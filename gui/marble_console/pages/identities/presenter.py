"""The identities of the connection in hand: the list, adding one, and unlocking one. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.coordinators.identities import IdentityKind, SavedIdentity
from marble_console.coordinators.profiles import ProfilesError
from marble_console.files import reason
from marble_console.pages.identities.state import AddState, ListState
from marble_console.parts import Action, Cell, ChipState, Fact, Notice, Row, Tone
from marble_console.tasks import Generation, Runner
from marble_console.times import expiry
from marble_console.wallet import LARGEST_FILE, IdentityFileUnreadable, Wallet, WalletState
from marble_console.wizard.flow import OPEN, Gate, shut
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.keypair import (
    PassphraseNeeded,
    PassphraseWrong,
    holds_key,
    is_encrypted,
    is_pkcs12,
    key_words,
)
from marble_core.secretbytes import SecretBytes


class ListView(Protocol):
    def show_state(self, state: ListState) -> None: ...


class IdentitiesPresenter:
    """The list of a wallet. `unlock` asks the operator for the passphrase of the identity that acts."""

    def __init__(self, wallet: Wallet, *, unlock: Callable[[], None], now: Callable[[], dt.datetime]) -> None:
        self._wallet = wallet
        self._unlock = unlock
        self._now = now
        self._view: ListView | None = None
        self._current = ""
        self._problem = ""
        self.state = ListState()
        self._stop_listening = wallet.listen(self._wallet_changed)

    def attach(self, view: ListView) -> None:
        self._view = view
        view.show_state(self.state)

    def detach(self) -> None:
        self._view = None
        self._stop_listening()

    def choose(self, key: str) -> None:
        self._current = key
        self._refresh()

    @property
    def chosen(self) -> SavedIdentity | None:
        saved = self._wallet.state.saved
        return next((each for each in saved if str(each.id) == self._current), None)

    def act(self) -> None:
        """Act as the chosen identity; as nobody, where it acts already."""
        chosen = self.chosen
        if chosen is None:
            return
        self._try(partial(self._wallet.choose, None if chosen.acts else chosen.id))
        if self._wallet.state.wants_passphrase:
            self._unlock()

    def forget(self) -> None:
        """Forget the chosen identity. The dialog has asked."""
        chosen = self.chosen
        if chosen is not None:
            self._try(partial(self._wallet.remove, chosen.id))

    def forget_passphrase(self) -> None:
        """Take the passphrase of the chosen identity out of the keyring."""
        chosen = self.chosen
        if chosen is not None:
            self._problem = ""
            self._wallet.forget_passphrase(chosen, failed=self._not_forgotten)

    def _not_forgotten(self, error: MarbleError) -> None:
        self._problem = f"{error.sentence} {error.hint}"
        self._refresh()

    def _try(self, change: Callable[[], None]) -> None:
        self._problem = ""
        try:
            change()
        except ProfilesError as error:
            self._problem = f"{error.sentence} {error.hint}"
        self._refresh()

    def _wallet_changed(self, wallet: WalletState) -> None:
        if not self._current and wallet.chosen is not None:
            self._current = str(wallet.chosen.id)
        self._refresh()

    def _refresh(self) -> None:
        wallet, chosen = self._wallet.state, self.chosen
        problem = wallet.problem
        failed = problem is not None and not isinstance(problem, PassphraseNeeded)
        nothing = "" if chosen else tr("Choose an identity first.")
        acts = chosen is not None and chosen.acts
        self.state = ListState(
            subtitle=ntr("{count} identity", "{count} identities", len(wallet.saved)) if wallet.saved else "",
            rows=tuple(self._row(each, wallet) for each in wallet.saved),
            current=self._current if chosen else "",
            empty=None if wallet.saved else _empty(),
            facts=_facts(chosen, self._now()) if chosen is not None else (),
            problem=self._problem or (f"{problem.sentence} {problem.hint}" if failed and problem else ""),
            act=Action(
                "act",
                tr("Act as nobody") if acts else tr("Act as {name}", name=_name(chosen, wallet)),
                "secondary" if acts else "primary",
                enabled=not nothing,
                reason=nothing,
            ),
            forget=Action("forget", tr("Forget…"), enabled=not nothing, reason=nothing),
            forget_passphrase=chosen is not None and chosen.in_keyring,
        )
        if self._view is not None:
            self._view.show_state(self.state)

    def _row(self, identity: SavedIdentity, wallet: WalletState) -> Row:
        ends, soon = expiry(identity.not_after, self._now())
        user = wallet.known.users.get(identity.fingerprint)
        return Row(
            str(identity.id),
            (
                Cell(
                    identity.subject,
                    identity.certificate_file.name,
                    icon="user-round-check" if identity.acts else "user",
                    strong=True,
                ),
                Cell(user) if user else Cell(tr("no user"), colour="text3"),
                Cell(_kind(identity), colour="text2"),
                Cell(ends, tone=Tone.CAUTION if soon else None, colour="text2"),
                _acting_cell(identity, wallet),
            ),
        )


def _acting_cell(identity: SavedIdentity, wallet: WalletState) -> Cell:
    if not identity.acts or wallet.acting is None:
        return Cell("")
    if wallet.acting.is_locked:
        return Cell(chip=ChipState(tr("locked"), Tone.NEUTRAL, "lock"))
    return Cell(chip=ChipState(tr("acting"), Tone.NEUTRAL, "check"))


def _name(identity: SavedIdentity | None, wallet: WalletState) -> str:
    if identity is None:
        return "…"
    return wallet.known.users.get(identity.fingerprint, identity.subject)


def _kind(identity: SavedIdentity) -> str:
    words = "PKCS#12" if identity.kind is IdentityKind.PKCS12 else "PEM"
    return (
        tr("{kind}, encrypted", kind=words) if identity.encrypted else tr("{kind}, not encrypted", kind=words)
    )


def _facts(identity: SavedIdentity, now: dt.datetime) -> tuple[Fact, ...]:
    ends, soon = expiry(identity.not_after, now)
    files = [str(identity.certificate_file)]
    if identity.key_file is not None:
        files.append(str(identity.key_file))
    facts = (
        Fact(tr("SHA-256"), identity.fingerprint, fingerprint=True),
        Fact(tr("Key"), key_words(identity.certificate.public_key())),
        Fact(tr("Ends"), ends, Tone.CAUTION if soon else None),
        Fact(tr("Files"), ", ".join(files), tooltip="\n".join(files)),
    )
    if not identity.encrypted:
        return facts
    where = tr("in the keyring of the system") if identity.in_keyring else tr("not kept")
    return (*facts, Fact(tr("Passphrase"), where))


def _empty() -> Notice:
    return Notice(
        tr("No identities yet"),
        tr(
            "An identity is a client certificate with its key. A coordinator knows by it which user of the manifest "
            "you are; without one you can look at what everybody may see."
        ),
        "user",
        actions=(
            Action("new", tr("New user certificate…"), icon="stamp"),
            Action("token", tr("Token (PKCS #11)…"), icon="key-round"),
            Action("add", tr("Add identity…"), "primary", "folder-open"),
        ),
    )


def about_tokens() -> tuple[str, str]:
    """What a key on a token cannot be used for here, and what it can."""
    return (
        tr("A key on a token cannot be an identity."),
        tr(
            "TLS, as it is built into this program, takes keys from files only, so a certificate whose key is on a smart card or an "
            "HSM cannot be presented to a coordinator. Use a key pair in a file for that.\n\n"
            "A recovery key on a token serves: it decrypts recovery secrets and signs them. Recovery, drill and offline desk offer it "
            "where they ask for the holder's key."
        ),
    )


class AddView(Protocol):
    def show_state(self, state: AddState) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Looked:
    """What can be told of the chosen files without a passphrase."""

    certificate_has_key: bool
    encrypted: bool


class AddPresenter:
    """One identity by its files: a PEM pair, one PEM with both, or PKCS#12."""

    def __init__(self, wallet: Wallet, runner: Runner) -> None:
        self._wallet = wallet
        self._runner = runner
        self._generation = Generation()
        self._view: AddView | None = None
        self.state = AddState(gate=_NO_CERTIFICATE)

    def attach(self, view: AddView) -> None:
        self._view = view
        view.show_state(self.state)

    def detach(self) -> None:
        """The dialog is over; an outcome that is still to come is nobody's."""
        self._view = None

    def choose_certificate(self, path: Path) -> None:
        self._look(path, None)

    def choose_key(self, path: Path) -> None:
        self._look(self.state.certificate_file, path)

    def typed(self) -> None:
        """The passphrase was changed: what was said of the old one no longer counts."""
        if "passphrase" in self.state.wrong:
            self._set(replace(self.state, wrong={}))

    def save(self, passphrase: SecretBytes | None) -> None:
        """Read the files and keep the identity."""
        certificate = self.state.certificate_file
        if certificate is None or not self.state.gate.is_open:
            return
        self._set(replace(self.state, busy=True, wrong={}))
        self._wallet.add(certificate, self.state.key_file, passphrase, then=self._saved, failed=self._failed)

    def _look(self, certificate: Path | None, key: Path | None) -> None:
        self._set(replace(self.state, certificate_file=certificate, key_file=key, wrong={}, busy=True))
        current = self._generation.next()
        self._runner.read(
            partial(_look, certificate, key), then=current(self._looked), failed=current(self._failed)
        )

    def _looked(self, looked: _Looked) -> None:
        state = self.state
        needs_key = state.certificate_file is not None and not looked.certificate_has_key
        gate = OPEN
        if state.certificate_file is None:
            gate = _NO_CERTIFICATE
        elif needs_key and state.key_file is None:
            gate = shut(tr("Choose the file with the private key."))
        self._set(
            replace(state, needs_key_file=needs_key, wants_passphrase=looked.encrypted, busy=False, gate=gate)
        )

    def _saved(self, _: SavedIdentity) -> None:
        self._set(replace(self.state, busy=False))
        if self._view is not None:
            self._view.finish()

    def _failed(self, error: MarbleError) -> None:
        asks = isinstance(error, PassphraseNeeded | PassphraseWrong)
        place = "passphrase" if asks else "files"
        self._set(
            replace(
                self.state,
                busy=False,
                wants_passphrase=asks or self.state.wants_passphrase,
                wrong={place: f"{error.sentence} {error.hint}".strip()},
            )
        )

    def _set(self, state: AddState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)


_NO_CERTIFICATE: Gate = shut(tr("Choose the file with the certificate."))


def _look(certificate: Path | None, key: Path | None) -> _Looked:
    own = _head(certificate) if certificate is not None else b""
    other = _head(key) if key is not None else b""
    has_key = holds_key(own) or is_pkcs12(own)
    return _Looked(has_key, is_encrypted(other if key is not None else own))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE)
    except OSError as error:
        raise IdentityFileUnreadable(
            tr("{name} cannot be read: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another file, or change its permissions."),
        ) from error
