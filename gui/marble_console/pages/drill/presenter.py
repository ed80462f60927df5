"""The wizard of a drill. No Qt. What is secret is wiped as in the recovery itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.coordinators.deployments import Drill
from marble_console.coordinators.profiles import Profile
from marble_console.pages.recover.composing import check_steps
from marble_console.pages.recover.state import KeyPage, SharePage, Way
from marble_console.parts import Action, Fact, Notice, StepState, Tone
from marble_console.recovering.drilling import Drilled, drill
from marble_console.recovering.errors import PassphraseNeeded, PassphraseWrong
from marble_console.recovering.files import read_file
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.shares import SavedShares, read_shares
from marble_console.shell_state import BandState
from marble_console.tasks import Runner
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes

SHARE, KEY, RESULT = "share", "key", "result"


@dataclass(frozen=True, slots=True)
class Draft:
    """`holder` is whose drill this is, `known` the manifest in force or the last one."""

    profile: Profile
    holder: Holder
    known: Deployment
    shares: SavedShares | None = None
    key_source: str = ""
    asks_passphrase: bool = False
    drilled: Drilled | None = None
    busy: str = ""
    problem: MarbleError | None = None


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
    if draft.asks_passphrase:
        return shut(tr("Type the passphrase of the key, then check it."))
    return shut(tr("Choose the private key of {holder}.", holder=draft.holder.name))


STEPS: dict[str, Step[Draft]] = {
    SHARE: Step(tr("Share"), lambda _: KEY, _has_share),
    KEY: Step(tr("Key"), lambda _: RESULT, _tried),
    RESULT: Step(
        tr("Result"), lambda _: None, may_return=lambda draft: not (draft.drilled and draft.drilled.passed)
    ),
}


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: Pages) -> None: ...

    def finish(self) -> None: ...

    def forget_inputs(self) -> None: ...


class DrillPresenter:
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
        self._flow = Flow(STEPS, SHARE, draft)
        self._runner = runner
        self._band = band
        self._keep = keep
        self._clock = clock
        self._view: View | None = None
        self._key: SecretBytes | None = None

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    @property
    def draft(self) -> Draft:
        return self._flow.draft

    @property
    def step(self) -> str:
        return self._flow.step

    # -- what the operator does -------------------------------------------------------------------------------------
    def choose_shares(self, path: Path) -> None:
        self._read(lambda: read_shares(read_file(path), path.name))

    def paste_shares(self, text: str) -> None:
        self._read(lambda: read_shares(text.encode("utf-8", "replace"), tr("the clipboard")))

    def choose_way(self, way: Way) -> None:
        """A drill is about saved shares alone."""

    def choose_secret(self, path: Path) -> None:
        """As above."""

    def choose_signature(self, path: Path) -> None:
        """As above."""

    def choose_key(self, path: Path) -> None:
        self._forget()
        self._update(key_source=path.name, drilled=None, asks_passphrase=False)
        self._work(tr("Reading the key…"), lambda: SecretBytes(read_file(path)), self._key_read)

    def check_key(self, passphrase: SecretBytes) -> None:
        self._try(passphrase)

    def forward(self) -> None:
        if self._flow.is_last:
            self.leave()
        elif self._flow.forward():
            self._update(problem=None)

    def back(self) -> None:
        if self._flow.back():
            self._update(problem=None)

    def leave(self) -> None:
        self._forget()
        if self._view is not None:
            self._view.finish()

    # -- inside -----------------------------------------------------------------------------------------------------
    def _read(self, job: Callable[[], SavedShares]) -> None:
        self._update(shares=None, drilled=None)
        self._work(tr("Reading the share…"), job, lambda shares: self._update(shares=shares))

    def _key_read(self, content: SecretBytes) -> None:
        self._key = content
        self._try(None)

    def _try(self, passphrase: SecretBytes | None) -> None:
        draft = self.draft
        if self._key is None or draft.shares is None:
            return
        job = partial(drill, self._key, draft.key_source, passphrase, draft.shares, draft.holder, draft.known)
        self._work(tr("Trying the key…"), job, self._drilled, self._key_failed)

    def _drilled(self, drilled: Drilled) -> None:
        self._forget()
        self._update(drilled=drilled, asks_passphrase=False)
        draft = self.draft
        self._keep(
            Drill(
                draft.holder.fingerprint, draft.known.manifest, self._clock(), drilled.passed, drilled.reason
            )
        )
        self._flow.forward()
        self._show()

    def _key_failed(self, error: MarbleError) -> None:
        if isinstance(error, PassphraseNeeded):
            self._update(asks_passphrase=True)
            return
        if not isinstance(error, PassphraseWrong):
            self._forget()
            self._update(asks_passphrase=False)
        self._update(problem=error)

    def _work(
        self,
        doing: str,
        job: Callable[[], object],
        then: Callable[..., None],
        failed: Callable[[MarbleError], None] | None = None,
    ) -> None:
        self._update(busy=doing, problem=None)

        def done(outcome: object) -> None:
            self._update(busy="")
            then(outcome)

        def went_wrong(error: MarbleError) -> None:
            self._update(busy="")
            (failed or (lambda error: self._update(problem=error)))(error)

        self._runner.read(job, then=done, failed=went_wrong)

    def _forget(self) -> None:
        if self._key is not None:
            self._key.wipe()
            self._key = None
        if self._view is not None:
            self._view.forget_inputs()

    def _update(self, **changes: object) -> None:
        self._flow.update(replace(self.draft, **changes))  # type: ignore[arg-type]  # names are those of the draft
        self._show()

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(_wizard(self._flow, self._band), pages(self.draft))


def _wizard(flow: Flow[Draft], band: BandState | None) -> WizardState:
    draft = flow.draft
    headings = {
        SHARE: (
            tr("The saved share"),
            tr("As it would be brought on the day of a recovery. Nothing is sent."),
        ),
        KEY: (tr("The private key"), tr("Neither key nor passphrase is kept.")),
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
    problem = None
    if draft.problem is not None:
        problem = Notice(draft.problem.sentence, draft.problem.hint, "circle-x", Tone.FAILED)
    found = (
        tr("{source}: {what}", source=draft.shares.source, what=draft.shares.summary) if draft.shares else ""
    )
    return Pages(
        SharePage(found=found, problem=problem),
        KeyPage(draft.key_source, draft.asks_passphrase, (), problem),
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
