"""Setting several secrets from a file: what would become of each entry, and what became of it. No Qt."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.client import CoordinatorClient
from marble_client.errors import OutcomeUnknown, Refused
from marble_console.pages.secrets.listing import Listing, SecretItem, Status
from marble_console.pages.secrets.reading import explain_refusal
from marble_console.pages.secrets.setting import Made, content_of, made_of_key, made_of_pair
from marble_console.parts import Cell, ChipState, Row, Tone
from marble_console.tasks import Generation, Runner
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.keypair import KeyPairRefused, pair_of, read_certificates, read_key, read_pair
from marble_core.manifest.model import Manifest, SecretName, SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secretfile import (
    Entry,
    Given,
    PasswordNeeded,
    SecretFileRefused,
    decrypt,
    is_encrypted,
    read_entries,
)
from marble_core.secretinput import (
    Grade,
    InputRefused,
    key_from_file,
    key_from_text,
    new_key,
    new_password,
)
from marble_core.usersecrets import UserSecret


class Fate(Enum):
    """What would become of an entry."""

    SET = "set"
    REPLACE = "replace"
    REFUSED = "refused"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry, judged. `made` is the value, for those that could be sent; `outcome` what came of sending it."""

    name: str
    fate: Fate
    why: str = ""
    item: SecretItem | None = None
    made: Made | None = None
    outcome: str = ""
    tone: Tone | None = None

    @property
    def can_send(self) -> bool:
        """Whether there is a value that is not set yet: one that was refused can be sent again."""
        return self.made is not None and self.tone is not Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class BatchState:
    """`wants_password` for an encrypted file. `tick` has to be ticked where present values get lost."""

    file: Path | None = None
    subtitle: str = ""
    rows: Sequence[Row] = ()
    wants_password: bool = False
    wrong: str = ""
    busy: str = ""
    tick: str = ""
    ticked: bool = False
    send: str = ""
    can_send: bool = False
    is_sending: bool = False


class View(Protocol):
    def show_state(self, state: BatchState) -> None: ...


class BatchPresenter:
    """A file of secrets. `done` is called when some were set."""

    def __init__(
        self,
        listing: Listing,
        runner: Runner,
        *,
        client: Callable[[], CoordinatorClient | None],
        acting: str,
        lane: Hashable,
        done: Callable[[], None],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._listing = listing
        self._runner = runner
        self._client = client
        self._acting = acting
        self._lane = lane
        self._done = done
        self._now = now
        self._generation = Generation()
        self._view: View | None = None
        self._planned: tuple[Planned, ...] = ()
        self._chosen: set[str] = set()
        self._pending: list[str] = []
        self.state = BatchState()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def close(self) -> None:
        """The dialog is over: send nothing more, and let go of the values."""
        self._view = None
        self._generation.next()
        self._pending = []
        self._drop()

    def load(self, path: Path, password: SecretBytes | None = None) -> None:
        """Read a file and judge its entries; the password is wiped afterwards."""
        current = self._generation.next()
        self._drop()
        self._set(BatchState(path, busy=tr("Checking {name}…", name=path.name)))
        self._runner.read(
            partial(_plan, path, password, self._listing, self._now()),
            then=current(self._judged),
            failed=current(self._refused),
        )

    def choose(self, name: str, chosen: bool) -> None:
        (self._chosen.add if chosen else self._chosen.discard)(name)
        self._render()

    def tick(self, ticked: bool) -> None:
        self._set(replace(self.state, ticked=ticked))
        self._render()

    def send(self) -> None:
        """Set the chosen ones, one after another: one that is refused keeps no other back."""
        if not self.state.can_send:
            return
        self._pending = [each.name for each in self._planned if each.can_send and each.name in self._chosen]
        self._set(replace(self.state, is_sending=True))
        self._next()

    def stop(self) -> None:
        """Send no further ones."""
        self._pending = []

    # -- inside ---------------------------------------------------------------------------------------------------
    def _next(self) -> None:
        client = self._client()
        if not self._pending or client is None:
            self._pending = []
            self._set(replace(self.state, is_sending=False, busy=""))
            self._render()
            self._done()
            return
        name = self._pending.pop(0)
        planned = next(each for each in self._planned if each.name == name)
        self._set(replace(self.state, busy=tr("Setting {name}…", name=name)))
        if planned.made is None or planned.item is None:
            self._next()
            return
        # No generation here: what was sent has an outcome, whatever the operator does meanwhile.
        self._runner.write(
            partial(client.write_secrets, {planned.item.name: planned.made.value}),
            lane=self._lane,
            then=lambda _: self._sent(name, tr("set"), Tone.NEUTRAL),
            failed=partial(self._not_sent, name),
        )

    def _not_sent(self, name: str, error: MarbleError) -> None:
        explained = explain_refusal(error, self._acting)
        words = f"{explained.sentence} {explained.hint}"
        if isinstance(explained, Refused) and explained.server_text:
            words += f" “{explained.server_text}”"
        tone = Tone.CAUTION if isinstance(error, OutcomeUnknown) else Tone.FAILED
        self._sent(name, words, tone)

    def _sent(self, name: str, outcome: str, tone: Tone) -> None:
        self._planned = tuple(
            replace(each, outcome=outcome, tone=tone) if each.name == name else each for each in self._planned
        )
        self._render()
        self._next()

    def _judged(self, planned: tuple[Planned, ...]) -> None:
        self._planned = planned
        self._chosen = {each.name for each in planned if each.made is not None}
        self._set(replace(self.state, busy=""))
        self._render()

    def _refused(self, error: MarbleError) -> None:
        wrong = f"{error.sentence} {error.hint}".strip()
        locked = self.state.file is not None and isinstance(error, SecretFileRefused)
        needed = isinstance(error, PasswordNeeded)
        self._set(
            replace(
                self.state,
                busy="",
                wants_password=needed or (locked and self.state.wants_password) or _is_about_password(error),
                wrong="" if needed else wrong,
            )
        )

    def _render(self) -> None:
        ready = [each for each in self._planned if each.can_send and each.name in self._chosen]
        replaced = sum(each.fate is Fate.REPLACE for each in ready)
        warned = sum(bool(each.why) for each in ready)
        tick = ""
        if replaced:
            tick = ntr("{count} present value may be lost", "{count} present values may be lost", replaced)
        elif warned:
            tick = tr("I checked the warnings")
        ticked = self.state.ticked and tick == self.state.tick
        self._set(
            replace(
                self.state,
                subtitle=_subtitle(self._planned),
                rows=tuple(_row(each, each.name in self._chosen) for each in self._planned),
                tick=tick,
                ticked=ticked,
                send=ntr("Send {count} secret", "Send {count} secrets", len(ready)) if ready else "",
                can_send=bool(ready) and (ticked or not tick) and not self.state.is_sending,
            )
        )

    def _drop(self) -> None:
        for each in self._planned:
            if each.made is not None:
                each.made.secret.wipe()
        self._planned, self._chosen = (), set()

    def _set(self, state: BatchState) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)


def _is_about_password(error: MarbleError) -> bool:
    return isinstance(error, SecretFileRefused) and "password" in error.sentence


_CHIPS = {
    Fate.SET: ChipState(tr("set"), Tone.ADDED, sign="+"),
    Fate.REPLACE: ChipState(tr("replace"), Tone.CAUTION, sign="~"),
    Fate.REFUSED: ChipState(tr("refused"), Tone.FAILED, "lock"),
    Fate.INVALID: ChipState(tr("invalid"), Tone.FAILED, "circle-x"),
    Fate.UNKNOWN: ChipState(tr("unknown"), Tone.NEUTRAL, "circle-dashed"),
}


def _row(planned: Planned, chosen: bool) -> Row:
    outcome = Cell(planned.outcome, tone=planned.tone, colour="text2", tooltip=planned.outcome)
    if planned.outcome and planned.tone is Tone.NEUTRAL:
        outcome = Cell(planned.outcome, icon="check", colour="text2")
    kind = f"{planned.item.kind.value} · {planned.item.size_words}" if planned.item is not None else "–"
    return Row(
        planned.name,
        (
            Cell(planned.name, strong=True),
            Cell(kind, colour="text2"),
            Cell(chip=_CHIPS[planned.fate]),
            Cell(planned.why, colour="text2", tooltip=planned.why),
            outcome,
        ),
        checked=chosen if planned.can_send else None,
        dimmed=planned.made is None,
    )


def _subtitle(planned: Sequence[Planned]) -> str:
    parts = []
    for fate in Fate:
        count = sum(each.fate is fate for each in planned)
        if count:
            parts.append(f"{count} {_CHIPS[fate].text}")
    return " · ".join(parts)


def _plan(
    path: Path, password: SecretBytes | None, listing: Listing, now: dt.datetime
) -> tuple[Planned, ...]:
    """Judge every entry of a file; nothing is sent."""
    content = content_of(path)
    try:
        if is_encrypted(content):
            content = decrypt(content, password)
    finally:
        if password is not None:
            password.wipe()
    by_name: dict[str, SecretItem] = {each.name: each for each in listing.items}
    return tuple(
        _judge(entry, by_name.get(entry.name), _reading(listing, entry.name), path.parent, now)
        for entry in read_entries(content)
    )


def _reading(listing: Listing, name: str) -> Manifest:
    """The manifest with those marbles only that look at a secret: no others need be tried with its value."""
    marbles = listing.manifest.marbles
    chosen = {use.marble for use in listing.uses.get(SecretName(name), ())}
    return replace(listing.manifest, marbles={each: marbles[each] for each in sorted(chosen)})


def _judge(
    entry: Entry, item: SecretItem | None, manifest: Manifest, folder: Path, now: dt.datetime
) -> Planned:
    if item is None:
        return Planned(entry.name, Fate.UNKNOWN, tr("The manifest has no secret of this name."))
    if not item.may_write:
        generated = not item.definition.user_defined
        why = tr("The coordinator generates it.") if generated else tr("You have no right WriteSecret on it.")
        return Planned(entry.name, Fate.REFUSED, why, item)
    try:
        made = _make(entry, item, manifest, folder, now)
        _require_no_error(made)
    except MarbleError as error:
        return Planned(entry.name, Fate.INVALID, error.sentence, item)
    warned = " ".join(each.sentence for each in made.remarks if each.grade is Grade.WARNING)
    fate = Fate.REPLACE if item.status is Status.SET else Fate.SET
    return Planned(entry.name, fate, warned, item, made)


def _require_no_error(made: Made) -> None:
    for remark in made.remarks:
        if remark.grade is Grade.ERROR:
            made.secret.wipe()
            raise InputRefused(remark.sentence)


def _beside(folder: Path, name: str) -> Path:
    """A file beside the batch, or below. A batch from somebody else must not send whatever this computer holds."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InputRefused(tr("The file does not lie beside the batch, or below."))
    return path


def _make(entry: Entry, item: SecretItem, manifest: Manifest, folder: Path, now: dt.datetime) -> Made:
    """The value of an entry; raises InputRefused, KeyPairRefused and SecretFileUnreadable."""
    if entry.given is Given.WRONG:
        raise InputRefused(entry.why)
    if entry.api is not None:
        return _from_api(entry.api, item, manifest, now)
    if item.kind.is_certificate:
        content = (
            content_of(_beside(folder, entry.text)) if entry.given is Given.FILE else entry.text.encode()
        )
        if entry.given not in {Given.PEM, Given.ANY, Given.FILE}:
            raise InputRefused(tr("A certificate is given as PEM, or as a file."))
        return made_of_pair(item, manifest, read_pair(content), now)
    return made_of_key(item, manifest, _value(entry, item, folder))


def _value(entry: Entry, item: SecretItem, folder: Path) -> SecretBytes:
    bits = item.definition.size
    is_key = item.kind is SecretType.SYMMETRIC_KEY
    match entry.given:
        case Given.GENERATE:
            return new_key(bits) if is_key else new_password()
        case Given.FILE:
            content = content_of(_beside(folder, entry.text))
            return key_from_file(content, bits) if is_key else SecretBytes(content)
        case Given.HEX | Given.BASE64:
            return _decoded(entry, item)
        case Given.PEM:
            raise InputRefused(tr("Only certificates are given as PEM."))
        case _:
            return key_from_text(entry.text, bits) if is_key else SecretBytes(entry.text.encode())


def _decoded(entry: Entry, item: SecretItem) -> SecretBytes:
    try:
        content = (
            bytes.fromhex(entry.text)
            if entry.given is Given.HEX
            else base64.b64decode(entry.text, validate=True)
        )
    except (ValueError, binascii.Error):
        raise InputRefused(tr("This is no {form}.", form=entry.given.value)) from None
    if item.kind is SecretType.SYMMETRIC_KEY:
        return key_from_file(content, item.definition.size)
    return SecretBytes(content)


def _from_api(given: UserSecret, item: SecretItem, manifest: Manifest, now: dt.datetime) -> Made:
    if item.kind.is_certificate:
        if given.cert is None:
            raise InputRefused(tr("A certificate needs Cert."))
        certificates = read_certificates(given.cert)
        if given.private is None:
            raise KeyPairRefused(tr("The entry has no Private. Marbles that use the key would not start."))
        return made_of_pair(item, manifest, pair_of(certificates, read_key(given.private)), now)
    if given.key is None:
        raise InputRefused(tr("The entry has no Key."))
    if item.kind is SecretType.SYMMETRIC_KEY and len(given.key) * 8 != item.definition.size:
        raise InputRefused(
            tr(
                "The key has {bits} bits, and {size} are needed.",
                bits=len(given.key) * 8,
                size=item.definition.size,
            )
        )
    return made_of_key(item, manifest, SecretBytes(given.key))
