"""The wizard of a drill. No Qt. What is secret is wiped as in the recovery itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from marble_console.coordinators.deployments import Drill
from marble_console.coordinators.profiles import Profile
from marble_console.pages.holder.composing import key_page, key_wanted, share_page
from marble_console.pages.holder.presenter import HolderPresenter
from marble_console.pages.holder.state import HolderDraft, KeyPage, SharePage
from marble_console.pages.recover.composing import check_steps
from marble_console.parts import Action, Fact, Notice, StepState, Tone
from marble_console.recovering.drilling import Drilled, drill
from marble_console.recovering.keys import HolderKey
from marble_console.recovering.known import Deployment, Holder
from marble_console.shell_state import BandState
from marble_console.tasks import Runner
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.words import tr

SHARE, KEY, RESULT = "share", "key", "result"


@dataclass(frozen=True, slots=True)
class Draft(HolderDraft):
    """`holder` is whose drill this is, `known` the manifest in force or the last one."""

    profile: Profile
    holder: Holder
    known: Deployment
    drilled: Drilled | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    share: SharePage
    key: KeyPage
    checks: tuple[StepState, ...] = ()
    notice: Notice | None = None


def _has_share(draft: Draft) -> Gate:
    return OPEN if draft.shares is not None else shut(tr("Choose the saved share."))


def _tried(draft: Draft) -> Gate:
    if draft.drilled is not None:
        return Gate(is_open=True, text=tr("Key and share were tried. Nothing was sent."))
    return key_wanted(draft.key, tr("Choose the private key of {holder}.", holder=draft.holder.name))


STEPS: dict[str, Step[Draft]] = {
    SHARE: Step(tr("Share"), lambda _: KEY, _has_share),
    KEY: Step(tr("Key"), lambda _: RESULT, _tried),
    RESULT: Step(
        tr("Result"), lambda _: None, may_return=lambda draft: not (draft.drilled and draft.drilled.passed)
    ),
}


class DrillPresenter(HolderPresenter[Draft]):
    """One drill of one holder; `keep` gets what came of it, to be dated on the overview."""

    def __init__(
        self,
        draft: Draft,
        runner: Runner,
        band: BandState | None,
        *,
        keep: Callable[[Drill], None],
        clock: Callable[[], dt.datetime],
    ) -> None:
        super().__init__(Flow(STEPS, SHARE, draft), runner)
        self._band = band
        self._keep = keep
        self._clock = clock

    def _known(self) -> Deployment:
        return self.draft.known

    def _first(self) -> frozenset[str]:
        return frozenset({self.draft.holder.fingerprint})

    def _use(self) -> Callable[[HolderKey], Drilled] | None:
        draft = self.draft
        shares = draft.shares
        return None if shares is None else lambda key: drill(key, shares, draft.holder, draft.known)

    def _used(self, outcome: Drilled) -> None:
        self._update(drilled=outcome)
        holder, known = self.draft.holder, self.draft.known
        self._keep(Drill(holder.fingerprint, known.manifest, self._clock(), outcome.passed, outcome.reason))
        self._flow.forward()

    def _used_no_more(self) -> None:
        self._update(drilled=None)

    def _shown(self) -> tuple[WizardState, Pages]:
        return _wizard(self._flow, self._band), pages(self.draft)


def _wizard(flow: Flow[Draft], band: BandState | None) -> WizardState:
    draft = flow.draft
    headings = {
        SHARE: (
            tr("The saved share"),
            tr("As it would be brought on the day of a recovery. Nothing is sent."),
        ),
        KEY: (tr("The private key"), tr("Neither the key nor its passphrase or PIN is kept.")),
        RESULT: (_result(draft), ""),
    }
    heading, subtitle = headings[flow.step]
    return WizardState(
        title=tr("Drill of {holder}", holder=draft.holder.name),
        page=flow.step,
        heading=heading,
        subtitle=subtitle,
        band=band,
        steps=flow.outline(),
        side=(
            Fact(tr("Holder"), draft.holder.name, strong=True),
            Fact("", draft.holder.fingerprint, mono=True, fingerprint=True),
            Fact(tr("Coordinator"), draft.profile.name),
        ),
        gate=flow.gate,
        primary=Action("forward", tr("Close") if flow.is_last else tr("Continue"), "primary"),
        back=Action("back", tr("Back")) if flow.may_return and not draft.busy else None,
        leave=None if flow.is_last else Action("leave", tr("Cancel"), "quiet"),
        busy=draft.busy,
    )


def _result(draft: Draft) -> str:
    passed = draft.drilled is not None and draft.drilled.passed
    return tr("The drill has passed") if passed else tr("The drill has not passed")


def pages(draft: Draft) -> Pages:
    """What the pages show for a draft."""
    return Pages(
        share_page(draft),
        key_page(draft),
        check_steps(draft.drilled.checks) if draft.drilled is not None else (),
        _conclusion(draft.drilled),
    )


def _conclusion(drilled: Drilled | None) -> Notice | None:
    if drilled is None:
        return None
    if drilled.passed:
        return Notice(
            tr("{holder} can open the saved share", holder=drilled.holder),
            tr(
                "Put key and share back where they are kept, apart from each other. Whether the share belongs to the state of today "
                "shows in a rehearsal."
            ),
            "check",
        )
    return Notice(
        tr("{holder} could not have helped tonight", holder=drilled.holder),
        tr(
            "Look for the right file or key while there is time. If there is none, an update of the manifest can name a new "
            "recovery key for this holder."
        ),
        "octagon-alert",
        Tone.FAILED,
    )
