"""The wizard before a sealed state is given up. Nothing is sent here: the wizard that sets the new manifest does that. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from marble_client.answers import ServedManifest
from marble_console.coordinators.profiles import Profile
from marble_console.parts import Action, Fact, Notice, Tone
from marble_console.recovering.copies import compare, export
from marble_console.recovering.known import Deployment
from marble_console.shell_state import BandState
from marble_console.tasks import Runner
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.wizard.presenting import View, WizardPresenter, WorkDraft, problem_notice
from marble_console.words import ntr, tr

LOSS, COPY, CONFIRM = "loss", "copy", "confirm"


@dataclass(frozen=True, slots=True)
class Draft(WorkDraft):
    """`served` is the last manifest as it was in force; None where only its fingerprint is kept (`known`)."""

    profile: Profile
    known: Deployment | None = None
    served: ServedManifest | None = None
    given: int = 0
    copy: Path | None = None
    waived: bool = False
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages say."""

    lost: tuple[str, ...] = ()
    instead: str = ""
    facts: tuple[Fact, ...] = ()
    how: str = ""
    export: str = ""
    compare: str = ""
    waive: str = ""
    waived: bool = False
    saved: str = ""
    problem: Notice | None = None
    name_to_type: str = ""


def _copied(draft: Draft) -> Gate:
    if draft.copy is not None:
        return Gate(
            is_open=True,
            text=tr("The copy was read back and has the fingerprint of the last manifest."),
            icon="check",
        )
    if draft.waived:
        return OPEN
    return shut(tr("Keep a copy of the last known manifest, or tick that you go on without one."))  # fmt: skip


def _typed(draft: Draft) -> Gate:
    if draft.typed != draft.profile.name:
        return shut(tr("Type the name of the connection to confirm."))
    return OPEN


STEPS: dict[str, Step[Draft]] = {
    LOSS: Step(tr("What is lost"), lambda _: COPY),
    COPY: Step(tr("Last known manifest"), lambda _: CONFIRM, _copied),
    CONFIRM: Step(tr("Confirm"), lambda _: None, _typed),
}


class StartOverPresenter(WizardPresenter[Draft, View]):
    """`go_on` is called with the copy of the manifest, if there is one, when the operator has confirmed."""

    def __init__(
        self, draft: Draft, runner: Runner, band: BandState | None, go_on: Callable[[Path | None], None]
    ) -> None:
        super().__init__(Flow(STEPS, LOSS, draft), runner)
        self._band = band
        self._go_on = go_on

    def export(self, path: Path) -> None:
        """Write the last known manifest to a file, and read it back."""
        if self.draft.served is not None:
            self._keep(tr("Writing…"), partial(export, self.draft.served, path))

    def compare(self, path: Path) -> None:
        """Take a file of the operator's as the copy, if it is the last known manifest."""
        if self.draft.known is not None:
            self._keep(tr("Comparing…"), partial(compare, path, self.draft.known.manifest))

    def waive(self, waived: bool) -> None:
        self._update(waived=waived)

    def type_name(self, typed: str) -> None:
        self._update(typed=typed)

    def forward(self) -> None:
        if not self._flow.is_last:
            super().forward()
        elif self._flow.gate.is_open:
            copy = self.draft.copy
            self.leave()
            self._go_on(copy)

    def _keep(self, doing: str, job: Callable[[], Path]) -> None:
        self._work(doing, job, lambda path: self._update(copy=path), lane="start-over")

    def _shown(self) -> tuple[WizardState, Pages]:
        return _wizard(self._flow, self._band), pages(self.draft)


def _wizard(flow: Flow[Draft], band: BandState | None) -> WizardState:
    draft = flow.draft
    headings = {
        LOSS: (tr("What is lost for good"), tr("Nothing is sent by this wizard.")),
        COPY: (tr("A copy of the last known manifest"), tr("The coordinator gives out no manifest in this state.")),
        CONFIRM: (tr("Confirm"), tr("The new manifest is chosen, checked and sent afterwards.")),
    }  # fmt: skip
    heading, subtitle = headings[flow.step]
    forward = Action("forward", tr("Continue"), "primary")
    if flow.is_last:
        forward = Action("forward", tr("Go on to a new manifest"), "danger")
    return WizardState(
        title=tr("Start over with a new manifest"),
        page=flow.step,
        heading=heading,
        subtitle=subtitle,
        band=band,
        steps=flow.outline(),
        side=(Fact(tr("Coordinator"), draft.profile.name, strong=True), Fact("", str(draft.profile.address))),
        gate=flow.gate,
        primary=forward,
        back=Action("back", tr("Back")) if flow.may_return else None,
        leave=Action("leave", tr("Keep the sealed state"), "quiet"),
        busy=draft.busy,
    )


def pages(draft: Draft) -> Pages:
    """What the pages say for a draft."""
    known, served = draft.known, draft.served
    facts = [Fact(tr("Fingerprint"), known.manifest, mono=True, fingerprint=True)] if known else []
    if served is not None:
        size = ntr("{count} byte", "{count} bytes", len(served.raw))
        facts.append(Fact(tr("Contents"), tr("{size}, as they were in force", size=size)))
    elif known is not None:
        facts.append(
            Fact(
                tr("Contents"),
                tr("not kept here: a manifest may hold values that nobody else may read"),
                Tone.CAUTION,
            )
        )
    return Pages(
        lost=_lost(draft),
        instead=_instead(draft),
        facts=tuple(facts),
        how=_how(draft),
        export=tr("Export the manifest…") if served is not None else "",
        compare=tr("Compare with a file…") if known is not None else "",
        waive=tr("Go on without a copy of the last manifest"),
        waived=draft.waived,
        saved=tr("Kept in {path}", path=draft.copy) if draft.copy is not None else "",
        problem=problem_notice(draft.problem),
        name_to_type=draft.profile.name,
    )  # fmt: skip


def _lost(draft: Draft) -> tuple[str, ...]:
    lost = [
        tr("All secrets of the sealed state, those that users have set and those that were generated."),
        tr("The root certificate that clients have pinned: the temporary one becomes the lasting one."),
        tr("Users, roles, counters of activations and the update log."),
        tr("The recovery secrets of all holders: they open nothing any more."),
    ]
    if draft.given:
        lost.append(ntr("The {count} share given so far.", "The {count} shares given so far.", draft.given))
    return tuple(lost)


def _instead(draft: Draft) -> str:
    who = draft.known.need if draft.known is not None and draft.known.holders else ""
    if who:
        return tr("As long as {who} can still be reached, recover the state instead.", who=who)
    return tr("A copy of the seal directory from before brings all of it back: look for one first.")


def _how(draft: Draft) -> str:
    if draft.served is not None:
        return tr(
            "Export it now: it shows what the new manifest has to provide, and is a good beginning for it."
        )
    if draft.known is not None:
        return tr("If you have the file that was set, compare it: then you know that it is the right one.")
    return tr("This console has not seen the coordinator run, so it knows nothing of its manifest.")
