"""The deploy wizard: what goes on at each step. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.errors import ClientError
from marble_console.acting import Acting
from marble_console.coordinators.history import DeployedHistory, DeployedKind
from marble_console.pages.deploy import recovery_file, versions
from marble_console.pages.deploy.composing import pages_state, wizard_state
from marble_console.pages.deploy.preparing import effective_then, review_packages
from marble_console.pages.deploy.replacing import replace_manifest
from marble_console.pages.deploy.sending import (
    Applied,
    AppliedUnanswered,
    Client,
    NotApplied,
    Outcome,
    Waiting,
    raise_packages,
    send,
)
from marble_console.pages.deploy.state import Deploy, Draft, PagesState, Reviewable
from marble_console.pages.deploy.steps import CONFIRM, REVIEW, SAVE, STEPS, TARGET, VERSIONS, all_saved
from marble_console.pages.deploy.updatefile import NoUpdateFile, load_versions
from marble_console.shell_state import BandState
from marble_console.tasks import Runner
from marble_console.wizard.flow import Flow, WizardState
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import PackageName, RecoveryKeyName

_MOST_NAMES = 3  # of unknown packages in a sentence


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: PagesState) -> None: ...

    def finish(self, *, applied: bool) -> None: ...


class Around(Protocol):
    """What the wizard needs of the console around it."""

    @property
    def client(self) -> Client | None:
        """The connection in hand, acting with the identity in hand; None once it is gone."""
        ...

    def band(self) -> BandState | None: ...

    def refresh(self) -> None:
        """Something was sent: what is shown elsewhere is old."""
        ...

    def choose_identity(self) -> None: ...

    def attest(self) -> None: ...

    def pending(self) -> None:
        """Show the update that waits for users to agree."""
        ...


class DeployPresenter:
    """One attempt to deploy one thing to one coordinator. Without a `history` nothing is kept."""

    def __init__(
        self,
        draft: Draft,
        around: Around,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        history: DeployedHistory | None = None,
    ) -> None:
        self._flow = Flow(STEPS, TARGET, draft)
        self._around = around
        self._runner = runner
        self._clock = clock
        self._history = history
        self._view: View | None = None

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    @property
    def draft(self) -> Draft:
        return self._flow.draft

    @property
    def step(self) -> str:
        return self._flow.step

    # -- what happens around it -----------------------------------------------------------------------------------
    def set_acting(self, acting: Acting | None) -> None:
        """Another identity acts, or the same one was unlocked."""
        if acting != self.draft.acting and not self.draft.sending:
            self._update(acting=acting)

    # -- what the operator does -----------------------------------------------------------------------------------
    def give_reason(self, reason: str) -> None:
        """Why it is deployed though the coordinator was not verified."""
        self._update(exception=reason)

    def accept_warnings(self, accepted: bool) -> None:
        self._update(accepted=accepted)

    def type_version(self, package: PackageName, typed: str) -> None:
        self._update(versions={**self.draft.versions, package: typed}, not_loaded=None)

    def load_versions(self, path: Path) -> None:
        """Fill the form from a package-update file."""
        self._runner.read(
            partial(load_versions, path), then=self._loaded, failed=lambda e: self._update(not_loaded=e)
        )

    def tick(self, key: str, ticked: bool) -> None:
        """Tick a row of high severity, or take that back."""
        done = self.draft.ticked
        self._update(ticked=done | {key} if ticked else done - {key})

    def type_name(self, typed: str) -> None:
        self._update(typed=typed)

    def write_note(self, note: str) -> None:
        self._update(note=note)

    def keep(self, keep: bool) -> None:
        self._update(keep=keep)

    def act(self, key: str) -> None:
        """A button on a page."""
        if key == "attest":
            self._finish()
            self._around.attest()
        elif key == "pending":
            self._finish()
            self._around.pending()
        else:
            self._around.choose_identity()

    def forward(self) -> None:
        if self.draft.sending or self.draft.examining:
            return
        if self._flow.is_last:
            self._finish()
        elif self.step == VERSIONS:
            self._examine()
        elif self.step == CONFIRM and self._flow.forward():
            self._send()
        elif self._flow.forward():
            self._show()

    def back(self) -> None:
        if self._flow.back():
            self._update(outcome=None)

    def leave(self) -> None:
        if not self._must_stay():
            self._finish()

    def save_all(self, path: Path) -> None:
        """Save the secrets of all holders in one file."""
        self._save(partial(recovery_file.save_in_one, self._secrets(), path))

    def save_each(self, folder: Path) -> None:
        """Save one file a holder."""
        self._save(partial(recovery_file.save_each, self._secrets(), folder))

    def save_one(self, name: str, path: Path) -> None:
        """Save the secret of one holder."""
        key = RecoveryKeyName(name)
        self._save(partial(recovery_file.save_in_one, {key: self._secrets()[key]}, path))

    def _loaded(self, wanted: dict[PackageName, int]) -> None:
        known = {package.name for package in self.draft.packages}
        if strangers := [name for name in wanted if name not in known]:
            names = ", ".join(f"“{name}”" for name in strangers[:_MOST_NAMES])
            sentence = tr("The manifest in force has no package {names}.", names=names)
            self._update(not_loaded=NoUpdateFile(sentence, hint=tr("Nothing was filled in.")))
            return
        typed = {name: str(version) for name, version in wanted.items()}
        self._update(versions={**self.draft.versions, **typed}, not_loaded=None)

    # -- jobs -----------------------------------------------------------------------------------------------------
    def _examine(self) -> None:
        """Work out what the typed versions bring about; the review follows when that is known."""
        baseline = self.draft.baseline
        if not self._flow.gate.is_open or baseline is None:
            return
        self._update(examining=True)
        job = partial(review_packages, baseline, versions.chosen(self.draft), self._clock())
        self._runner.read(job, then=self._examined, failed=self._not_examined)

    def _examined(self, review: Reviewable) -> None:
        kept = self.draft.ticked & review.to_tick
        self._flow.update(replace(self.draft, examining=False, review=review, ticked=kept))
        self._flow.forward()
        self._show()

    def _not_examined(self, error: MarbleError) -> None:
        self._update(examining=False, review=Reviewable(refused=error.sentence))

    def _send(self) -> None:
        client, draft = self._around.client, self.draft
        if client is None:
            gone = ClientError(tr("The connection was closed. Nothing was sent."), hint=tr("Open it again."))
            self._update(outcome=NotApplied(gone))
            return
        self._update(sending=True, outcome=None)
        user = draft.acting.user if draft.acting is not None else None
        job: Callable[[], Outcome]
        if draft.kind is Deploy.FIRST and draft.document is not None:
            job = partial(send, client, draft.document.raw, draft.state)
        elif draft.kind is Deploy.FULL and draft.document is not None and draft.baseline is not None:
            job = partial(replace_manifest, client, draft.baseline, draft.document.raw, user)
        elif draft.baseline is not None:
            job = partial(raise_packages, client, draft.baseline, versions.chosen(draft), user)
        else:
            raise AssertionError("there is something to send")
        self._runner.write(job, lane=draft.profile.id, then=self._arrived, failed=self._send_failed)

    def _arrived(self, outcome: Outcome) -> None:
        draft = replace(self.draft, sending=False, outcome=outcome)
        if isinstance(outcome, Applied) and draft.kind is not Deploy.PACKAGES:
            draft = replace(draft, contents=replace(draft.contents, holders=tuple(outcome.secrets)))
        self._flow.update(draft)
        self._around.refresh()
        if isinstance(outcome, Applied | AppliedUnanswered | Waiting):
            self._flow.forward()
            self._keep()
        self._show()

    def _send_failed(self, error: MarbleError) -> None:
        raise TypeError("sending gives an outcome, whatever happens") from error

    def _keep(self) -> None:
        """Put what is in force now into the history, unless the operator does not want that."""
        draft, history = self.draft, self._history
        if history is None or not draft.keep or draft.contents.carries_secrets:
            return
        note = draft.note.strip()
        if draft.exception.strip():
            note = " · ".join(
                filter(None, (note, tr("not verified: {reason}", reason=draft.exception.strip())))
            )
        identity = draft.acting.name if draft.acting is not None and draft.kind is not Deploy.FIRST else ""
        job = partial(_kept, history, draft, self._clock(), identity, note)
        self._runner.write(
            job, lane="history", then=lambda text: self._update(kept=text), failed=self._not_kept
        )

    def _not_kept(self, error: MarbleError) -> None:
        self._update(kept=tr("Not kept in the history. {why}", why=error.sentence))

    def _secrets(self) -> dict[RecoveryKeyName, bytes]:
        outcome = self.draft.outcome
        return dict(outcome.secrets) if isinstance(outcome, Applied) else {}

    def _save(self, job: Callable[[], dict[RecoveryKeyName, Path]]) -> None:
        self._runner.write(
            job, lane="recovery-file", then=self._saved, failed=lambda e: self._update(save_error=e)
        )

    def _saved(self, saved: dict[RecoveryKeyName, Path]) -> None:
        self._update(saved={**self.draft.saved, **saved}, save_error=None)

    # -- showing --------------------------------------------------------------------------------------------------
    def _update(self, **changes: object) -> None:
        self._flow.update(replace(self.draft, **changes))  # type: ignore[arg-type]  # names are those of the draft
        self._show()

    def _finish(self) -> None:
        if self._view is not None:
            self._view.finish(applied=isinstance(self.draft.outcome, Applied | AppliedUnanswered | Waiting))

    def _must_stay(self) -> str:
        if self.draft.sending:
            if self.draft.kind is not Deploy.PACKAGES:
                return tr("The manifest is on its way. Wait for the answer.")
            return tr("The update is on its way. Wait for the answer.")
        if self.step == SAVE and not all_saved(self.draft).is_open:
            return tr("The coordinator shows the recovery secrets only once. Save them before you leave.")
        return ""

    def _show(self) -> None:
        if self._view is not None:
            wizard = wizard_state(self._flow, self._around.band(), self._must_stay())
            self._view.show_state(wizard, pages_state(self.draft, is_reviewing=self.step == REVIEW))


def _kept(history: DeployedHistory, draft: Draft, at: dt.datetime, identity: str, note: str) -> str:
    if draft.kind is not Deploy.PACKAGES:
        raw = draft.document.raw if draft.document is not None else b""
        kind = DeployedKind.FIRST if draft.kind is Deploy.FIRST else DeployedKind.FULL
        if isinstance(draft.outcome, Waiting):
            kind = DeployedKind.PROPOSED
    else:
        raw = effective_then(draft.baseline, versions.chosen(draft)) if draft.baseline is not None else b""
        kind = DeployedKind.PACKAGES
    history.add(draft.profile.id, at, kind, raw, identity=identity, note=note)
    return tr("Kept in the history of {name}, to compare with.", name=draft.profile.name)
