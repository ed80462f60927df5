"""The wizard that recovers a state: from the situation to the end, holder after holder. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from marble_client.errors import NotTrusted, RootChanged
from marble_client.trust import fingerprint
from marble_console.pages.recover.bringing import BringingPresenter, Elsewhere
from marble_console.pages.recover.composing import pages_state, wizard_state
from marble_console.pages.recover.state import Draft, PagesState, Situation
from marble_console.pages.recover.steps import KEY, SEND, SHARE, SITUATION, STEPS, VERIFY
from marble_console.recovering.opening import Contributed
from marble_console.recovering.progress import Progress, RefusedShare
from marble_console.recovering.sending import (
    Accepted,
    Declined,
    Outcome,
    Unanswered,
    Verified,
    give,
    verify_recovered,
)
from marble_console.shell_state import BandState
from marble_console.tasks import Runner
from marble_console.wizard.flow import Flow, WizardState
from marble_console.words import tr
from marble_core.errors import MarbleError


class RecoverPresenter(BringingPresenter):
    """One recovery of one coordinator, from `situation` on; `progress` is what was reached before."""

    def __init__(
        self,
        situation: Situation,
        progress: Progress,
        elsewhere: Elsewhere,
        runner: Runner,
        band: BandState | None,
        clock: Callable[[], dt.datetime],
        *,
        read_picture: Callable[[Path], str],
        save_picture: Callable[[str, Path], Path],
    ) -> None:
        draft = Draft(situation, progress.under(situation.root) if situation.root else progress)
        super().__init__(
            Flow(STEPS, SITUATION, draft),
            elsewhere,
            runner,
            clock,
            read_picture=read_picture,
            save_picture=save_picture,
        )
        self._band = band
        self._sending = False

    # -- what happens around ----------------------------------------------------------------------------------------
    def situation_changed(self, situation: Situation) -> None:
        """The coordinator was seen again, or not; or it was verified."""
        draft = self.draft
        if draft.busy or draft.progress.done:
            self._flow.update(replace(draft, situation=situation))
        elif _was_finished_elsewhere(situation):
            self._purge()
            progress = replace(draft.progress, done=True)
            self._flow.update(
                replace(self.draft, situation=situation, progress=progress, finished_elsewhere=True)
            )
            self._go_to_verify()
        elif situation.root and situation.root != draft.progress.root:
            self._at_another_root(situation)
        else:
            self._flow.update(replace(draft, situation=situation))
        self._show()

    def _at_another_root(self, situation: Situation) -> None:
        """The coordinator was restarted: what it had accepted is gone, and nothing vouches for it yet."""
        progress = self.draft.progress.under(situation.root)
        self._elsewhere.progressed(progress)
        if self.draft.progress.root:
            self._purge()
            self._flow.return_to(SITUATION)
        self._flow.update(
            replace(self.draft, situation=situation, progress=progress, exception=False, problem=None)
        )

    # -- what the operator does -------------------------------------------------------------------------------------
    def attest(self) -> None:
        self._elsewhere.attest()

    def accept_exception(self, accepted: bool) -> None:
        self._update(exception=accepted)

    def back_up(self) -> None:
        self._elsewhere.back_up()

    def forward(self) -> None:
        """The primary button."""
        if self.draft.busy:
            return
        if self.step == SEND and self.draft.share is not None:
            self._send(self.draft.share)
        elif self.step == SEND and not self.draft.progress.done:
            self._next_holder()
        else:
            super().forward()

    def leave(self) -> None:
        if not self.draft.busy:
            super().leave()

    def lock(self) -> None:
        """The console is locked: what the holder has brought is wiped, and has to be brought again."""
        if self.draft.progress.done or self._sending:
            return
        if self.step == KEY or (self.step == SEND and self.draft.share is not None):
            self._flow.return_to(SHARE)
        self._purge()
        self._update(busy="")

    # -- sending ----------------------------------------------------------------------------------------------------
    def _send(self, share: Contributed) -> None:
        client = self._elsewhere.client()
        if client is None or not self.draft.situation.can_recover:
            self._flow.return_to(SITUATION)
            self._show()
            return
        if fingerprint(client.trust.root_der) != self.draft.progress.root:
            self.situation_changed(replace(self.draft.situation, root=client.trust.fingerprint))
            return
        self._sending = True
        self._update(busy=tr("Sending the share of {holder}…", holder=_name(share)), problem=None)
        self._runner.write(
            partial(give, client, share),
            lane=self.draft.situation.profile.id,
            then=partial(self._answered, share),
            failed=partial(self._not_sent, share),
        )

    def _answered(self, share: Contributed, outcome: Outcome) -> None:
        known = self.draft.situation.known
        self._sending = False
        match outcome:
            case Accepted(remaining=remaining, server_text=text):
                progress = self.draft.progress.accepted(share, self._clock(), remaining, known)
                self._purge(_name(share))
                self._took(progress, text)
            case Declined(error=error, server_text=text):
                refused = _refused(share, self._clock(), error, text)
                self._purge(_name(share))
                self._took(self.draft.progress.was_refused(refused), text)
            case Unanswered(error=error):
                self._update(busy="", problem=error)

    def _took(self, progress: Progress, server_text: str) -> None:
        self._elsewhere.progressed(progress)
        self._flow.update(replace(self.draft, progress=progress, busy="", server_text=server_text))
        if progress.done:
            self._go_to_verify()
        self._show()

    def _not_sent(self, share: Contributed, error: MarbleError) -> None:
        """Nothing was sent, so nothing was lost: the share is kept for another try, unless the coordinator is another."""
        del share
        self._sending = False
        self._flow.update(replace(self.draft, busy="", problem=error))
        if isinstance(error, NotTrusted):
            self._lost_sight(error)
        self._show()

    def _lost_sight(self, error: NotTrusted) -> None:
        presented = error.presented if isinstance(error, RootChanged) else ""
        self._elsewhere.attest()
        situation = replace(self.draft.situation, root="", attested=None, failure=error)
        if _was_finished_elsewhere(situation):
            self.situation_changed(situation)
            return
        progress = self.draft.progress.under(presented) if presented else self.draft.progress
        self._elsewhere.progressed(progress)
        self._purge()
        self._flow.return_to(SITUATION)
        self._flow.update(
            replace(self.draft, situation=situation, progress=progress, exception=False, problem=None)
        )

    def _next_holder(self) -> None:
        self._purge(self.draft.whose)
        self._flow.return_to(SHARE)
        self._show()

    # -- the end ----------------------------------------------------------------------------------------------------
    def _go_to_verify(self) -> None:
        self._flow.jump(VERIFY)
        client = self._elsewhere.client()
        if client is None:
            self._failed(_nobody_to_ask())
            return
        situation = self.draft.situation
        self._work(
            tr("Looking at what came back…"),
            partial(verify_recovered, client, situation.lasting_root, situation.known),
            self._looked,
        )

    def _looked(self, verified: Verified) -> None:
        self._update(verified=verified)
        self._elsewhere.recovered(verified)

    # -- inside -----------------------------------------------------------------------------------------------------
    def _shown(self) -> tuple[WizardState, PagesState]:
        return wizard_state(self._flow, self._band), pages_state(self.draft, self._clock())


def _refused(share: Contributed, at: dt.datetime, error: MarbleError, text: str) -> RefusedShare:
    return RefusedShare(
        share.holder,
        share.source,
        at,
        tr("The coordinator refused the share of {holder} from {source}.", holder=_name(share), source=share.source),
        tr("Its words tell why. It may be of another coordinator, or from before the recovery keys were changed."),
        text or error.sentence,
    )  # fmt: skip


def _name(share: Contributed) -> str:
    return share.holder or tr("a holder without a name")


def _was_finished_elsewhere(situation: Situation) -> bool:
    """Whether the coordinator shows its old root again, which it does once its state is open."""
    failure = situation.failure
    if not isinstance(failure, RootChanged) or not situation.lasting_root:
        return False
    return failure.presented == fingerprint(situation.lasting_root)


def _nobody_to_ask() -> MarbleError:
    return MarbleError(
        tr("The state is open, but the coordinator was not asked how it is: the connection is gone."),
        hint=tr("Close this window and look at the overview."),
    )
