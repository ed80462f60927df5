"""The wizard that recovers a state: what the operator does, holder after holder. No Qt.

Key material is here only as long as it is needed: it is wiped when the key was tried, when a share was sent, when the next
holder comes, and when the wizard is left. None of it is in a state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.client import CoordinatorClient
from marble_client.errors import NotTrusted, RootChanged
from marble_client.trust import fingerprint
from marble_console.pages.recover.composing import pages_state, wizard_state
from marble_console.pages.recover.state import Draft, PagesState, Situation, Way
from marble_console.pages.recover.steps import SEND, SHARE, SITUATION, STEPS, VERIFY
from marble_console.recovering.errors import PassphraseNeeded, PassphraseWrong, WrongShare
from marble_console.recovering.files import (
    read_file,
    read_packet,
    read_secret_file,
    read_signature_file,
    write_packet,
)
from marble_console.recovering.opening import Contributed, open_with_file, take_plain
from marble_console.recovering.packets import Request, make_request, take_answer
from marble_console.recovering.progress import Progress, RefusedShare
from marble_console.recovering.sending import (
    Accepted,
    Declined,
    Outcome,
    Unanswered,
    Verified,
    give,
    verify_recovered,
)
from marble_console.recovering.shares import SavedShares, read_shares
from marble_console.shell_state import BandState
from marble_console.tasks import Generation, Runner
from marble_console.wizard.flow import Flow, WizardState
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: PagesState) -> None: ...

    def finish(self) -> None: ...

    def forget_inputs(self) -> None:
        """Empty every field that something was typed into."""
        ...


class Elsewhere(Protocol):
    """What the wizard asks of the rest of the console."""

    def client(self) -> CoordinatorClient | None:
        """The coordinator in hand."""
        ...

    def attest(self) -> None: ...

    def progressed(self, progress: Progress) -> None:
        """Keep how far the recovery is: the wizard may be opened again."""
        ...

    def recovered(self, verified: Verified) -> None:
        """The state is open: take the coordinator in hand under the root that it has now."""
        ...

    def back_up(self) -> None: ...


class RecoverPresenter:
    """One recovery of one coordinator, from `situation` on; `progress` is what was reached before."""

    def __init__(
        self,
        situation: Situation,
        progress: Progress,
        elsewhere: Elsewhere,
        runner: Runner,
        band: BandState | None,
        clock: Callable[[], dt.datetime],
        *,
        read_picture: Callable[[Path], str],
        save_picture: Callable[[str, Path], Path],
    ) -> None:
        draft = Draft(situation, progress.under(situation.root) if situation.root else progress)
        self._flow = Flow(STEPS, SITUATION, draft)
        self._elsewhere = elsewhere
        self._runner = runner
        self._band = band
        self._clock = clock
        self._read_picture = read_picture
        self._save_picture = save_picture
        self._generation = Generation()
        self._view: View | None = None
        self._key: SecretBytes | None = None  # a key file that waits for its passphrase
        self._plain: SecretBytes | None = None
        self._signature = b""

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    @property
    def draft(self) -> Draft:
        return self._flow.draft

    @property
    def step(self) -> str:
        return self._flow.step

    # -- what happens around ----------------------------------------------------------------------------------------
    def situation_changed(self, situation: Situation) -> None:
        """The coordinator was seen again, or not; or it was verified."""
        draft = self.draft
        if draft.busy or draft.progress.done:
            self._flow.update(replace(draft, situation=situation))
        elif _was_finished_elsewhere(situation):
            self._purge()
            progress = replace(draft.progress, done=True)
            self._flow.update(
                replace(self.draft, situation=situation, progress=progress, finished_elsewhere=True)
            )
            self._go_to_verify()
        elif situation.root and situation.root != draft.progress.root:
            self._at_another_root(situation)
        else:
            self._flow.update(replace(draft, situation=situation))
        self._show()

    def _at_another_root(self, situation: Situation) -> None:
        """The coordinator was restarted: what it had accepted is gone, and nothing vouches for it yet."""
        progress = self.draft.progress.under(situation.root)
        self._elsewhere.progressed(progress)
        if self.draft.progress.root:
            self._purge()
            self._flow.return_to(SITUATION)
        self._flow.update(
            replace(self.draft, situation=situation, progress=progress, exception=False, problem=None)
        )

    # -- what the operator does -------------------------------------------------------------------------------------
    def attest(self) -> None:
        self._elsewhere.attest()

    def accept_exception(self, accepted: bool) -> None:
        self._update(exception=accepted)

    def choose_way(self, way: Way) -> None:
        """Bring the share another way. A saved share that was read may go to the offline machine with the request."""
        shares = self.draft.shares if way is not Way.PLAIN else None
        self._purge()
        self._update(way=way, shares=shares)

    def choose_shares(self, path: Path) -> None:
        """Read a file of saved shares."""
        self._read(lambda: read_shares(read_file(path), path.name))

    def paste_shares(self, text: str) -> None:
        """Take saved shares from the clipboard."""
        self._read(lambda: read_shares(text.encode("utf-8", "replace"), tr("the clipboard")))

    def choose_key(self, path: Path) -> None:
        """Read a key file, and try it at once: most are used without more being asked."""
        self._forget_key()
        self._update(key_source=path.name, share=None, problem=None, asks_passphrase=False)
        self._work(tr("Reading the key…"), lambda: SecretBytes(read_file(path)), self._key_read)

    def check_key(self, passphrase: SecretBytes) -> None:
        """Try the key again with this passphrase, which is wiped afterwards."""
        if self._key is not None:
            self._try_key(self._key, passphrase)

    def choose_secret(self, path: Path) -> None:
        """Read a secret that was decrypted elsewhere."""
        self._work(tr("Reading…"), partial(read_secret_file, path), partial(self._secret_read, path.name))

    def choose_signature(self, path: Path) -> None:
        """Read the holder's signature over it."""
        self._work(
            tr("Reading…"), partial(read_signature_file, path), partial(self._signature_read, path.name)
        )

    def make_request(self) -> None:
        """Ask an offline holder: a packet with the coordinator's key, where it offers one."""
        client, situation = self._elsewhere.client(), self.draft.situation
        if client is None:
            return
        shares = self.draft.shares
        alone = shares.entries[0] if shares is not None and len(shares.entries) == 1 else None

        def make() -> Request:
            key = client.v2.recovery_key() if situation.offers_v2 else None
            profile = situation.profile
            return make_request(
                profile.name, str(profile.address), situation.root, situation.known, key, alone, self._clock()
            )

        self._work(
            tr("Making the request. The coordinator may need some seconds for its key…"),
            make,
            lambda request: self._update(request=request, carried=""),
        )

    def save_request(self, path: Path) -> None:
        """Write the request to a file."""
        self._carry(write_packet, path)

    def save_request_picture(self, path: Path) -> None:
        """Write the QR code of the request."""
        self._carry(self._save_picture, path)

    def choose_answer(self, path: Path) -> None:
        """Read what an offline machine has answered, from a file or from a picture of its QR code."""
        draft = self.draft

        def read() -> Contributed:
            text = read_packet(path, self._read_picture)
            return take_answer(
                text, path.name, draft.situation.root, draft.situation.known, draft.progress.keys
            )

        self._work(tr("Reading the answer…"), read, lambda share: self._update(share=share))

    def _carry(self, write: Callable[[str, Path], Path], path: Path) -> None:
        request = self.draft.request
        if request is not None:
            self._work(
                tr("Saving…"),
                lambda: write(request.text, path),
                lambda saved: self._update(carried=tr("Saved as {path}.", path=saved)),
            )

    def back_up(self) -> None:
        self._elsewhere.back_up()

    def forward(self) -> None:
        """The primary button."""
        if self.draft.busy:
            return
        if self.step == SEND and self.draft.share is not None:
            self._send(self.draft.share)
        elif self.step == SEND and not self.draft.progress.done:
            self._next_holder()
        elif self.step == VERIFY:
            self._finish()
        elif self._flow.forward():
            self._update(problem=None)

    def back(self) -> None:
        if not self.draft.busy and self._flow.back():
            self._update(problem=None)

    def leave(self) -> None:
        if not self.draft.busy:
            self._finish()

    # -- shares and keys --------------------------------------------------------------------------------------------
    def _read(self, job: Callable[[], SavedShares]) -> None:
        self._update(shares=None, share=None)
        self._work(tr("Reading the share…"), job, lambda shares: self._update(shares=shares, way=Way.SAVED))

    def _key_read(self, content: SecretBytes) -> None:
        self._key = content
        self._try_key(content, None)

    def _try_key(self, content: SecretBytes, passphrase: SecretBytes | None) -> None:
        draft = self.draft
        if draft.shares is None:
            return
        job = partial(
            open_with_file,
            content,
            draft.key_source,
            passphrase,
            draft.shares,
            draft.situation.known,
            draft.progress.keys,
        )
        self._work(tr("Trying the key…"), job, self._key_fits, self._key_failed)

    def _key_fits(self, share: Contributed) -> None:
        self._forget_key()
        self._update(share=share, asks_passphrase=False)

    def _key_failed(self, error: MarbleError) -> None:
        if isinstance(error, PassphraseNeeded):
            self._update(asks_passphrase=True, problem=None)
            return
        if not isinstance(error, PassphraseWrong):
            self._forget_key()
            self._update(asks_passphrase=False)
        self._failed(error)

    def _secret_read(self, source: str, secret: SecretBytes) -> None:
        if self._plain is not None:
            self._plain.wipe()
        self._plain = secret
        self._update(secret_source=source)
        self._join_plain()

    def _signature_read(self, source: str, signature: bytes) -> None:
        self._signature = signature
        self._update(signature_source=source)
        self._join_plain()

    def _join_plain(self) -> None:
        draft = self.draft
        if self._plain is None or (draft.situation.offers_v2 and not self._signature):
            return
        secret = SecretBytes(self._plain.reveal())
        job = partial(
            take_plain,
            secret,
            self._signature,
            draft.secret_source,
            draft.situation.known,
            draft.progress.keys,
        )
        self._work(tr("Checking…"), job, lambda share: self._update(share=share))

    # -- sending ----------------------------------------------------------------------------------------------------
    def _send(self, share: Contributed) -> None:
        client = self._elsewhere.client()
        if client is None or not self.draft.situation.can_recover:
            self._flow.return_to(SITUATION)
            self._show()
            return
        if fingerprint(client.trust.root_der) != self.draft.progress.root:
            self.situation_changed(replace(self.draft.situation, root=client.trust.fingerprint))
            return
        self._update(busy=tr("Sending the share of {holder}…", holder=_name(share)), problem=None)
        self._runner.write(
            partial(give, client, share),
            lane=self.draft.situation.profile.id,
            then=partial(self._answered, share),
            failed=partial(self._not_sent, share),
        )

    def _answered(self, share: Contributed, outcome: Outcome) -> None:
        known = self.draft.situation.known
        match outcome:
            case Accepted(remaining=remaining, server_text=text):
                progress = self.draft.progress.accepted(share, self._clock(), remaining, known)
                self._purge(_name(share))
                self._took(progress, text)
            case Declined(error=error, server_text=text):
                refused = _refused(share, self._clock(), error, text)
                self._purge(_name(share))
                self._took(self.draft.progress.was_refused(refused), text)
            case Unanswered(error=error):
                self._update(busy="", problem=error)

    def _took(self, progress: Progress, server_text: str) -> None:
        self._elsewhere.progressed(progress)
        self._flow.update(replace(self.draft, progress=progress, busy="", server_text=server_text))
        if progress.done:
            self._go_to_verify()
        self._show()

    def _not_sent(self, share: Contributed, error: MarbleError) -> None:
        """Nothing was sent, so nothing was lost: the share is kept for another try, unless the coordinator is another."""
        del share
        self._flow.update(replace(self.draft, busy="", problem=error))
        if isinstance(error, NotTrusted):
            self._lost_sight(error)
        self._show()

    def _lost_sight(self, error: NotTrusted) -> None:
        presented = error.presented if isinstance(error, RootChanged) else ""
        self._elsewhere.attest()
        situation = replace(self.draft.situation, root="", attested=None, failure=error)
        if _was_finished_elsewhere(situation):
            self.situation_changed(situation)
            return
        progress = self.draft.progress.under(presented) if presented else self.draft.progress
        self._elsewhere.progressed(progress)
        self._purge()
        self._flow.return_to(SITUATION)
        self._flow.update(
            replace(self.draft, situation=situation, progress=progress, exception=False, problem=None)
        )

    def _next_holder(self) -> None:
        self._purge(self.draft.whose)
        self._flow.return_to(SHARE)
        self._show()

    # -- the end ----------------------------------------------------------------------------------------------------
    def _go_to_verify(self) -> None:
        self._flow.jump(VERIFY)
        client = self._elsewhere.client()
        if client is None:
            self._failed(_nobody_to_ask())
            return
        situation = self.draft.situation
        self._work(
            tr("Looking at what came back…"),
            partial(verify_recovered, client, situation.lasting_root, situation.known),
            self._looked,
        )

    def _looked(self, verified: Verified) -> None:
        self._update(verified=verified)
        self._elsewhere.recovered(verified)

    def _finish(self) -> None:
        self._generation.next()
        self._purge()
        if self._view is not None:
            self._view.finish()

    # -- inside -----------------------------------------------------------------------------------------------------
    def _work(
        self,
        doing: str,
        job: Callable[[], object],
        then: Callable[..., None],
        failed: Callable[[MarbleError], None] | None = None,
    ) -> None:
        """Do something on a worker that changes nothing anywhere; an answer to an older question is dropped."""
        current = self._generation.next()
        self._update(busy=doing, problem=None)

        def done(outcome: object) -> None:
            self._flow.update(replace(self.draft, busy=""))
            then(outcome)
            self._show()

        def went_wrong(error: MarbleError) -> None:
            self._flow.update(replace(self.draft, busy=""))
            (failed or self._failed)(error)

        self._runner.read(job, then=current(done), failed=current(went_wrong))

    def _failed(self, error: MarbleError) -> None:
        progress = self.draft.progress
        if isinstance(error, WrongShare):
            source = self.draft.shares.source if self.draft.shares is not None else self.draft.secret_source
            refused = RefusedShare(error.holder, source, self._clock(), error.sentence, error.hint)
            progress = progress.was_refused(refused)
            self._elsewhere.progressed(progress)
        self._update(problem=error, progress=progress)

    def _forget_key(self) -> None:
        if self._key is not None:
            self._key.wipe()
            self._key = None

    def _purge(self, whose: str = "") -> None:
        """Wipe everything that a holder has brought."""
        self._generation.next()
        self._forget_key()
        if self._plain is not None:
            self._plain.wipe()
            self._plain = None
        self._signature = b""
        if self.draft.share is not None:
            self.draft.share.wipe()
        empty = Draft(self.draft.situation)
        had_some = self.draft.shares is not None or self.draft.share is not None
        self._flow.update(
            replace(
                self.draft,
                shares=None,
                share=None,
                key_source="",
                asks_passphrase=False,
                secret_source="",
                signature_source="",
                request=None,
                carried="",
                way=empty.way,
                problem=None,
                server_text="",
                purged=self._clock() if had_some else self.draft.purged,
                whose=whose if had_some else self.draft.whose,
            )
        )
        if self._view is not None:
            self._view.forget_inputs()

    def _update(self, **changes: object) -> None:
        self._flow.update(replace(self.draft, **changes))  # type: ignore[arg-type]  # names are those of the draft
        self._show()

    def _show(self) -> None:
        if self._view is not None:
            now = self._clock()
            self._view.show_state(wizard_state(self._flow, self._band), pages_state(self.draft, now))


def _refused(share: Contributed, at: dt.datetime, error: MarbleError, text: str) -> RefusedShare:
    return RefusedShare(
        share.holder,
        share.source,
        at,
        tr("The coordinator refused the share of {holder} from {source}.", holder=_name(share), source=share.source),
        tr("Its words tell why. It may be of another coordinator, or from before the recovery keys were changed."),
        text or error.sentence,
    )  # fmt: skip


def _name(share: Contributed) -> str:
    return share.holder or tr("a holder without a name")


def _was_finished_elsewhere(situation: Situation) -> bool:
    """Whether the coordinator shows its old root again, which it does once its state is open."""
    failure = situation.failure
    if not isinstance(failure, RootChanged) or not situation.lasting_root:
        return False
    return failure.presented == fingerprint(situation.lasting_root)


def _nobody_to_ask() -> MarbleError:
    return MarbleError(
        tr("The state is open, but the coordinator was not asked how it is: the connection is gone."),
        hint=tr("Close this window and look at the overview."),
    )
