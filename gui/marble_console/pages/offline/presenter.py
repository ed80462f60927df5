"""The wizard of the offline desk. No Qt, no network. What is secret is wiped as soon as the answer is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.pages.recover.state import KeyPage, SharePage, Way
from marble_console.parts import Action, Fact, Notice, Tone
from marble_console.recovering.errors import PassphraseNeeded, PassphraseWrong
from marble_console.recovering.files import read_file, read_packet, write_packet
from marble_console.recovering.keys import read_key
from marble_console.recovering.packets import Answer, Request, make_answer, read_request
from marble_console.recovering.shares import SavedShares, read_shares
from marble_console.tasks import Runner
from marble_console.times import moment
from marble_console.wizard.flow import OPEN, Flow, Gate, Step, WizardState, shut
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes

REQUEST, SHARE, KEY, ANSWER = "request", "share", "key", "answer"


@dataclass(frozen=True, slots=True)
class Draft:
    """`compared` is the operator's word that both screens show the same code."""

    request: Request | None = None
    source: str = ""
    compared: bool = False
    shares: SavedShares | None = None
    key_source: str = ""
    asks_passphrase: bool = False
    answer: Answer | None = None
    saved: str = ""
    busy: str = ""
    problem: MarbleError | None = None


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
    if draft.asks_passphrase:
        return shut(tr("Type the passphrase of the key, then check it."))
    return shut(tr("Choose the private key."))


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


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: Pages) -> None: ...

    def finish(self) -> None: ...

    def forget_inputs(self) -> None: ...


class OfflinePresenter:
    """One answer to one request. `read_picture` and `save_picture` are for QR codes."""

    def __init__(
        self,
        runner: Runner,
        *,
        clock: Callable[[], dt.datetime],
        read_picture: Callable[[Path], str],
        save_picture: Callable[[str, Path], Path],
    ) -> None:
        self._flow = Flow(STEPS, REQUEST, Draft())
        self._runner = runner
        self._clock = clock
        self._read_picture = read_picture
        self._save_picture = save_picture
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
    def choose_request(self, path: Path) -> None:
        self._update(request=None, compared=False, source=path.name)
        self._work(
            tr("Reading the request…"),
            lambda: read_request(read_packet(path, self._read_picture)),
            self._request_read,
        )

    def compare(self, compared: bool) -> None:
        self._update(compared=compared)

    def choose_shares(self, path: Path) -> None:
        self._work(
            tr("Reading the share…"), lambda: read_shares(read_file(path), path.name), self._shares_read
        )

    def paste_shares(self, text: str) -> None:
        content = text.encode("utf-8", "replace")
        self._work(
            tr("Reading the share…"), lambda: read_shares(content, tr("the clipboard")), self._shares_read
        )

    def choose_way(self, way: Way) -> None:
        """Only saved shares are decrypted here."""

    def choose_secret(self, path: Path) -> None:
        """As above."""

    def choose_signature(self, path: Path) -> None:
        """As above."""

    def choose_key(self, path: Path) -> None:
        self._forget()
        self._update(key_source=path.name, answer=None, asks_passphrase=False)
        self._work(tr("Reading the key…"), lambda: SecretBytes(read_file(path)), self._key_read)

    def check_key(self, passphrase: SecretBytes) -> None:
        self._try(passphrase)

    def save(self, path: Path) -> None:
        """Write the answer to a file."""
        self._keep(write_packet, path)

    def save_picture(self, path: Path) -> None:
        """Write the QR code of the answer."""
        self._keep(self._save_picture, path)

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
    def _request_read(self, request: Request) -> None:
        shares = SavedShares(tr("the request"), (request.share,)) if request.share is not None else None
        self._update(request=request, shares=shares, answer=None)

    def _shares_read(self, shares: SavedShares) -> None:
        self._update(shares=shares, answer=None)

    def _key_read(self, content: SecretBytes) -> None:
        self._key = content
        self._try(None)

    def _try(self, passphrase: SecretBytes | None) -> None:
        draft = self.draft
        if self._key is None or draft.request is None or draft.shares is None:
            return
        job = partial(_answer, self._key, draft.key_source, passphrase, draft.request, draft.shares)
        self._work(tr("Decrypting and signing…"), job, self._made, self._key_failed)

    def _made(self, answer: Answer) -> None:
        self._forget()
        self._flow.update(replace(self.draft, answer=answer, asks_passphrase=False, saved=""))
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

    def _keep(self, write: Callable[[str, Path], Path], path: Path) -> None:
        if self.draft.answer is not None:
            text = self.draft.answer.text
            self._work(
                tr("Saving…"),
                lambda: write(text, path),
                lambda saved: self._update(saved=tr("Saved as {path}.", path=saved)),
            )

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
            self._view.show_state(_wizard(self._flow), pages(self.draft, self._clock()))


def _answer(
    content: SecretBytes,
    source: str,
    passphrase: SecretBytes | None,
    request: Request,
    shares: SavedShares,
) -> Answer:
    try:
        key = read_key(content, source, passphrase)
    finally:
        if passphrase is not None:
            passphrase.wipe()
    return make_answer(request, shares, key)


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
    problem = None
    if draft.problem is not None:
        problem = Notice(draft.problem.sentence, draft.problem.hint, "circle-x", Tone.FAILED)
    found = (
        tr("{source}: {what}", source=draft.shares.source, what=draft.shares.summary) if draft.shares else ""
    )
    request = draft.request
    return Pages(
        facts=_facts(request, draft.source, now) if request is not None else (),
        code=request.code if request is not None else "",
        compare=tr("The online machine shows the same code: I have compared it by voice or by eye."),
        compared=draft.compared,
        share=SharePage(found=found, problem=problem),
        key=KeyPage(draft.key_source, draft.asks_passphrase, (), problem),
        answer=draft.answer.text if draft.answer is not None else "",
        warning=_warning(draft.answer),
        saved=draft.saved,
        problem=problem,
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
