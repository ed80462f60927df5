"""Who acts, in pictures: the dialogs of identities, and what the header says."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from PySide6.QtWidgets import QWidget

from marble_console.acting import Acting
from marble_console.coordinators.identities import IdentityId, IdentityKind, SavedIdentity
from marble_console.coordinators.profiles import ProfileId
from marble_console.draftplace import DraftPlace
from marble_console.pages.identities.dialog import AddDialog, IdentitiesDialog, PassphraseDialog
from marble_console.pages.identities.makedialog import MakeDialog
from marble_console.pages.identities.making import MakePresenter
from marble_console.pages.identities.presenter import AddPresenter, IdentitiesPresenter
from marble_console.pages.identities.state import AddState
from marble_console.parts import Tone
from marble_console.shell_state import BandState, IdentityItem
from marble_console.tasks import InlineRunner
from marble_console.wallet import Known, Wallet, WalletState
from marble_core.keypair import passphrase_needed
from marble_core.manifest.model import UserName

NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)
BAND = BandState(
    Tone.PRODUCTION, "production", "observatory · coordinator.observatory.example:4433", "acting as mira"
)


@cache
def saved() -> tuple[SavedIdentity, ...]:
    home = Path("/home/mira/certificates")
    return (
        _saved(1, "mira", 19, home / "mira.crt", home / "mira.key", acts=True),
        _saved(2, "mira (until April)", -12, home / "mira-old.p12", None),
        _saved(3, "ivo", 300, home / "ivo.pem", None),
    )


def _saved(
    number: int, name: str, days: int, file: Path, key: Path | None, *, acts: bool = False
) -> SavedIdentity:
    kind = IdentityKind.PKCS12 if file.suffix == ".p12" else IdentityKind.PEM
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    ends = NOW + dt.timedelta(days=days, hours=3)
    begins = NOW - dt.timedelta(days=400)
    builder = x509.CertificateBuilder(subject, subject, private.public_key(), number, begins, ends)
    der = builder.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)
    return SavedIdentity(
        ProfileId(1), kind, file, key, der, encrypted=key is not None, acts=acts, id=IdentityId(number)
    )


def acting(*, locked: bool = False) -> Acting:
    first = saved()[0]
    return Acting(first.subject, first.fingerprint, first.not_after, UserName("mira"), is_locked=locked)


def item(who: Acting | None) -> IdentityItem:
    """What the header says."""
    if who is None:
        return IdentityItem("Nobody")
    return IdentityItem(who.name, "user-round-check", who.tone(NOW), who.explain(NOW), "1")


class FakeWallet:
    """A wallet whose state stays as it is."""

    def __init__(self, state: WalletState) -> None:
        self.state = state

    def listen(self, listener: Callable[[WalletState], None]) -> Callable[[], None]:
        listener(self.state)
        return lambda: None

    def unlock(self, *_: object, failed: Callable[[Any], None], **__: object) -> None:
        failed(passphrase_needed())


def _wallet(*, locked: bool = False, empty: bool = False) -> Wallet:
    if empty:
        return cast("Wallet", FakeWallet(WalletState()))
    users = {each.fingerprint: UserName(each.subject) for each in saved()[::2]}
    return cast(
        "Wallet",
        FakeWallet(
            WalletState(
                saved=saved(), chosen=saved()[0], acting=acting(locked=locked), known=Known(users=users)
            )
        ),
    )


def _nothing(_: QWidget) -> Any:
    raise NotImplementedError


def identities(*, empty: bool = False) -> QWidget:
    presenter = IdentitiesPresenter(_wallet(empty=empty), unlock=lambda: None, now=lambda: NOW)
    return IdentitiesDialog(presenter, BAND, add=_nothing, new=_nothing)


def add() -> QWidget:
    presenter = AddPresenter(_wallet(), InlineRunner())
    first = saved()[0]
    presenter.state = AddState(
        first.certificate_file,
        first.key_file,
        needs_key_file=True,
        wants_passphrase=True,
        wrong={"passphrase": "The passphrase does not open the private key. Check the spelling."},
    )
    return AddDialog(presenter, BAND)


def new(*, made: bool = False) -> QWidget:
    """The form with something missing, or the result."""
    presenter = MakePresenter(
        _wallet(), InlineRunner(), now=lambda: NOW, place=DraftPlace("observatory.json", lambda *_: None)
    )
    dialog = MakeDialog(presenter, BAND)
    presenter.change("name", name="mira")
    if made:
        with tempfile.TemporaryDirectory() as folder:
            presenter.change("folder", folder=Path(folder))
            presenter.change("encrypted", encrypted=False, act=False)
            presenter.make(None)
        made_there = presenter.state.made
        if made_there is not None:
            home = Path("/home/mira/certificates")
            shown = replace(made_there, certificate_file=home / "mira.crt", key_file=home / "mira.key")
            dialog.show_state(replace(presenter.state, made=shown))
    else:
        presenter.change("folder", folder=Path("/home/mira/certificates"))
        presenter.change("again", passphrase_length=12)
    return dialog


SCENES: dict[str, Callable[[], QWidget]] = {
    "identities": identities,
    "identities-empty": lambda: identities(empty=True),
    "identity-add": add,
    "identity-new": new,
    "identity-new-made": lambda: new(made=True),
    "identity-unlock": lambda: PassphraseDialog(_wallet(locked=True), BAND),
}
