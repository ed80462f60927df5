"""Ties attestation into the console: the notary of the connection in hand, and its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from marble_console.attesting import CollateralCache
from marble_console.composition.errands import Errands
from marble_console.coordinators.attested import AttestationStore
from marble_console.coordinators.folders import collateral_folder
from marble_console.coordinators.profiles import Profile, ProfileId, ProfileStore
from marble_console.insecure import checks_off, insecure_banner
from marble_console.notary import Notary, attests_first
from marble_console.page import Page
from marble_console.parts import BannerState
from marble_console.session import Session
from marble_console.shell_presenter import change_banner
from marble_console.tasks import Runner
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    from marble_console.pages.attestation.presenter import AttestationPresenter


class Attestations:
    """What the console knows of attestation. `schedule` sets the timer of the next verification, or stops it."""

    def __init__(
        self,
        session: Session,
        store: ProfileStore,
        runner: Runner,
        errands: Errands,
        *,
        clock: Callable[[], dt.datetime],
        schedule: Callable[[float | None], None],
    ) -> None:
        self._runner = runner
        self._errands = errands
        self._clock = clock
        self._store = AttestationStore(store.database)
        self._presenter: AttestationPresenter | None = None
        cache = CollateralCache(collateral_folder())
        self.notary = Notary(session, self._store, cache, runner, clock=clock, schedule=schedule)

    def attests_first(self, profile: Profile) -> bool:
        """Whether nothing may be asked of a connection before it is verified. What cannot be read counts as yes."""
        try:
            return attests_first(profile, self._store)
        except MarbleError:
            return True

    @property
    def store(self) -> AttestationStore:
        return self._store

    def differ(self, profile: Profile) -> bool:
        """Whether a connection is to be attested by other terms than those it was opened with."""
        trust = self.notary.state
        if trust.profile is None or trust.profile.id != profile.id:
            return False
        try:
            return replace(self._store.terms(profile.id), offered_nonce=False) != replace(
                trust.terms, offered_nonce=False
            )
        except MarbleError:
            return True

    def last_verdicts(self) -> Mapping[ProfileId, Verdict]:
        """The last verdict on each connection, as far as it is known."""
        try:
            return self.notary.last_verdicts()
        except MarbleError:
            return {}

    def insecure(self) -> BannerState | None:
        """Says which checks are off on the connection in hand."""
        trust = self.notary.state
        return insecure_banner(checks_off(trust.profile, trust.terms))

    def changed(self) -> BannerState | None:
        """Says that the verdict on the connection in hand is another one than before."""
        return change_banner(self.notary.state.change, self._clock())

    @property
    def failed(self) -> bool:
        """Whether the last verification of the connection in hand failed."""
        attestation = self.notary.state.attestation
        return attestation is not None and attestation.verdict is Verdict.FAILED

    def build_page(self) -> Page:
        from marble_console.pages.attestation.page import AttestationPage  # noqa: PLC0415  loads when it is opened
        from marble_console.pages.attestation.presenter import AttestationPresenter  # noqa: PLC0415  as above
        from marble_console.widgets.pdf import print_pdf  # noqa: PLC0415  as above

        presenter = AttestationPresenter(
            self.notary, self._runner, self._errands, clock=self._clock, print_pdf=print_pdf
        )
        page = AttestationPage(presenter)
        # To build the page and to fill it, each takes a turn of the event loop: together they would be a wait.
        page.in_the_next_turn(lambda: self.notary.listen(presenter.set_trust))
        return page
