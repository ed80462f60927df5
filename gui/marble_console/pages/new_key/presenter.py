"""The wizard that makes a recovery key. No Qt. The passphrase is wiped when the file was read back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.draftplace import DraftPlace
from marble_console.parts import Action, Fact, Notice
from marble_console.recovering.newkey import BITS, NewKey, make_key
from marble_console.tasks import Runner
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.wizard.presenting import WizardPresenter, WorkDraft, problem_notice
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes

CHOOSE, SAVE, USE = "choose", "save", "use"


@dataclass(frozen=True, slots=True)
class Draft(WorkDraft):
    """`weak` is why the passphrase will not do, empty when it will; the passphrase itself is not here."""

    holder: str = ""
    weak: str = " "
    key: NewKey | None = None
    saved: Path | None = None
    said: str = ""  # what came of putting the key into the manifest that is being edited


@dataclass(frozen=True, slots=True)
class Pages:
    facts: tuple[Fact, ...] = ()
    saved: str = ""
    snippet: str = ""
    draft_title: str = ""
    draft_said: str = ""
    problem: Notice | None = None


def _chosen(draft: Draft) -> Gate:
    if not draft.holder.strip():
        return shut(tr("Name the holder, as the manifest is to call them."))
    return shut(draft.weak.strip() or tr("Choose a passphrase.")) if draft.weak else OPEN


def _saved(draft: Draft) -> Gate:
    if draft.key is None:
        return shut("")
    if draft.saved is None:
        return shut(tr("Save the private key: it is nowhere else."))
    return Gate(is_open=True, text=tr("The file was read back and opened with the passphrase."), icon="check")


STEPS: dict[str, Step[Draft]] = {
    CHOOSE: Step(tr("Holder and passphrase"), lambda _: SAVE, _chosen),
    SAVE: Step(
        tr("Private key"),
        lambda _: USE,
        _saved,
        may_return=lambda draft: draft.saved is None and not draft.busy,
    ),
    USE: Step(tr("For the manifest"), lambda _: None, may_return=lambda _: False),
}


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: Pages) -> None: ...

    def take_passphrase(self) -> SecretBytes:
        """What was typed; the fields are empty afterwards."""
        ...

    def finish(self) -> None: ...


class NewKeyPresenter(WizardPresenter[Draft, View]):
    """Makes one key pair, for a `place` in a manifest that is being edited if there is one."""

    def __init__(self, runner: Runner, bits: int = BITS, *, place: DraftPlace | None = None) -> None:
        holder = place.name if place is not None else ""
        super().__init__(Flow(STEPS, CHOOSE, Draft(holder=holder)), runner)
        self._place = place
        self._bits = bits
        self._passphrase: SecretBytes | None = None

    def name(self, holder: str) -> None:
        self._update(holder=holder)

    def judged(self, weak: str) -> None:
        """The passphrase that is being typed will not do, for this reason, or it will."""
        self._update(weak=weak)

    def save(self, path: Path) -> None:
        """Write the private key."""
        key, passphrase = self.draft.key, self._passphrase
        if key is not None and passphrase is not None:
            copy = SecretBytes(passphrase.reveal())
            self._work(
                tr("Saving, and reading back…"),
                partial(key.save, path, copy),
                self._was_saved,
                lane="new-key",
            )

    def forward(self) -> None:
        if self.step == CHOOSE and self._flow.gate.is_open and self._view is not None:
            self._flow.forward()  # before the fields are emptied, which shuts the gate
            self._passphrase = self._view.take_passphrase()
            self._update(weak=" ")
            self._work(
                tr("Making the key. This takes some seconds…"),
                partial(make_key, self.draft.holder.strip(), self._passphrase, self._bits),
                lambda key: self._update(key=key),
            )
        else:
            before = self.step
            super().forward()
            if before != self.step == USE and self._place is not None and self._place.name:
                self.put_into_draft()

    def back(self) -> None:
        if not self.draft.busy and self._flow.back():
            self._forget()
            self._update(key=None, problem=None)

    def put_into_draft(self) -> None:
        """Put the public key into the manifest that is being edited. The private one is saved by then."""
        place, key = self._place, self.draft.key
        if place is not None and key is not None and self.draft.saved is not None:
            place.put(key.holder, key.public_pem, lambda why_not: self._update(said=place.outcome(why_not)))

    def _was_saved(self, path: Path) -> None:
        self._forget()
        self._update(saved=path)

    def _forget(self) -> None:
        if self._passphrase is not None:
            self._passphrase.wipe()
            self._passphrase = None

    def _shown(self) -> tuple[WizardState, Pages]:
        title = self._place.title if self._place is not None else ""
        return _wizard(self._flow), pages(self.draft, title)


def _wizard(flow: Flow[Draft]) -> WizardState:
    draft = flow.draft
    headings = {
        CHOOSE: (
            tr("Holder and passphrase"),
            tr("Best made by the holder, on the holder's own computer: then nobody else ever has the key."),
        ),
        SAVE: (tr("The private key"), tr("It is nowhere but in this window until it is saved.")),
        USE: (tr("The public key, for the manifest"), tr("It is no secret.")),
    }
    heading, subtitle = headings[flow.step]
    return WizardState(
        title=tr("New recovery key"),
        page=flow.step,
        heading=heading,
        subtitle=subtitle,
        steps=flow.outline(),
        side=(Fact(tr("Holder"), draft.holder, strong=True),) if draft.holder else (),
        gate=flow.gate,
        primary=Action("forward", _forward(flow), "primary"),
        back=Action("back", tr("Back")) if flow.may_return else None,
        leave=None if flow.is_last or draft.busy else Action("leave", tr("Cancel"), "quiet"),
        must_stay=tr("The key is being made.") if draft.busy else "",
        busy=draft.busy,
    )


def _forward(flow: Flow[Draft]) -> str:
    if flow.is_last:
        return tr("Close")
    return tr("Make the key") if flow.step == CHOOSE else tr("Continue")


def pages(draft: Draft, title: str = "") -> Pages:
    """What the pages show for a draft; `title` names the manifest that is being edited."""
    key = draft.key
    problem = problem_notice(draft.problem)
    if key is None:
        return Pages(problem=problem)
    return Pages(
        facts=(
            Fact(tr("Holder"), key.holder, strong=True),
            Fact(tr("Kind"), tr("RSA, {bits} bits", bits=BITS)),
            Fact(tr("Public key"), key.fingerprint, mono=True, fingerprint=True),
        ),
        saved=tr("Saved as {path}, readable by you alone, under the passphrase.", path=draft.saved) if draft.saved else "",
        snippet=key.snippet,
        draft_title=title,
        draft_said=draft.said,
        problem=problem,
    )  # fmt: skip
