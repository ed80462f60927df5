"""The wizard of the offline desk. No Qt, no network. What is secret is wiped as soon as the answer is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from marble_console.pages.holder.composing import key_page, key_wanted, share_page
from marble_console.pages.holder.presenter import HolderPresenter
from marble_console.pages.holder.state import HolderDraft, KeyPage, SharePage
from marble_console.parts import Action, Fact, Notice, Tone
from marble_console.recovering.files import read_packet, write_packet
from marble_console.recovering.keys import HolderKey
from marble_console.recovering.packets import Answer, Request, make_answer, read_request
from marble_console.recovering.shares import SavedShares
from marble_console.tasks import Runner
from marble_console.times import moment
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.wizard.presenting import problem_notice
from marble_console.words import tr

REQUEST, SHARE, KEY, ANSWER = "request", "share", "key", "answer"


@dataclass(frozen=True, slots=True)
class Draft(HolderDraft):
    """`compared` is the operator's word that both screens show the same code."""

    request: Request | None = None
    source: str = ""
    compared: bool = False
    answer: Answer | None = None
    saved: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    facts: tuple[Fact, ...] = ()
    code: str = ""
    compare: str = ""
    compared: bool = False
    share: SharePage = field(default_factory=SharePage)
    key: KeyPage = field(default_factory=KeyPage)
    answer: str = ""
    warning: str = ""
    saved: str = ""
    problem: Notice | None = None


def _read(draft: Draft) -> Gate:
    if draft.request is None:
        return shut(tr("Choose the request: a file, or a picture of its QR code."))
    return (
        OPEN
        if draft.compared
        else shut(tr("Compare the code with the one on the online machine, and tick it."))
    )


def _has_share(draft: Draft) -> Gate:
    return OPEN if draft.shares is not None else shut(tr("Choose the saved share."))


def _answered(draft: Draft) -> Gate:
    if draft.answer is not None:
        return OPEN
    return key_wanted(draft.key, tr("Choose the private key."))


def _taken(draft: Draft) -> Gate:
    return OPEN if draft.saved else Gate(is_open=True, text=tr("Save the answer, or photograph the code."))


def _after_request(draft: Draft) -> str:
    return KEY if draft.request is not None and draft.request.share is not None else SHARE


STEPS: dict[str, Step[Draft]] = {
    REQUEST: Step(tr("Request"), _after_request, _read),
    SHARE: Step(tr("Share"), lambda _: KEY, _has_share),
    KEY: Step(tr("Key"), lambda _: ANSWER, _answered),
    ANSWER: Step(tr("Answer"), lambda _: None, _taken, may_return=lambda _: False),
}


class OfflinePresenter(HolderPresenter[Draft]):
    """One answer to one request. `read_picture` and `save_picture` are for QR codes."""

    doing = tr("Decrypting and signing…")

    def __init__(
        self,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        read_picture: Callable[[Path], str],
        save_picture: Callable[[str, Path], Path],
    ) -> None:
        super().__init__(Flow(STEPS, REQUEST, Draft()), runner)
        self._clock = clock
        self._read_picture = read_picture
        self._save_picture = save_picture

    # -- what the operator does -------------------------------------------------------------------------------------
    def choose_request(self, path: Path) -> None:
        self._update(request=None, compared=False, source=path.name)
        self._work(
            tr("Reading the request…"),
            lambda: read_request(read_packet(path, self._read_picture)),
            self._request_read,
        )

    def compare(self, compared: bool) -> None:
        self._update(compared=compared)

    def save(self, path: Path) -> None:
        """Write the answer to a file."""
        self._save(write_packet, path)

    def save_picture(self, path: Path) -> None:
        """Write the QR code of the answer."""
        self._save(self._save_picture, path)

    def lock(self) -> None:
        """The answer goes too: without the coordinator's key there is a secret in it."""
        if self.step == ANSWER:
            self._flow.return_to(KEY)
        self._used_no_more()
        super().lock()

    # -- inside -----------------------------------------------------------------------------------------------------
    def _request_read(self, request: Request) -> None:
        shares = SavedShares(tr("the request"), (request.share,)) if request.share is not None else None
        self._update(request=request, shares=shares, answer=None)

    def _use(self) -> Callable[[HolderKey], Answer] | None:
        request, shares = self.draft.request, self.draft.shares
        if request is None or shares is None:
            return None
        return lambda key: make_answer(request, shares, key)

    def _used(self, outcome: Answer) -> None:
        self._update(answer=outcome, saved="")
        self._flow.forward()

    def _used_no_more(self) -> None:
        self._update(answer=None)

    def _save(self, write: Callable[[str, Path], Path], path: Path) -> None:
        if self.draft.answer is not None:
            text = self.draft.answer.text
            self._work(
                tr("Saving…"),
                lambda: write(text, path),
                lambda saved: self._update(saved=tr("Saved as {path}.", path=saved)),
            )

    def _shown(self) -> tuple[WizardState, Pages]:
        return _wizard(self._flow), pages(self.draft, self._clock())


def _wizard(flow: Flow[Draft]) -> WizardState:
    draft = flow.draft
    offline = tr("This machine needs no connection, and is best without one.")
    headings = {
        REQUEST: (tr("The request of the online machine"), offline),
        SHARE: (tr("The saved share"), offline),
        KEY: (tr("The private key"), tr("It does not leave this machine. {offline}", offline=offline)),
        ANSWER: (tr("The answer for the online machine"), tr("Carry it back. Key and share stay here.")),
    }
    heading, subtitle = headings[flow.step]
    side: tuple[Fact, ...] = ()
    if draft.request is not None:
        side = (
            Fact(tr("For"), draft.request.name, strong=True),
            Fact("", draft.request.address),
            Fact(tr("Temporary root"), draft.request.root, mono=True, fingerprint=True),
        )
    return WizardState(
        title=tr("Offline desk"),
        page=flow.step,
        heading=heading,
        subtitle=subtitle,
        steps=flow.outline(),
        side=side,
        gate=flow.gate,
        primary=Action("forward", tr("Close") if flow.is_last else tr("Continue"), "primary"),
        back=Action("back", tr("Back")) if flow.may_return and not draft.busy else None,
        leave=None if flow.is_last else Action("leave", tr("Cancel"), "quiet"),
        busy=draft.busy,
    )


def pages(draft: Draft, now: dt.datetime) -> Pages:
    """What the pages show for a draft."""
    request = draft.request
    return Pages(
        facts=_facts(request, draft.source, now) if request is not None else (),
        code=request.code if request is not None else "",
        compare=tr("The online machine shows the same code: I have compared it by voice or by eye."),
        compared=draft.compared,
        share=share_page(draft),
        key=key_page(draft),
        answer=draft.answer.text if draft.answer is not None else "",
        warning=_warning(draft.answer),
        saved=draft.saved,
        problem=problem_notice(draft.problem),
    )


def _facts(request: Request, source: str, now: dt.datetime) -> tuple[Fact, ...]:
    sealed = request.ephemeral is not None
    return (
        Fact(tr("From"), source),
        Fact(tr("Coordinator"), f"{request.name} · {request.address}", strong=True),
        Fact(tr("Made"), moment(request.made, now)),
        Fact(tr("Share"), tr("in the request") if request.share is not None else tr("to be chosen here")),
        Fact(
            tr("Answer"),
            tr("encrypted to the coordinator: nobody on the way can read it")
            if sealed
            else tr("not encrypted: the coordinator offers no key"),
            None if sealed else Tone.CAUTION,
        ),
    )


def _warning(answer: Answer | None) -> str:
    if answer is None or answer.is_sealed:
        return ""
    return tr(
        "The answer holds the decrypted secret. Whoever reads it on the way can use it: carry it yourself, and delete it afterwards."
    )
