"""Ties identities into the console: who acts on the connection in hand, and the dialogs about that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from marble_console.coordinators.identities import IdentityId, IdentityStore
from marble_console.coordinators.profiles import ProfilesError, ProfileStore
from marble_console.dialogs import tell
from marble_console.session import Session
from marble_console.shell_presenter import band
from marble_console.shell_state import BandState, IdentityItem, PickerItem
from marble_console.tasks import Runner
from marble_console.times import expiry
from marble_console.wallet import Wallet
from marble_console.words import tr
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    from marble_console.draftplace import DraftPlace


class Identities:
    """The wallet of the console, what the header says of it, and its dialogs."""

    def __init__(
        self,
        session: Session,
        store: ProfileStore,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        window: QWidget,
    ) -> None:
        self._session = session
        self._runner = runner
        self._clock = clock
        self._window = window
        self._is_asking = False  # the keyring, which may have to ask the operator first
        self.wallet = Wallet(session, IdentityStore(store.database), runner)

    @property
    def item(self) -> IdentityItem | None:
        """Who acts, for the header; None without a connection."""
        state = self.wallet.state
        if state.profile is None:
            return None
        now = self._clock()
        choices = tuple(
            PickerItem(
                str(each.id),
                state.known.users.get(each.fingerprint, each.subject),
                expiry(each.not_after, now)[0],
                "user",
            )
            for each in state.saved
        )
        if choices:
            choices = (*choices, PickerItem("", tr("Nobody"), "", "circle-dashed"))
        acting = state.acting
        if acting is None:
            return IdentityItem(
                tr("Nobody"),
                tooltip=tr("No client certificate is presented. Choose an identity to act as a user."),
                choices=choices,
            )
        return IdentityItem(
            acting.name,
            "lock" if acting.is_locked else "user-round-check" if acting.user else "user",
            acting.tone(now),
            acting.explain(now),
            str(state.chosen.id) if state.chosen is not None else "",
            choices,
            tr("Unlock {name}…", name=acting.name) if acting.is_locked else "",
        )

    def choose(self, key: str) -> None:
        """Act as the identity with this key, or as nobody; asks for its passphrase where one is needed."""
        try:
            self.wallet.choose(IdentityId(int(key)) if key else None)
        except ProfilesError as error:
            tell(self._window, error.sentence, error.hint)
            return
        if self.wallet.state.wants_passphrase:
            self.unlock()

    def unlock(self) -> None:
        """Ask for the passphrase of the identity that acts, or read its key where none is needed."""
        chosen = self.wallet.state.chosen
        if chosen is None:
            return
        if not chosen.encrypted:
            self.wallet.unlock(None, failed=lambda error: tell(self._window, error.sentence, error.hint))
        elif chosen.in_keyring and not self._is_asking:
            self._is_asking = True
            self.wallet.unlock(None, then=self._asked, failed=self._ask)
        else:
            self._ask()

    def _asked(self) -> None:
        self._is_asking = False

    def _ask(self, _: MarbleError | None = None) -> None:
        """Ask for the passphrase: there is none in the keyring, or it does not fit any more."""
        self._asked()
        from marble_console.pages.identities.dialog import PassphraseDialog  # noqa: PLC0415  loads when it is opened

        self._open(PassphraseDialog(self.wallet, self._band(), self._window))

    def lock(self) -> None:
        """Forget the key in hand, and close the dialogs in which a passphrase or a value may stand."""
        from marble_console.widgets.framed import Framed  # noqa: PLC0415  as above

        for dialog in self._window.findChildren(Framed):
            if dialog.holds_secrets and dialog.isVisible():
                dialog.reject()
        self.wallet.lock()

    def manage(self) -> None:
        """Show the identities of the connection in hand."""
        from marble_console.pages.identities.dialog import IdentitiesDialog  # noqa: PLC0415  as above
        from marble_console.pages.identities.presenter import IdentitiesPresenter  # noqa: PLC0415  as above

        presenter = IdentitiesPresenter(self.wallet, unlock=self.unlock, now=self._clock)
        self._open(
            IdentitiesDialog(presenter, self._band(), add=self._add, new=self._make, parent=self._window)
        )

    def _add(self, parent: QWidget) -> QDialog:
        from marble_console.pages.identities.dialog import AddDialog  # noqa: PLC0415  as above
        from marble_console.pages.identities.presenter import AddPresenter  # noqa: PLC0415  as above

        return AddDialog(AddPresenter(self.wallet, self._runner), self._band(), parent)

    def make(self, place: DraftPlace | None = None) -> None:
        """Let the operator make a user certificate, for a place in the manifest that is being edited."""
        self._open(self._make(self._window, place))

    def _make(self, parent: QWidget, place: DraftPlace | None = None) -> QDialog:
        from marble_console.pages.identities.makedialog import MakeDialog  # noqa: PLC0415  as above
        from marble_console.pages.identities.making import MakePresenter  # noqa: PLC0415  as above

        presenter = MakePresenter(self.wallet, self._runner, now=self._clock, place=place)
        return MakeDialog(presenter, self._band(), parent)

    def _band(self) -> BandState | None:
        return band(self._session.state.profile, self._session.state.acting)

    @staticmethod
    def _open(dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
