"""The wizard that sets a manifest: its steps, their gates, and what each page says. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.pages.set_manifest import recovery_file
from marble_console.pages.set_manifest.sending import (
    Applied,
    AppliedUnanswered,
    CannotTell,
    Client,
    NotApplied,
    Outcome,
    send,
)
from marble_console.pages.set_manifest.state import Draft, Holder, PagesState
from marble_console.parts import Action, Fact, Notice, Tone
from marble_console.shell_state import BandState
from marble_console.tasks import Runner
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import RecoveryKeyName

CONFIRM, SEND, SAVE, RESULT = "confirm", "send", "save", "result"


def _confirmed(draft: Draft) -> Gate:
    if draft.warnings and not draft.accepted:
        return shut(tr("Tick that the warnings are known."))
    if draft.must_type_name and draft.typed != draft.profile.name:
        return shut(tr("Type the name of the connection to confirm."))
    return OPEN


def _sent(draft: Draft) -> Gate:
    if isinstance(draft.outcome, Applied | AppliedUnanswered):
        return OPEN
    return shut("") if draft.outcome is None else shut(tr("The manifest is not in force."))


def _all_saved(draft: Draft) -> Gate:
    missing = len(draft.holders) - len(draft.saved)
    if missing:
        return shut(
            tr("{saved} of {all} recovery secrets saved", saved=len(draft.saved), all=len(draft.holders))
        )
    return Gate(is_open=True, text=tr("All recovery secrets are saved and were read back."), icon="check")


def _has_secrets(draft: Draft) -> bool:
    """Secrets are expected for each key; after a lost answer there are none to save."""
    return bool(draft.holders) and not isinstance(draft.outcome, AppliedUnanswered)


STEPS: dict[str, Step[Draft]] = {
    CONFIRM: Step(tr("Confirm"), lambda _: SEND, _confirmed),
    SEND: Step(
        tr("Send"),
        lambda draft: SAVE if _has_secrets(draft) else RESULT,
        _sent,
        may_return=lambda draft: isinstance(draft.outcome, NotApplied),
    ),
    SAVE: Step(tr("Save recovery secrets"), lambda _: RESULT, _all_saved, may_return=lambda _: False),
    RESULT: Step(tr("Result"), lambda _: None, may_return=lambda _: False),
}


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: PagesState) -> None: ...

    def finish(self, *, applied: bool) -> None: ...


class SetManifestPresenter:
    """One attempt to set one manifest at one coordinator."""

    def __init__(
        self,
        draft: Draft,
        client: Client,
        runner: Runner,
        band: BandState | None,
        changed: Callable[[], None],
    ) -> None:
        self._flow = Flow(STEPS, CONFIRM, draft)
        self._client = client
        self._runner = runner
        self._band = band
        self._changed = changed
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

    # -- what the operator does -----------------------------------------------------------------------------------
    def accept_warnings(self, accepted: bool) -> None:
        self._update(accepted=accepted)

    def type_name(self, typed: str) -> None:
        self._update(typed=typed)

    def forward(self) -> None:
        if self._flow.is_last:
            self._finish()
        elif self.step == CONFIRM and not self.draft.sending and self._flow.forward():
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
        secrets = self._secrets()
        self._save(partial(_saved_in_one, secrets, path))

    def save_each(self, folder: Path) -> None:
        """Save one file a holder."""
        self._save(partial(_saved_in_each, self._secrets(), folder))

    def save_one(self, name: str, path: Path) -> None:
        """Save the secret of one holder."""
        key = RecoveryKeyName(name)
        self._save(partial(_saved_in_one, {key: self._secrets()[key]}, path))

    # -- jobs -----------------------------------------------------------------------------------------------------
    def _send(self) -> None:
        self._update(sending=True, outcome=None)
        self._runner.write(
            partial(send, self._client, self.draft.document.raw),
            lane=self.draft.profile.id,
            then=self._arrived,
            failed=self._send_failed,
        )

    def _arrived(self, outcome: Outcome) -> None:
        holders = tuple(outcome.secrets) if isinstance(outcome, Applied) else self.draft.holders
        self._flow.update(replace(self.draft, sending=False, outcome=outcome, holders=holders))
        self._changed()
        if isinstance(outcome, Applied | AppliedUnanswered):
            self._flow.forward()
        self._show()

    def _send_failed(self, error: MarbleError) -> None:
        raise TypeError("sending gives an outcome, whatever happens") from error

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
            self._view.finish(applied=isinstance(self.draft.outcome, Applied | AppliedUnanswered))

    def _must_stay(self) -> str:
        if self.draft.sending:
            return tr("The manifest is on its way. Wait for the answer.")
        if self.step == SAVE and not _all_saved(self.draft).is_open:
            return tr("The coordinator shows the recovery secrets only once. Save them before you leave.")
        return ""

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self._wizard(), pages_state(self.draft))

    def _wizard(self) -> WizardState:
        draft, must_stay = self.draft, self._must_stay()
        heading, subtitle = _heading(self.step, draft)
        return WizardState(
            title=tr("Set the first manifest"),
            page=self.step,
            heading=heading,
            subtitle=subtitle,
            band=self._band,
            steps=self._flow.outline(),
            side=(
                Fact(tr("Sending"), draft.document.title, strong=True),
                Fact("", draft.document.fingerprint, mono=True, fingerprint=True),
                Fact(tr("To"), draft.profile.name, strong=True),
                Fact("", str(draft.profile.address)),
            ),
            gate=self._flow.gate,
            primary=self._primary(),
            back=Action("back", tr("Back")) if self._flow.may_return else None,
            leave=None if must_stay or self._flow.is_last else Action("leave", tr("Cancel"), "quiet"),
            must_stay=must_stay,
            busy=tr("Sending the manifest…") if draft.sending else "",
        )

    def _primary(self) -> Action:
        if self.step == CONFIRM:
            kind = "danger" if self.draft.gives_up_state else "primary"
            text = tr("Give up the sealed state and set") if self.draft.gives_up_state else tr("Set manifest")
            return Action("forward", text, kind, "send")  # type: ignore[arg-type]  # both are kinds of buttons
        if self._flow.is_last:
            return Action("forward", tr("Close"), "primary")
        return Action("forward", tr("Continue"), "primary")


def _saved_in_one(secrets: dict[RecoveryKeyName, bytes], path: Path) -> dict[RecoveryKeyName, Path]:
    return dict.fromkeys(secrets, recovery_file.save(secrets, path))


def _saved_in_each(secrets: dict[RecoveryKeyName, bytes], folder: Path) -> dict[RecoveryKeyName, Path]:
    return dict(zip(secrets, recovery_file.save_each(secrets, folder), strict=True))


def _heading(step: str, draft: Draft) -> tuple[str, str]:
    match step:
        case "confirm":
            return tr("Confirm what is sent"), tr("Nothing was sent yet.")
        case "send" if draft.outcome is None:
            return tr("Sending"), ""
        case "send":
            return tr("Not in force"), ""
        case "save":
            return (
                tr("Save the recovery secrets"),
                tr(
                    "The manifest is in force. These are shown once and kept nowhere: without them nobody can recover."
                ),
            )
        case _:
            return tr("The manifest is in force"), ""


def pages_state(draft: Draft) -> PagesState:
    """What the pages show for a draft."""
    return PagesState(
        facts=_facts(draft),
        effects=_effects(draft),
        warnings=tuple(
            f"{warning.path}: {warning.sentence}" if warning.path else warning.sentence
            for warning in draft.warnings
        ),
        accept=ntr(
            "The warning is known and meant", "The {count} warnings are known and meant", len(draft.warnings)
        )
        if draft.warnings
        else "",
        accepted=draft.accepted,
        name_to_type=draft.profile.name if draft.must_type_name else "",
        problem=_problem(draft.outcome, draft),
        holders=tuple(
            Holder(name, str(draft.saved[name]) if name in draft.saved else "") for name in draft.holders
        ),
        save_problem=Notice(draft.save_error.sentence, draft.save_error.hint, "circle-x", Tone.FAILED)
        if draft.save_error is not None
        else None,
        result=_result(draft),
    )


def _facts(draft: Draft) -> tuple[Fact, ...]:
    size = ntr("{count} byte", "{count} bytes", len(draft.document.raw))
    return (
        Fact(tr("Coordinator"), f"{draft.profile.name} · {draft.profile.address}", strong=True),
        Fact(tr("Trust"), tr("not verified, bound to the pinned root"), Tone.CAUTION),
        Fact(tr("Manifest"), f"{draft.document.title} · {size}"),
        Fact(tr("Fingerprint"), draft.document.fingerprint, mono=True, fingerprint=True),
        Fact(tr("Contents"), draft.contents),
        Fact(
            tr("Recovery"),
            ", ".join(draft.holders) or tr("no recovery key"),
            None if draft.holders else Tone.CAUTION,
        ),
    )


def _effects(draft: Draft) -> tuple[str, ...]:
    effects = []
    if draft.gives_up_state:
        effects.append(
            tr("The sealed state is given up: its secrets, certificates and update log are lost for good.")
        )
    effects.append(tr("The coordinator goes to state 3 and accepts the marbles of this manifest."))
    effects.append(
        tr("The manifest cannot be replaced by setting another one; later changes need a user it names.")
    )
    if draft.generated:
        effects.append(ntr("{count} secret is generated.", "{count} secrets are generated.", draft.generated))
    if draft.holders:
        effects.append(
            tr("The answer holds the recovery secrets. They are shown once; the next step saves them.")
        )
    else:
        effects.append(tr("Without a recovery key, nobody can bring the state back if the seal key is lost."))
    return tuple(effects)


def _problem(outcome: Outcome | None, draft: Draft) -> Notice | None:
    match outcome:
        case NotApplied(error, overtaken=True, server_text=text):
            del error
            return Notice(
                tr("{name} has another manifest in force by now", name=draft.profile.name),
                tr(
                    "Somebody set one before yours arrived. Nothing of yours was applied, and your document is unchanged."
                ),
                "circle-x",
                Tone.FAILED,
                raw=text,
            )
        case NotApplied(error, server_text=text):
            return Notice(
                error.sentence,
                tr("Your document is unchanged. {hint}", hint=error.hint),
                "circle-x",
                Tone.FAILED,
                raw=text,
                raw_title=tr("What the coordinator says"),
                raw_open=True,
            )
        case CannotTell(error):
            return Notice(
                tr("Outcome unknown: the answer was lost, and the coordinator does not say what is in force"),
                tr(
                    "Do not send again before you know. Look at the overview when it can be reached. {cause}",
                    cause=error.sentence,
                ),
                "circle-alert",
                Tone.CAUTION,
            )
        case _:
            return None


def _result(draft: Draft) -> Notice:
    if isinstance(draft.outcome, AppliedUnanswered) and draft.holders:
        return Notice(
            tr("In force, but the recovery secrets are lost"),
            tr(
                "The connection broke before the answer arrived, and the coordinator shows recovery secrets only once. "
                "Nobody can recover this coordinator. Before it holds anything of value, delete its state and set the manifest again."
            ),
            "triangle-alert",
            Tone.CAUTION,
        )
    saved = tr(
        "The recovery secrets are saved. Give each holder theirs, and keep a copy apart from this computer."
    )
    return Notice(
        tr("{name} runs with {title}", name=draft.profile.name, title=draft.document.title),
        saved if draft.holders else tr("It accepts the marbles that the manifest names."),
        "check",
    )
