"""Decides what the recovery page says and does. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.answers import CoordinatorState
from marble_client.witness import Deed, Witness
from marble_console.coordinators.deployments import REHEARSAL, Drill
from marble_console.journal.deeds import Done
from marble_console.pages.recover.state import Situation
from marble_console.pages.recovery.practice import DRILL_LASTS, practice_finding
from marble_console.pages.recovery.state import RecoveryState
from marble_console.parts import Action, ChipState, Fact, FindingState, Notice, PartyState, Tone
from marble_console.recovering.backup import back_up, restore
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.sheet import sheet_html
from marble_console.tasks import Runner
from marble_console.times import moment
from marble_console.widgets.text import short_hash
from marble_console.words import tr
from marble_core.errors import MarbleError


class View(Protocol):
    def show_state(self, state: RecoveryState) -> None: ...


class Elsewhere(Protocol):
    """What the page's actions lead to."""

    def recover(self) -> None: ...

    def start_over(self) -> None: ...

    def drill(self, holder: Holder) -> None: ...

    def new_key(self) -> None: ...

    def offline_desk(self) -> None: ...

    def pending(self) -> None: ...

    def practise(self, folder: Path | None) -> None:
        """Rehearse on the local coordinator's state, or on a backup of it."""
        ...

    def choose_connection(self) -> None: ...

    def state_folder(self) -> Path: ...

    @property
    def witness(self) -> Witness:
        """Who keeps account of what is done to the state of the local coordinator."""
        ...

    def stop_for_restore(self, then: Callable[[], None]) -> None:
        """Stop the local coordinator, and go on when it is down."""
        ...

    def start_local(self) -> None: ...


class RecoveryPresenter:
    """Shows how well a coordinator is prepared. `print_pdf` writes HTML as a PDF."""

    def __init__(
        self,
        elsewhere: Elsewhere,
        runner: Runner,
        clock: Callable[[], dt.datetime],
        print_pdf: Callable[[str, Path], Path],
    ) -> None:
        self._elsewhere = elsewhere
        self._runner = runner
        self._clock = clock
        self._print_pdf = print_pdf
        self._view: View | None = None
        self._situation: Situation | None = None
        self.state = RecoveryState(notice=_not_connected())

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def show(self, situation: Situation | None) -> None:
        """The coordinator in hand was seen again, or another one was taken in hand."""
        before, self._situation = self._situation, situation
        fresh = recovery_state(situation, self._clock())
        if before is not None and situation is not None and before.profile.id == situation.profile.id:
            fresh = replace(fresh, done=self.state.done, busy=self.state.busy)
        self._set(fresh)

    # -- what the operator does -------------------------------------------------------------------------------------
    def act(self, key: str) -> None:
        """One of the actions; those that need a file or a folder are for the page, which has the dialogs."""
        elsewhere = self._elsewhere
        {
            "recover": elsewhere.recover,
            "start-over": elsewhere.start_over,
            "new-key": elsewhere.new_key,
            "offline": elsewhere.offline_desk,
            "pending": elsewhere.pending,
            "practise": lambda: elsewhere.practise(None),
            "connect": elsewhere.choose_connection,
        }[key]()

    def drill(self, key: str) -> None:
        """Let one holder try their key and share."""
        known = self._situation.known if self._situation is not None else None
        holder = next((each for each in known.holders if each.name == key), None) if known else None
        if holder is not None:
            self._elsewhere.drill(holder)

    def print_sheet(self, path: Path) -> None:
        """Write the sheet for the day of a recovery."""
        situation = self._situation
        if situation is None or situation.known is None:
            return
        html = sheet_html(situation.profile, situation.known, self._clock())
        done = tr("The sheet is in {path}. There is no secret on it.", path=path)
        self._work(tr("Printing…"), partial(self._print_pdf, html, path), lambda _: done)

    def back_up(self, folder: Path) -> None:
        """Copy the seal directory of the local coordinator."""
        self._work(
            tr("Copying…"),
            self._accounted(
                Done.BACK_UP, partial(back_up, self._elsewhere.state_folder(), folder, self._clock())
            ),
            lambda target: tr(
                "The copy is in {path}, and was read back. It holds the key in clear: keep it as you keep the secrets.",
                path=target,
            ),
        )

    def restore(self, folder: Path) -> None:
        """Put a copy in the place of the local coordinator's state. What is there now is kept aside."""
        self._set(replace(self.state, busy=tr("Stopping the coordinator…"), done=None))
        self._elsewhere.stop_for_restore(lambda: self._restore(folder))

    def rehearse(self, folder: Path) -> None:
        """Rehearse the recovery of a backup."""
        self._elsewhere.practise(folder)

    # -- inside -----------------------------------------------------------------------------------------------------
    def _restore(self, folder: Path) -> None:
        def said(aside: Path | None) -> str:
            self._elsewhere.start_local()
            kept = tr("What was there before is kept in {path}.", path=aside) if aside else ""
            return tr("The copy is in place and was read back. {kept}", kept=kept).strip()

        self._work(
            tr("Putting the copy back…"),
            self._accounted(
                Done.RESTORE, partial(restore, folder, self._elsewhere.state_folder(), self._clock())
            ),
            said,
        )

    def _accounted(self, deed: Done, job: Callable[[], Path | None]) -> Callable[[], Path | None]:
        witness = self._elsewhere.witness

        def work() -> Path | None:
            with witness.during(Deed(deed)):
                return job()

        return work

    def _work(self, doing: str, job: Callable[[], Path | None], said: Callable[..., str]) -> None:
        self._set(replace(self.state, busy=doing, done=None))

        def done(outcome: Path | None) -> None:
            notice = Notice(said(outcome), "", "check")
            self._set(replace(self.state, busy="", done=notice))

        self._runner.write(job, lane="recovery", then=done, failed=self._failed)

    def _failed(self, error: MarbleError) -> None:
        notice = Notice(error.sentence, error.hint, "circle-x", Tone.FAILED)
        self._set(replace(self.state, busy="", done=notice))

    def _set(self, state: RecoveryState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)


def recovery_state(situation: Situation | None, now: dt.datetime) -> RecoveryState:
    """The page for a coordinator as it was seen last."""
    if situation is None:
        return RecoveryState(notice=_not_connected(), actions=_everywhere())
    known, in_recovery = situation.known, situation.can_recover
    return RecoveryState(
        subtitle=f"{situation.profile.name} · {known.need}" if known is not None else situation.profile.name,
        chip=ChipState(tr("State 1 · Recovery"), Tone.FAILED, "octagon-alert") if in_recovery else None,
        notice=_notice(situation),
        actions=_actions(situation),
        need=_need(known),
        need_actions=_need_actions(known),
        stale="" if situation.state is CoordinatorState.RUNNING or known is None else moment(known.seen, now),
        parties=tuple(
            _party(holder, situation.drills.get(holder.fingerprint), known, now)
            for holder in (known.holders if known is not None else ())
        ),
        findings=_findings(known, situation.drills, now),
        local=_local(situation.drills, now) if situation.is_local else (),
        local_actions=_local_actions(known) if situation.is_local else (),
    )


def _everywhere() -> tuple[Action, ...]:
    """What needs no coordinator."""
    return (
        Action("offline", tr("Offline desk…"), icon="qr-code"),
        Action("new-key", tr("New recovery key…"), icon="key-round"),
    )


def _actions(situation: Situation) -> tuple[Action, ...]:
    if situation.state is not CoordinatorState.RUNNING:
        return _everywhere()
    old = tr(
        "Replacing the whole manifest needs the newer Client API (v2). This coordinator offers only 0.4.0."
    )
    offered = situation.offers_v2
    pending = Action(
        "pending", tr("Pending update…"), icon="users", enabled=offered, reason="" if offered else old
    )
    return (*_everywhere(), pending)


def _need_actions(known: Deployment | None) -> tuple[Action, ...]:
    if known is None:
        return ()
    reason = "" if known.holders else tr("No holder is known.")
    return (Action("sheet", tr("Printable sheet…"), icon="file-text", enabled=not reason, reason=reason),)


def _not_connected() -> Notice:
    return Notice(
        tr("No coordinator is connected"),
        tr(
            "Who can recover a coordinator is in its manifest. The offline desk works without any connection."
        ),
        "plug",
        actions=(Action("connect", tr("Connect to a coordinator…"), "primary", "plug"),),
    )


def _notice(situation: Situation) -> Notice | None:
    known = situation.known
    if situation.can_recover:
        return Notice(
            tr("The sealed state waits for its holders"),
            tr("Nothing is lost yet. {who} can open it with their shares.", who=_who(known)),
            "octagon-alert",
            Tone.FAILED,
            (
                Action("recover", tr("Recover the sealed state"), "primary", "life-buoy"),
                Action("start-over", tr("Start over…"), "secondary", "undo-2"),
            ),
        )
    if known is None and situation.state is CoordinatorState.WAITING_FOR_MANIFEST:
        return Notice(
            tr("There is nothing to recover yet"),
            tr("The first manifest names the recovery keys. Make a key for each holder before you set it."),
            "life-buoy",
            actions=(Action("new-key", tr("New recovery key…"), "primary", "key-round"),),
        )
    if known is None:
        return Notice(
            tr("Nothing is known of this deployment"),
            tr("What recovery needs is kept when this console sees the coordinator run."),
            "life-buoy",
        )
    return None


def _who(known: Deployment | None) -> str:
    if known is None or not known.holders:
        return tr("The holders of the recovery keys")
    return known.need[0].upper() + known.need[1:]


def _need(known: Deployment | None) -> tuple[Fact, ...]:
    if known is None:
        return ()
    return (
        Fact(tr("Needed"), known.need, None if known.holders else Tone.CAUTION, strong=True),
        Fact(tr("Manifest"), known.manifest, mono=True, fingerprint=True),
        Fact(tr("Seal mode"), known.seal_mode or "ProductKey"),
    )


def _party(holder: Holder, drill: Drill | None, known: Deployment | None, now: dt.datetime) -> PartyState:
    word, icon, tone = _word(drill, now)
    parts = (
        [tr("key {fingerprint}", fingerprint=short_hash(holder.fingerprint))] if holder.fingerprint else []
    )
    if drill is not None and not drill.passed:
        parts.append(drill.found)
    if drill is not None and known is not None and drill.manifest != known.manifest:
        parts.append(tr("under an earlier manifest"))
    return PartyState(
        holder.name,
        holder.name,
        word,
        icon,
        tone,
        " · ".join(parts),
        tr("Drill…"),
        tr("Drill of {holder}", holder=holder.name),
    )


def _word(drill: Drill | None, now: dt.datetime) -> tuple[str, str, Tone]:
    if drill is None:
        return tr("never practised"), "triangle-alert", Tone.CAUTION
    when = moment(drill.at, now)
    if not drill.passed:
        return tr("drill failed {when}", when=when), "circle-x", Tone.FAILED
    if now - drill.at > DRILL_LASTS:
        return tr("drill passed {when}, long ago", when=when), "clock", Tone.CAUTION
    return tr("drill passed {when}", when=when), "circle-check", Tone.VERIFIED


def _findings(
    known: Deployment | None, drills: Mapping[str, Drill], now: dt.datetime
) -> tuple[FindingState, ...]:
    if known is None:
        return ()
    if not known.holders:
        return (
            FindingState(
                "no-keys",
                Tone.CAUTION,
                "life-buoy",
                tr("Nobody can recover this coordinator"),
                tr(
                    "The manifest names no recovery key. If the seal key is lost, so are all secrets and certificates."
                ),
            ),
        )
    return practice_finding(known, drills, now)


def _local(drills: Mapping[str, Drill], now: dt.datetime) -> tuple[Fact, ...]:
    last = drills.get(REHEARSAL)
    if last is None:
        return (Fact(tr("Rehearsal"), tr("never"), Tone.CAUTION),)
    words = tr("passed {when}", when=moment(last.at, now)) if last.passed else tr("failed {when}: {found}", when=moment(last.at, now), found=last.found)  # fmt: skip
    return (Fact(tr("Rehearsal"), words, None if last.passed else Tone.FAILED),)


def _local_actions(known: Deployment | None) -> tuple[Action, ...]:
    reason = "" if known is not None and known.holders else tr("The manifest has no recovery key.")
    return (
        Action("back-up", tr("Back up state…"), icon="download"),
        Action("restore", tr("Restore…"), icon="undo-2"),
        Action(
            "rehearse", tr("Rehearse with a backup…"), icon="folder-open", enabled=not reason, reason=reason
        ),
        Action("practise", tr("Practise recovery"), icon="life-buoy", enabled=not reason, reason=reason),
    )
