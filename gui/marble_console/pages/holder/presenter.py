"""Taking a holder's share and key, the same in the recovery, in a drill and at the offline desk. No Qt.

A key file waits here for its passphrase, and is wiped as soon as it was tried. Of a token nothing is here but its name; the PIN
goes with the job that uses it. One job at a time talks to tokens.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from marble_client.tokens import TokenInfo, list_tokens
from marble_console.pages.holder.state import HolderDraft, KeyChoice, Place, Way
from marble_console.recovering.errors import PassphraseNeeded, PassphraseWrong
from marble_console.recovering.files import read_file
from marble_console.recovering.keys import HolderKey
from marble_console.recovering.known import Deployment
from marble_console.recovering.modules import find_modules
from marble_console.recovering.shares import SavedShares, read_shares
from marble_console.recovering.sources import KeyFile, KeyOnToken, KeySource, fingerprints
from marble_console.tasks import Runner
from marble_console.wizard.flow import Flow, WizardState
from marble_console.wizard.presenting import WizardPresenter
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes

TOKENS = "tokens"
"""The lane of jobs that talk to tokens."""


class View(Protocol):
    def show_state(self, wizard: WizardState, pages: Any) -> None: ...

    def finish(self) -> None: ...

    def forget_inputs(self) -> None:
        """Empty every field that something was typed into."""
        ...


D = TypeVar("D", bound=HolderDraft)


class HolderPresenter(WizardPresenter[D, View]):
    """A subclass says what a key is used for (`_use`), and what comes of it (`_used`)."""

    doing = tr("Trying the key…")

    def __init__(self, flow: Flow[D], runner: Runner) -> None:
        super().__init__(flow, runner)
        self._file: KeyFile | None = None

    # -- the share --------------------------------------------------------------------------------------------------
    def choose_shares(self, path: Path) -> None:
        """Read a file of saved shares."""
        self._read_shares(lambda: read_shares(read_file(path), path.name))

    def paste_shares(self, text: str) -> None:
        """Take saved shares from the clipboard."""
        self._read_shares(lambda: read_shares(text.encode("utf-8", "replace"), tr("the clipboard")))

    def choose_way(self, way: Way) -> None:
        """Bring the share another way, where there is one."""

    def choose_secret(self, path: Path) -> None:
        """Read a secret that was decrypted elsewhere, where that is of use."""

    def choose_signature(self, path: Path) -> None:
        """Read the holder's signature over it, where that is of use."""

    # -- the key ----------------------------------------------------------------------------------------------------
    def choose_place(self, place: Place) -> None:
        """The key is in a file, or on a token: then look which libraries there are, once."""
        self._forget_key()
        self._used_no_more()
        self._update(key=replace(self.draft.key, place=place, source=""), problem=None)
        if place is Place.TOKEN and self.draft.key.modules is None:
            self._work(tr("Looking for libraries of tokens…"), find_modules, self._modules_found)

    def choose_key(self, path: Path) -> None:
        """Read a key file, and try it at once: most are used without more being asked."""
        self._forget_key()
        self._used_no_more()
        self._update(key=KeyChoice(source=path.name, modules=self.draft.key.modules))
        self._work(tr("Reading the key…"), partial(KeyFile.read, path), self._key_read)

    def check_key(self, passphrase: SecretBytes) -> None:
        """Try the key again with this passphrase, which is wiped afterwards."""
        if self._file is None:
            passphrase.wipe()
        else:
            self._try(self._file, passphrase)

    def choose_module(self, module: Path) -> None:
        """Look for tokens by this library."""
        self._used_no_more()
        self._update(key=replace(self.draft.key, module=module, tokens=None, slot=None))
        self.look_for_tokens()

    def look_for_tokens(self) -> None:
        """See which tokens there are now."""
        module = self.draft.key.module
        if module is not None:
            self._work(
                tr("Looking for tokens…"), partial(list_tokens, module), self._tokens_found, lane=TOKENS
            )

    def choose_token(self, slot: int) -> None:
        self._used_no_more()
        self._update(key=replace(self.draft.key, slot=slot), problem=None)

    def use_token(self, pin: SecretBytes) -> None:
        """Try the keys of the token with this PIN, which is wiped afterwards; at a pin pad it is empty."""
        key = self.draft.key
        if key.module is None or key.token is None or self.draft.busy:
            pin.wipe()
            return
        source = KeyOnToken(key.module, key.token, self._first())
        self._try(source, None if key.token.has_pin_pad else pin)

    def lock(self) -> None:
        """The console is locked: forget what was typed and read."""
        self._generation.next()
        self._forget_key()
        key = replace(self.draft.key, source="", asks_passphrase=False)
        self._update(key=key, busy="")

    # -- for subclasses ---------------------------------------------------------------------------------------------
    @abstractmethod
    def _use(self) -> Callable[[HolderKey], object] | None:
        """What is done with the key; None while something else is missing."""

    @abstractmethod
    def _used(self, outcome: Any) -> None:
        """What came of it."""

    def _used_no_more(self) -> None:
        """Another key is coming: what the one before has given does not count any more."""

    def _known(self) -> Deployment | None:
        """The holders, as far as they are known: their keys are tried first on a token."""
        return None

    def _first(self) -> frozenset[str]:
        return fingerprints(self._known())

    def _forget(self) -> None:
        self._forget_key()

    def _forget_key(self) -> None:
        """Wipe the key file and empty the fields."""
        if self._file is not None:
            self._file.wipe()
            self._file = None
        if self._view is not None:
            self._view.forget_inputs()

    # -- inside -----------------------------------------------------------------------------------------------------
    def _read_shares(self, job: Callable[[], SavedShares]) -> None:
        self._used_no_more()
        self._update(shares=None)
        self._work(tr("Reading the share…"), job, self._shares_read)

    def _shares_read(self, shares: SavedShares) -> None:
        self._update(shares=shares)

    def _key_read(self, file: KeyFile) -> None:
        self._file = file
        self._try(file, None)

    def _modules_found(self, modules: tuple[Path, ...]) -> None:
        self._update(key=replace(self.draft.key, modules=modules))
        if len(modules) == 1:
            self.choose_module(modules[0])

    def _tokens_found(self, tokens: tuple[TokenInfo, ...]) -> None:
        key = self.draft.key
        slots = [token.slot for token in tokens]
        slot = key.slot if key.slot in slots else next(iter(slots), None)
        self._update(key=replace(key, tokens=tokens, slot=slot))

    def _try(self, source: KeySource, word: SecretBytes | None) -> None:
        job = self._use()
        if job is None:
            if word is not None:
                word.wipe()
            return
        lane = None if isinstance(source, KeyFile) else TOKENS
        self._work(self.doing, lambda: source.use(word, job), self._key_used, self._key_failed, lane)

    def _key_used(self, outcome: object) -> None:
        self._forget_key()
        self._update(key=replace(self.draft.key, asks_passphrase=False))
        self._used(outcome)

    def _key_failed(self, error: MarbleError) -> None:
        if isinstance(error, PassphraseNeeded):
            self._update(key=replace(self.draft.key, asks_passphrase=True), problem=None)
            return
        if not isinstance(error, PassphraseWrong):
            self._forget_key()
            self._update(key=replace(self.draft.key, asks_passphrase=False))
        self._failed(error)
