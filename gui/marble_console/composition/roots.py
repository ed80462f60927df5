"""Asks the operator what to do as soon as another root certificate than the kept one answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from marble_client.errors import RootChanged
from marble_console.notary import Notary, TrustState
from marble_console.session import RootReplaced, Session, SessionState

if TYPE_CHECKING:
    from marble_console.pages.roots.presenter import RootsPresenter


class Roots(QObject):
    """The dialog about a changed root, at most one at a time."""

    def __init__(
        self, session: Session, notary: Notary, *, clock: Callable[[], dt.datetime], window: QWidget
    ) -> None:
        super().__init__(window)
        self._notary = notary
        self._clock = clock
        self._window = window
        self._session = session
        self._presenter: RootsPresenter | None = None
        self._told: object = None
        session.listen(self._session_changed)
        notary.listen(self._trust_changed)

    def ask(self) -> None:
        """Open the dialog, if there is something to decide and it is not open."""
        from marble_console.pages.roots.dialog import RootsDialog  # noqa: PLC0415  seldom needed
        from marble_console.pages.roots.presenter import RootsPresenter  # noqa: PLC0415  as above

        session = self._session.state
        if self._presenter is not None or not _is_about_roots(session):
            return
        presenter = self._presenter = RootsPresenter(
            self._notary, session, self._notary.state, self._clock, without_proof=self._ask_for_word
        )
        dialog = RootsDialog(presenter, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _ask_for_word(self, root_der: bytes) -> None:
        """Let the operator confirm that a root is used for a recovery although nothing can prove it."""
        from marble_console.pages.roots.unproved import UnprovedPresenter  # noqa: PLC0415  seldom needed
        from marble_console.pages.roots.unproveddialog import UnprovedDialog  # noqa: PLC0415  as above

        profile = self._session.state.profile
        if profile is None:
            return
        presenter = UnprovedPresenter(profile, root_der, partial(self._notary.use_unproved, root_der))
        dialog = UnprovedDialog(presenter, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _closed(self) -> None:
        self._presenter = None

    def _session_changed(self, session: SessionState) -> None:
        if self._presenter is not None:
            self._presenter.follow(session, self._notary.state)
        # Once for each root that turns up: who has closed the dialog has the banner to come back.
        about = _subject(session)
        if about != self._told:
            self._told = about
            if about is not None:
                self.ask()

    def _trust_changed(self, trust: TrustState) -> None:
        if self._presenter is not None:
            self._presenter.follow(self._session.state, trust)


def _is_about_roots(session: SessionState) -> bool:
    return session.profile is not None and isinstance(session.watch.failure, RootChanged | RootReplaced)


def _subject(session: SessionState) -> object:
    """What the operator would be asked about; None for nothing."""
    return session.opened if _is_about_roots(session) else None
