"""Making a user certificate: what is entered, what is still missing, and the files that come of it. No Qt."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.trust import fingerprint
from marble_console.coordinators.identities import SavedIdentity
from marble_console.draftplace import DraftPlace
from marble_console.files import reason
from marble_console.tasks import Generation, Runner
from marble_console.times import expiry
from marble_console.wallet import Wallet
from marble_console.wizard.flow import OPEN, Gate, shut
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes
from marble_core.usercertificate import (
    KeyKind,
    UserNameRefused,
    certificate_pem,
    key_pem,
    manifest_entry,
    new_user_certificate,
    require_name,
)

SHORTEST_PASSPHRASE = 8
VALIDITIES = (90, 365, 730, 1825)  # days
_CLOCK_SKEW = dt.timedelta(minutes=5)  # of the computer where the certificate is used


class CertificateNotSaved(MarbleError):
    """The files of a new certificate could not be written; none of them is left."""

    code = "certificate_not_saved"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is entered. Of the passphrases only what can be said of them is here, never they themselves."""

    name: str = ""
    kind: KeyKind = KeyKind.P256
    days: int = 365
    folder: Path | None = None
    passphrase_length: int = 0
    passphrases_agree: bool = False
    encrypted: bool = True
    act: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate that was made and saved. `entry` is its place in a manifest."""

    name: str
    certificate_file: Path
    key_file: Path
    fingerprint: str
    ends: str
    entry: str
    pem: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MakeState:
    """`wrong` tells by field what cannot stay, once the operator has been there. `made` ends the form.

    `draft_title` names the manifest that is being edited, if it takes the entry; `draft_said` what came of putting it in.
    """

    draft: Draft
    wrong: dict[str, str]
    gate: Gate
    busy: bool = False
    problem: str = ""
    made: Made | None = None
    acting_problem: str = ""
    draft_title: str = ""
    draft_said: str = ""


class MakeView(Protocol):
    def show_state(self, state: MakeState) -> None: ...


class MakePresenter:
    """One new certificate. With a wallet that has a connection in hand it can act at once; with a `place` it gets there."""

    def __init__(
        self,
        wallet: Wallet,
        runner: Runner,
        *,
        now: Callable[[], dt.datetime],
        place: DraftPlace | None = None,
    ) -> None:
        self._wallet = wallet
        self._runner = runner
        self._now = now
        self._generation = Generation()
        self._view: MakeView | None = None
        self._visited: set[str] = set()
        self._place = place
        self._said = ""
        self._draft = Draft(place.name if place is not None else "", act=wallet.state.profile is not None)
        self._busy = False
        self._problem = self._acting_problem = ""
        self._made: Made | None = None

    def attach(self, view: MakeView) -> None:
        self._view = view
        self._show()

    def detach(self) -> None:
        """The dialog is over: what is under way comes to its end, and nobody is told."""
        self._view = None

    @property
    def can_act(self) -> bool:
        """Whether there is a connection that the certificate could act on."""
        return self._wallet.state.profile is not None

    @property
    def state(self) -> MakeState:
        wrong = self._wrong()
        missing = next(iter(wrong.values()), "")
        gate = shut(missing) if missing else OPEN
        visited = {name: text for name, text in wrong.items() if name in self._visited}
        return MakeState(
            self._draft,
            visited,
            gate,
            self._busy,
            self._problem,
            self._made,
            self._acting_problem,
            self._place.title if self._place is not None else "",
            self._said,
        )

    def change(self, field: str, **changes: object) -> None:
        """Take over what was entered in a field."""
        self._visited.add(field)
        self._problem = ""
        self._draft = replace(self._draft, **changes)  # type: ignore[arg-type] # the names are those of the draft
        self._show()

    def make(self, passphrase: SecretBytes | None) -> None:
        """Make key and certificate and write them. The passphrase is wiped when all is done."""
        draft = self._draft
        if self._wrong() or draft.folder is None:
            return
        self._busy, self._problem = True, ""
        secret = passphrase if draft.encrypted else None
        self._runner.write(
            partial(_make, draft, draft.folder, secret, self._now()),
            lane=draft.folder,
            then=partial(self._saved, secret),
            failed=self._failed,
        )
        self._show()

    def _saved(self, passphrase: SecretBytes | None, made: Made) -> None:
        self._busy, self._made = False, made
        if self._place is not None and self._place.name:
            self.put_into_draft()
        if self._draft.act and self.can_act:
            self._wallet.add(
                made.certificate_file, made.key_file, passphrase, then=self._acts, failed=self._acts_not
            )
        elif passphrase is not None:
            passphrase.wipe()
        self._show()

    def put_into_draft(self) -> None:
        """Put what was made into the manifest that is being edited."""
        place, made = self._place, self._made
        if place is None or made is None:
            return

        def told(why_not: str) -> None:
            self._said = place.outcome(why_not)
            self._show()

        place.put(made.name, made.pem, told)

    def _acts(self, _: SavedIdentity) -> None:
        self._show()

    def _acts_not(self, error: MarbleError) -> None:
        self._acting_problem = f"{error.sentence} {error.hint}".strip()
        self._show()

    def _failed(self, error: MarbleError) -> None:
        self._busy, self._problem = False, f"{error.sentence} {error.hint}".strip()
        self._show()

    def _wrong(self) -> dict[str, str]:
        draft, wrong = self._draft, {}
        try:
            _file_name(require_name(draft.name))
        except UserNameRefused as error:
            wrong["name"] = error.sentence
        if draft.folder is None:
            wrong["folder"] = tr("Choose the folder for the two files.")
        if draft.encrypted and draft.passphrase_length < SHORTEST_PASSPHRASE:
            wrong["passphrase"] = tr(
                "Give a passphrase of at least {count} characters.", count=SHORTEST_PASSPHRASE
            )
        elif draft.encrypted and not draft.passphrases_agree:
            wrong["again"] = tr("Give the same passphrase twice.")
        return wrong

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self.state)


def _file_name(name: str) -> str:
    """The name as that of a file, wherever it is saved."""
    return "".join(char if char.isalnum() or char in "-_.@" else "-" for char in name).lstrip(".-") or "user"


def _make(draft: Draft, folder: Path, passphrase: SecretBytes | None, now: dt.datetime) -> Made:
    name = require_name(draft.name)
    certificate_file, key_file = (folder / f"{_file_name(name)}{suffix}" for suffix in (".crt", ".key"))
    begins = now.replace(microsecond=0)
    pair = new_user_certificate(
        name, draft.kind, begins=begins - _CLOCK_SKEW, ends=begins + dt.timedelta(days=draft.days)
    )
    pem = certificate_pem(pair)
    _write_new(key_file, key_pem(pair, passphrase), 0o600)
    try:
        _write_new(certificate_file, pem, 0o644)
    except CertificateNotSaved:
        with contextlib.suppress(OSError):
            key_file.unlink()
        raise
    der = pair.certificate.public_bytes(Encoding.DER)
    ends = expiry(pair.certificate.not_valid_after_utc, now)[0]
    return Made(
        name,
        certificate_file,
        key_file,
        fingerprint(der),
        ends,
        manifest_entry(name, pem),
        pem.decode("ascii"),
    )


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, with its permissions from the first byte on."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise CertificateNotSaved(
            tr("{name} is there already, and is not overwritten.", name=path.name),
            hint=tr("Choose another folder, or another name for the user."),
        ) from error
    except OSError as error:
        raise _not_saved(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise _not_saved(path, error) from error


def _not_saved(path: Path, error: OSError) -> CertificateNotSaved:
    return CertificateNotSaved(
        tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
        hint=tr("Choose another folder."),
    )
