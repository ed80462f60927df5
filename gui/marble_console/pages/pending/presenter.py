"""The wizard of a pending update. No Qt. It cannot be left while recovery secrets are not saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.client import CoordinatorClient
from marble_console.acting import Acting
from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import Profile
from marble_console.pages.compare.listing import meaning
from marble_console.pages.deploy import recovery_file
from marble_console.pages.deploy.state import Holder
from marble_console.pages.pending.looking import (
    Agreed,
    Decided,
    NotAgreed,
    Pending,
    agree,
    cancel,
    keep,
    look,
)
from marble_console.parts import Action, Fact, FindingState, Notice, PartyState, Row, Tone
from marble_console.shell_state import BandState
from marble_console.tasks import Runner
from marble_console.times import moment
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import RecoveryKeyName

LOOK, DECIDE, SAVE, RESULT = "look", "decide", "save", "result"


@dataclass(frozen=True)
class Draft:
    """`looked` tells that the coordinator has answered: nothing is pending, when there is no `pending` then."""

    profile: Profile
    acting: Acting | None
    pending: Pending | None = None
    looked: bool = False
    ticked: bool = False
    decided: Decided | None = None
    saved: Mapping[RecoveryKeyName, Path] = field(default_factory=dict)
    save_error: MarbleError | None = None
    busy: str = ""
    problem: MarbleError | None = None

    @property
    def secrets(self) -> Mapping[RecoveryKeyName, bytes]:
        """The new recovery secrets, shown this once."""
        progress = self.decided.progress if self.decided is not None else None
        return progress.recovery_secrets if progress is not None else {}

    @property
    def may_agree(self) -> bool:
        """Whether the one who acts is among those that are asked."""
        user = self.acting.user if self.acting is not None else None
        return self.pending is not None and user in self.pending.update.missing_users


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages show; `holders` and `save_problem` are for the page that saves recovery secrets."""

    notice: Notice | None = None
    facts: tuple[Fact, ...] = ()
    parties: tuple[PartyState, ...] = ()
    sentences: tuple[str, ...] = ()
    findings: tuple[FindingState, ...] = ()
    rows: tuple[Row, ...] = ()
    agreeing: tuple[Fact, ...] = ()
    tick: str = ""
    ticked: bool = False
    cancel: Action | None = None
    compare: Action | None = None
    identity: Action | None = None
    problem: Notice | None = None
    holders: tuple[Holder, ...] = ()
    save_problem: Notice | None = None
    result: Notice | None = None


def _looked(draft: Draft) -> Gate:
    if draft.pending is None:
        return shut("")
    if draft.acting is None or draft.acting.is_locked:
        return shut(tr("Choose an identity to act as: only users may agree."))
    if not draft.may_agree:
        return shut(tr("{name} is not asked, or has agreed already.", name=draft.acting.name))
    return OPEN


def _agreeing(draft: Draft) -> Gate:
    return OPEN if draft.ticked else shut(tr("Tick that you agree to exactly these bytes."))


def _saved(draft: Draft) -> Gate:
    count, of = len(draft.saved), len(draft.secrets)
    if count < of:
        return shut(tr("{saved} of {all} recovery secrets saved", saved=count, all=of))
    return Gate(is_open=True, text=tr("All recovery secrets are saved and were read back."), icon="check")


STEPS: dict[str, Step[Draft]] = {
    LOOK: Step(tr("Look"), lambda _: DECIDE, _looked),
    DECIDE: Step(tr("Agree"), lambda draft: SAVE if draft.secrets else RESULT, _agreeing),
    SAVE: Step(tr("Save recovery secrets"), lambda _: RESULT, _saved, may_return=lambda _: False),
    RESULT: Step(tr("Result"), lambda _: None, may_return=lambda _: False),
}


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: Pages) -> None: ...

    def finish(self) -> None: ...


class Around(Protocol):
    """What the wizard needs of the console around it."""

    @property
    def client(self) -> CoordinatorClient | None:
        """The connection in hand, acting with the identity in hand; None once it is gone."""
        ...

    def band(self) -> BandState | None: ...

    def refresh(self) -> None:
        """Something was sent: what is shown elsewhere is old."""
        ...

    def choose_identity(self) -> None: ...

    def compare_pending(self, raw: bytes, fingerprint: str) -> None:
        """Put these bytes beside the manifest in force."""
        ...


class PendingPresenter:
    """Looks at what is pending, and carries out what the one who acts decides. Without a `history` nothing is kept."""

    def __init__(
        self,
        profile: Profile,
        acting: Acting | None,
        around: Around,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        history: DeployedHistory | None = None,
    ) -> None:
        self._flow = Flow(STEPS, LOOK, Draft(profile, acting, busy=tr("Asking {name}…", name=profile.name)))
        self._around = around
        self._runner = runner
        self._clock = clock
        self._history = history
        self._view: View | None = None
        if (client := around.client) is not None:
            runner.read(partial(look, client, clock()), then=self._seen, failed=self._failed)
        else:
            self._failed(_gone())

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    @property
    def draft(self) -> Draft:
        return self._flow.draft

    @property
    def step(self) -> str:
        return self._flow.step

    # -- what happens around it -------------------------------------------------------------------------------------
    def set_acting(self, acting: Acting | None) -> None:
        """Another identity acts, or the same one was unlocked."""
        if acting != self.draft.acting and not self._is_deciding:
            self._update(acting=acting, ticked=False)

    # -- what the operator does -------------------------------------------------------------------------------------
    def act(self, key: str) -> None:
        """A button on a page."""
        pending = self.draft.pending
        if key == "identity":
            self._around.choose_identity()
        elif key == "compare" and pending is not None and not self._is_deciding:
            self._finish()
            self._around.compare_pending(pending.update.raw, pending.update.fingerprint)

    def tick(self, ticked: bool) -> None:
        self._update(ticked=ticked)

    def cancel(self) -> None:
        """Drop the update; the page has asked before."""
        self._decide(tr("Cancelling the update…"), cancel)

    def save_all(self, path: Path) -> None:
        self._save(partial(recovery_file.save_in_one, dict(self.draft.secrets), path))

    def save_each(self, folder: Path) -> None:
        self._save(partial(recovery_file.save_each, dict(self.draft.secrets), folder))

    def save_one(self, name: str, path: Path) -> None:
        key = RecoveryKeyName(name)
        self._save(partial(recovery_file.save_in_one, {key: self.draft.secrets[key]}, path))

    def forward(self) -> None:
        pending = self.draft.pending
        if self.draft.busy:
            return
        if self._flow.is_last:
            self._finish()
        elif self.step == DECIDE and self._flow.gate.is_open and pending is not None:
            self._decide(tr("Sending your agreement…"), partial(agree, raw=pending.update.raw))
        elif self._flow.forward():
            self._update(problem=None)

    def back(self) -> None:
        if not self.draft.busy and self._flow.back():
            self._update(problem=None)

    def leave(self) -> None:
        if not self._must_stay():
            self._finish()

    # -- jobs -------------------------------------------------------------------------------------------------------
    def _decide(self, doing: str, decision: Callable[[CoordinatorClient], Decided]) -> None:
        client = self._around.client
        if client is None:
            self._failed(_gone())
            return
        self._update(busy=doing, problem=None)
        job = partial(decision, client)
        self._runner.write(job, lane=self.draft.profile.id, then=self._decided, failed=self._failed)

    def _decided(self, decided: Decided) -> None:
        self._around.refresh()
        if decided.in_force:
            self._keep()
        self._flow.update(replace(self.draft, decided=decided, busy=""))
        if decided.cancelled:
            self._flow.jump(RESULT)
        else:
            self._flow.forward()
        self._show()

    def _keep(self) -> None:
        """Put what is in force now into the history. That it cannot be kept is no reason to hide what is in force."""
        draft, history = self.draft, self._history
        if history is None or draft.pending is None:
            return
        identity = draft.acting.name if draft.acting is not None else ""
        job = partial(keep, history, draft.profile.id, self._clock(), draft.pending.update.raw, identity)
        self._runner.write(job, lane="history", then=_nothing, failed=_nothing)

    def _seen(self, pending: Pending | None) -> None:
        self._update(pending=pending, looked=True, busy="")

    def _failed(self, error: MarbleError) -> None:
        self._update(problem=error, busy="")

    def _save(self, job: Callable[[], dict[RecoveryKeyName, Path]]) -> None:
        self._runner.write(
            job,
            lane="recovery-file",
            then=lambda saved: self._update(saved={**self.draft.saved, **saved}, save_error=None),
            failed=lambda error: self._update(save_error=error),
        )

    # -- showing ----------------------------------------------------------------------------------------------------
    @property
    def _is_deciding(self) -> bool:
        return bool(self.draft.busy) and self.draft.looked

    def _must_stay(self) -> str:
        if self._is_deciding:
            return tr("A request is on its way. Wait for the answer.")
        if self.step == SAVE and not _saved(self.draft).is_open:
            return tr("The coordinator shows the recovery secrets only once. Save them before you leave.")
        return ""

    def _finish(self) -> None:
        if self._view is not None:
            self._view.finish()

    def _update(self, **changes: object) -> None:
        self._flow.update(replace(self.draft, **changes))  # type: ignore[arg-type]  # names are those of the draft
        self._show()

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self._wizard(), pages(self.draft, self._clock()))

    def _wizard(self) -> WizardState:
        draft, must_stay = self.draft, self._must_stay()
        headings = {
            LOOK: (tr("What is pending"), tr("Nothing is sent by looking.")),
            DECIDE: (tr("Agree to exactly these bytes"), tr("The manifest in force stays until the last one has agreed.")),
            SAVE: (
                tr("Save the recovery secrets"),
                tr("The recovery keys have changed. The new secrets are shown once, to you, for all holders."),
            ),
            RESULT: (tr("Result"), ""),
        }  # fmt: skip
        heading, subtitle = headings[self.step]
        last = self._flow.is_last
        text = tr("Close") if last else tr("Agree") if self.step == DECIDE else tr("Continue")
        side = [
            Fact(tr("Coordinator"), draft.profile.name, strong=True),
            Fact("", str(draft.profile.address)),
        ]
        if draft.pending is not None:
            side.append(
                Fact(tr("Pending manifest"), draft.pending.update.fingerprint, mono=True, fingerprint=True)
            )
        return WizardState(
            title=tr("Pending update"),
            page=self.step,
            heading=heading,
            subtitle=subtitle,
            band=self._around.band(),
            steps=self._flow.outline(),
            side=tuple(side),
            gate=self._flow.gate,
            primary=Action("forward", text, "primary", "send" if self.step == DECIDE else ""),
            back=Action("back", tr("Back")) if self._flow.may_return and not draft.busy else None,
            leave=None if must_stay or last else Action("leave", tr("Close"), "quiet"),
            must_stay=must_stay,
            busy=draft.busy,
        )


def _gone() -> MarbleError:
    return MarbleError(tr("The connection was closed. Nothing was sent."), hint=tr("Open it again."))


def _nothing(_: object) -> None:
    """Nothing to say."""


def pages(draft: Draft, now: dt.datetime) -> Pages:
    """What the pages show for a draft."""
    problem = _problem(draft.problem)
    if draft.pending is None:
        notice = problem
        if draft.looked and problem is None:
            notice = Notice(
                tr("No update is pending"),
                tr(
                    "Whoever begins an update of the whole manifest makes it pending until enough users have agreed."
                ),
                "check",
            )
        return Pages(notice=notice, result=_result(draft))
    pending = draft.pending
    found = pending.comparison
    told = meaning(found, draft.profile.name, offers_v2=True)
    return Pages(
        notice=problem if draft.decided is None else None,
        facts=_facts(pending),
        parties=_parties(pending, now),
        sentences=told.sentences or ((told.note,) if told.note else ()),
        findings=tuple(
            FindingState(f"effect-{at}", effect.tone, effect.icon, effect.headline, effect.explanation)
            for at, effect in enumerate(told.effects)
        ),
        rows=tuple(found.shown[row.key] for row in found.rows),
        agreeing=_agreement(draft, pending),
        tick=tr("I agree to exactly the manifest with this fingerprint."),
        ticked=draft.ticked,
        cancel=Action("cancel", tr("Cancel the update…"), icon="x", enabled=draft.acting is not None),
        compare=Action("compare", tr("Compare with running"), icon="git-compare"),
        identity=_choice(draft),
        problem=problem,
        holders=tuple(
            Holder(name, str(draft.saved[name]) if name in draft.saved else "") for name in draft.secrets
        ),
        save_problem=_problem(draft.save_error),
        result=_result(draft),
    )


def _choice(draft: Draft) -> Action | None:
    """Where whoever acts can do nothing here, somebody else may."""
    if draft.may_agree and draft.acting is not None and not draft.acting.is_locked:
        return None
    locked = draft.acting is not None and draft.acting.is_locked
    text = (
        tr("Unlock {name}…", name=draft.acting.name)
        if draft.acting is not None and locked
        else tr("Choose an identity…")
    )
    return Action("identity", text, icon="key-round" if locked else "user-round-check")


def _problem(error: MarbleError | None) -> Notice | None:
    if error is None:
        return None
    words = error.server_text if isinstance(error, NotAgreed) else ""
    return Notice(
        error.sentence,
        error.hint,
        "circle-x",
        Tone.FAILED,
        raw=words,
        raw_title=tr("What the coordinator says"),
        raw_open=bool(words),
    )


def _facts(pending: Pending) -> tuple[Fact, ...]:
    size = ntr("{count} byte", "{count} bytes", len(pending.update.raw))
    counts = pending.missing
    missing = tr("not known") if counts is None else ntr("{count} more", "{count} more", counts)
    return (
        Fact(tr("Manifest"), pending.update.fingerprint, mono=True, fingerprint=True),
        Fact(tr("Size"), size),
        Fact(tr("Needed"), missing, strong=True),
    )


def _parties(pending: Pending, now: dt.datetime) -> tuple[PartyState, ...]:
    agreed = [
        PartyState(f"user:{one.user}", one.user, _agreed_word(one, now), "circle-check", Tone.VERIFIED)
        for one in pending.agreed
    ]
    names = {one.user for one in pending.agreed}
    missing = [
        PartyState(f"user:{user}", user, tr("has not agreed"), "circle-dashed")
        for user in pending.update.missing_users
        if user not in names
    ]
    return (*agreed, *missing)


def _agreed_word(one: Agreed, now: dt.datetime) -> str:
    when = moment(one.at, now)
    return tr("began it {when}", when=when) if one.began else tr("agreed {when}", when=when)


def _agreement(draft: Draft, pending: Pending) -> tuple[Fact, ...]:
    left = pending.missing
    facts = [
        Fact(tr("Manifest"), pending.update.fingerprint, mono=True, fingerprint=True),
        Fact(tr("As"), draft.acting.name if draft.acting is not None else tr("nobody"), strong=True),
    ]
    if left == 1:
        facts.append(
            Fact(tr("Then"), tr("yours is the last one: the manifest is in force at once"), Tone.CAUTION)
        )
    elif left is not None:
        facts.append(Fact(tr("Then"), ntr("{count} more must agree", "{count} more must agree", left - 1)))
    return tuple(facts)


def _result(draft: Draft) -> Notice | None:
    decided = draft.decided
    if decided is None:
        return None
    if decided.cancelled:
        return Notice(tr("The update was cancelled"), tr("The manifest in force stays as it is."), "check")
    if decided.progress is None:
        if not decided.in_force:
            return Notice(
                tr("The answer was lost, and the update is still pending"),
                tr("Look again: if you are not among the missing any more, your agreement counts."),
                "circle-alert",
                Tone.CAUTION,
            )
        return Notice(
            tr("In force, but its answer was lost"),
            tr("If the recovery keys have changed, their new secrets are lost with it: begin an update with new recovery keys, so that somebody can recover."),
            "triangle-alert",
            Tone.CAUTION,
        )  # fmt: skip
    if decided.in_force:
        saved = tr(
            "The new recovery secrets are saved: give each holder theirs. The old ones open nothing any more."
        )
        return Notice(
            tr("The new manifest is in force"),
            saved if draft.secrets else tr("Restart the marbles that are to use it."),
            "check",
        )
    count = decided.progress.missing
    return Notice(
        tr("Your agreement counts"),
        ntr("{count} more user must agree.", "{count} more users must agree.", count),
        "check",
        raw=decided.server_text,
        raw_title=tr("What the coordinator says"),
    )
