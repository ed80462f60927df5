"""The page of secrets: the list, and the one in front with its value for as long as it is revealed. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.answers import CoordinatorState
from marble_client.client import CoordinatorClient
from marble_client.witness import Deed
from marble_console.coordinators.watch import Phase
from marble_console.files import reason, replace_file
from marble_console.journal.deeds import Done
from marble_console.pages.secrets.composing import Held, compose
from marble_console.pages.secrets.listing import Basis, Filter, Listing, SecretItem, listing
from marble_console.pages.secrets.reading import Value, explain_refusal, read_value
from marble_console.pages.secrets.showing import Form, certificate_file, copied, forms, pem
from marble_console.pages.secrets.state import SecretsState
from marble_console.revealing import REVEAL_SECONDS, seconds_left
from marble_console.session import SessionState
from marble_console.tasks import Generation, Runner
from marble_console.wallet import WalletState
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import SecretName
from marble_core.secretbytes import SecretBytes


class FileNotSaved(MarbleError):
    """A certificate or a key could not be written."""

    code = "file_not_saved"


class View(Protocol):
    def show_state(self, state: SecretsState) -> None: ...


class Elsewhere(Protocol):
    """What the page asks of the rest of the console."""

    def unlock(self) -> None: ...

    def manage_identities(self) -> None: ...

    def set_secret(self, item: SecretItem) -> None: ...

    def rotate_secret(self, item: SecretItem) -> None: ...

    def compare_secret(self, item: SecretItem) -> None: ...

    def load_batch(self) -> None: ...

    def export_secrets(self) -> None: ...

    def go_to(self, page: str) -> None: ...

    def connect(self) -> None: ...

    def retry(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Wants:
    """What to do with a value once it is there."""

    reveal: bool = False
    copy: bool = False
    facts: bool = False

    @property
    def purpose(self) -> Done:
        return Done.REVEAL if self.reveal else Done.COPY if self.copy else Done.READ


class SecretsPresenter:
    """Shows what the session and the wallet tell. `client` gives the one to ask; `clipboard` takes what is copied.

    A value is held while it is revealed, at most `reveal_seconds`, and wiped then; of a certificate only what is public
    stays. `tick` is called once a second while `is_revealed`.
    """

    def __init__(
        self,
        elsewhere: Elsewhere,
        runner: Runner,
        *,
        client: Callable[[], CoordinatorClient | None],
        clipboard: Callable[[SecretBytes], None],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._elsewhere = elsewhere
        self._runner = runner
        self._client = client
        self._clipboard = clipboard
        self._now = now
        self._view: View | None = None
        self._listings = Generation()
        self._readings = Generation()
        self._basis: Basis | None = None
        self.reveal_seconds = REVEAL_SECONDS
        self._session = SessionState()
        self._wallet = WalletState()
        self._filter = Filter.ALL
        self._text = ""
        self._current = ""
        self._held = Held()
        self._until: dt.datetime | None = None
        self.listing: Listing | None = None
        self.state = SecretsState()

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    # -- what comes in --------------------------------------------------------------------------------------------
    def set_session(self, session: SessionState) -> None:
        before, self._session = self._session, session
        if _connection(before) != _connection(session):
            self._current, self._filter, self._text = "", Filter.ALL, ""
            self.listing = self._basis = None
            self._forget()
        self._list()

    def set_wallet(self, wallet: WalletState) -> None:
        before, self._wallet = self._wallet, wallet
        if before.acting != wallet.acting:
            self._forget()
        self._list()

    # -- what the operator does -----------------------------------------------------------------------------------
    def filter(self, which: Filter | None = None, text: str | None = None) -> None:
        """Show fewer; None leaves a part of the filter as it is."""
        self._filter = self._filter if which is None else which
        self._text = self._text if text is None else text
        self._show()

    def show_secret(self, name: SecretName) -> None:
        """Choose a secret, and show all so that it is among those shown."""
        self.filter(Filter.ALL, "")
        self.choose(name)

    def choose(self, key: str) -> None:
        """Bring a secret to the front; the value of another one is purged."""
        if key != self._current:
            self._current = key
            self._forget()
            self._show()

    def reveal(self) -> None:
        """Show the value for a while, or hide it again."""
        if self._held.is_revealed:
            self.hide()
        else:
            self._want(Wants(reveal=True))

    def copy(self) -> None:
        """Put the value on the clipboard without showing it."""
        self._want(Wants(copy=True))

    def read_facts(self) -> None:
        """Read what is public of a certificate, or the fingerprint of a value."""
        self._want(Wants(facts=True))

    def choose_form(self, form: Form) -> None:
        self._held = replace(self._held, form=form)
        self._show()

    def hide(self) -> None:
        """End showing the value and wipe it: the time is over, or somebody may be looking."""
        if self._held.value is not None or self._until is not None:
            self._wipe()
            self._show()

    def purge(self) -> None:
        """Forget all that was read: the console is locked, or the page is left."""
        self._forget()
        self._show()

    def tick(self) -> None:
        """A second has passed."""
        if self._until is None:
            return
        if self._now() >= self._until:
            self.hide()
        else:
            self._show()

    @property
    def item(self) -> SecretItem | None:
        """The secret in front."""
        return self.listing.item(self._current) if self.listing is not None else None

    def save(self, path: Path, what: str) -> None:
        """Write `pem`, `der` or the private `key` of the certificate in front. Private parts are for their owner only."""
        item, client = self.item, self._client()
        if item is None or client is None:
            return
        current = self._readings.next()
        self._busy()
        self._runner.read(
            partial(_save, client, item.name, path, what),
            then=current(lambda _: self._saved(path)),
            failed=current(self._failed),
        )

    def act(self, key: str) -> None:
        """One of the page's buttons."""
        item, elsewhere = self.item, self._elsewhere
        about_one = {
            "set": elsewhere.set_secret,
            "rotate": elsewhere.rotate_secret,
            "compare": elsewhere.compare_secret,
        }
        general = {
            "unlock": elsewhere.unlock,
            "identities": elsewhere.manage_identities,
            "batch": elsewhere.load_batch,
            "export": elsewhere.export_secrets,
            "connect": elsewhere.connect,
            "retry": elsewhere.retry,
        }
        if key in about_one:
            if item is not None:
                self.hide()
                about_one[key](item)
        elif key in general:
            general[key]()
        else:
            elsewhere.go_to(key)

    # -- inside ---------------------------------------------------------------------------------------------------
    def _list(self) -> None:
        """Work out the list anew where something it is made of has changed."""
        seen = self._session.watch.observation
        if seen is None or seen.manifest is None:
            self._basis = self.listing = None
            self._show()
            return
        basis = Basis.of(seen, self._wallet)
        if basis.is_as(self._basis):
            self._show()
            return
        self._basis = basis
        current = self._listings.next()
        self._runner.read(
            partial(listing, basis, self._now()), then=current(self._listed), failed=current(self._failed)
        )
        self._show()

    def _listed(self, found: Listing) -> None:
        self.listing = found
        if self.item is None:
            self._current = ""
            self._forget()
        self._show()

    def _want(self, wants: Wants) -> None:
        item, client = self.item, self._client()
        if item is None or client is None or not item.may_read or self._held.busy:
            return
        if self._held.value is not None:
            if wants.copy:
                client.witness.note(Deed.of(Done.COPY, [item.name]))
                self._to_clipboard(self._held.value, self._held.form)
                self._show()
            return
        current = self._readings.next()
        self._busy()
        self._runner.read(
            partial(read_value, client, item.name, wants.purpose),
            then=current(partial(self._use, wants)),
            failed=current(self._failed),
        )

    def _use(self, wants: Wants, value: Value) -> None:
        """The value is there: do what it was wanted for, and keep no more of it than that needs."""
        form = self._held.form
        form = form if form in forms(value) else forms(value)[0]
        self._held = Held(
            value=value if wants.reveal else None,
            known=replace(value, secret=SecretBytes(b"")),
            fingerprint=value.fingerprint,
            forms=forms(value),
            form=form,
            is_empty=not value.is_set,
            is_revealed=wants.reveal and bool(value.secret),
            of_seconds=self.reveal_seconds,
        )
        if wants.copy and value.secret:
            self._to_clipboard(value, form)
        if wants.reveal and value.secret:
            self._until = self._now() + dt.timedelta(seconds=self._held.of_seconds)
        else:
            value.wipe()
        self._show()

    def _to_clipboard(self, value: Value, form: Form | None) -> None:
        self._clipboard(SecretBytes(copied(value, form or forms(value)[0]).encode()))
        self._held = replace(self._held, remark=tr("Copied. The clipboard is cleared after a while."))

    def _saved(self, path: Path) -> None:
        self._held = replace(self._held, busy=False, remark=tr("Saved as {name}.", name=path.name))
        self._show()

    def _failed(self, error: MarbleError) -> None:
        acting = self._wallet.acting
        name = acting.name if acting is not None and not acting.is_locked else ""
        self._held = replace(self._held, busy=False, problem=explain_refusal(error, name))
        self._show()

    def _busy(self) -> None:
        self._held = replace(self._held, busy=True, problem=None, remark="")
        self._show()

    def _wipe(self) -> None:
        if self._held.value is not None:
            self._held.value.wipe()
        self._held = replace(self._held, value=None, is_revealed=False, remark="")
        self._until = None

    def _forget(self) -> None:
        self._readings.next()
        self._wipe()
        self._held = Held()

    def _show(self) -> None:
        seconds = seconds_left(self._until, self._now())
        self.state = compose(
            self._session,
            self._wallet,
            self.listing,
            replace(
                self._held,
                seconds=seconds,
                of_seconds=self._held.of_seconds if seconds else self.reveal_seconds,
            ),
            self.item,
            (self._filter, self._text),
            self._now(),
        )
        if self._view is not None:
            self._view.show_state(self.state)


def _connection(session: SessionState) -> object:
    return session.profile.id if session.profile is not None else None


def is_ready(session: SessionState) -> bool:
    """Whether the coordinator in hand can be asked for secrets."""
    seen = session.watch.observation
    return (
        session.watch.phase is Phase.FRESH
        and seen is not None
        and seen.status.state is CoordinatorState.RUNNING
    )


def _save(client: CoordinatorClient, name: SecretName, path: Path, what: str) -> None:
    value = read_value(client, name, Done.SAVE)
    try:
        if what == "key":
            replace_file(path, pem("PRIVATE KEY", value.secret.reveal()).encode(), mode=0o600)
        else:
            encoding = Encoding.DER if what == "der" else Encoding.PEM
            replace_file(path, certificate_file(value, encoding))
    except OSError as error:
        raise FileNotSaved(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another folder."),
        ) from error
    finally:
        value.wipe()
