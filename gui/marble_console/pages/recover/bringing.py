"""The ways in which a holder brings a share to the wizard: saved, by an offline machine, decrypted elsewhere. No Qt.

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
from marble_console.pages.holder.presenter import HolderPresenter
from marble_console.pages.holder.state import KeyChoice, Way
from marble_console.pages.recover.state import Draft
from marble_console.recovering.errors import WrongShare
from marble_console.recovering.files import read_packet, read_secret_file, read_signature_file, write_packet
from marble_console.recovering.keys import HolderKey
from marble_console.recovering.known import Deployment
from marble_console.recovering.opening import Contributed, open_share, take_plain
from marble_console.recovering.packets import Request, make_request, take_answer
from marble_console.recovering.progress import Progress, RefusedShare
from marble_console.recovering.sending import Verified
from marble_console.recovering.shares import SavedShares
from marble_console.tasks import Runner
from marble_console.wizard.flow import Flow
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes


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


class BringingPresenter(HolderPresenter[Draft]):
    """From what a holder brings to a share that is ready to be sent. `read_picture` and `save_picture` are for QR codes."""

    def __init__(
        self,
        flow: Flow[Draft],
        elsewhere: Elsewhere,
        runner: Runner,
        clock: Callable[[], dt.datetime],
        *,
        read_picture: Callable[[Path], str],
        save_picture: Callable[[str, Path], Path],
    ) -> None:
        super().__init__(flow, runner)
        self._elsewhere = elsewhere
        self._clock = clock
        self._read_picture = read_picture
        self._save_picture = save_picture
        self._plain: SecretBytes | None = None
        self._signature = b""

    def choose_way(self, way: Way) -> None:
        """Bring the share another way. A saved share that was read may go to the offline machine with the request."""
        shares = self.draft.shares if way is not Way.PLAIN else None
        self._purge()
        self._update(way=way, shares=shares)

    # -- decrypted elsewhere ----------------------------------------------------------------------------------------
    def choose_secret(self, path: Path) -> None:
        self._work(tr("Reading…"), partial(read_secret_file, path), partial(self._secret_read, path.name))

    def choose_signature(self, path: Path) -> None:
        self._work(
            tr("Reading…"), partial(read_signature_file, path), partial(self._signature_read, path.name)
        )

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

    # -- by an offline machine --------------------------------------------------------------------------------------
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

    # -- by a key that is here --------------------------------------------------------------------------------------
    def _known(self) -> Deployment | None:
        return self.draft.situation.known

    def _use(self) -> Callable[[HolderKey], Contributed] | None:
        draft = self.draft
        shares, known, given = draft.shares, draft.situation.known, draft.progress.keys
        return None if shares is None else lambda key: open_share(shares, key, known, given)

    def _used(self, outcome: Contributed) -> None:
        self._update(share=outcome)

    def _shares_read(self, shares: SavedShares) -> None:
        self._update(shares=shares, way=Way.SAVED)

    def _used_no_more(self) -> None:
        if self.draft.share is not None:
            self.draft.share.wipe()
            self._update(share=None)

    def _failed(self, error: MarbleError) -> None:
        progress = self.draft.progress
        if isinstance(error, WrongShare):
            source = self.draft.shares.source if self.draft.shares is not None else self.draft.secret_source
            refused = RefusedShare(error.holder, source, self._clock(), error.sentence, error.hint)
            progress = progress.was_refused(refused)
            self._elsewhere.progressed(progress)
        self._update(problem=error, progress=progress)

    # -- wiping -----------------------------------------------------------------------------------------------------
    def _forget(self) -> None:
        self._purge()

    def _purge(self, whose: str = "") -> None:
        """Wipe everything that a holder has brought; whose token it was is kept out, which libraries there are is not."""
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
                key=KeyChoice(modules=self.draft.key.modules),
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
