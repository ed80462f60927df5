"""Setting several secrets from a file: what would become of each entry, and what became of it. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from marble_client.errors import OutcomeUnknown, Refused
from marble_console.pages.secrets.base import Means, SecretsDialog
from marble_console.pages.secrets.listing import Listing
from marble_console.pages.secrets.planning import Fate, Planned, plan
from marble_console.parts import Cell, ChipState, Row, Tone
from marble_console.tasks import Generation
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes
from marble_core.secretfile import PasswordNeeded, SecretFileRefused


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


class BatchPresenter(SecretsDialog[BatchState]):
    """A file of secrets."""

    def __init__(self, listing: Listing, means: Means) -> None:
        super().__init__(means, BatchState())
        self._listing = listing
        self._generation = Generation()
        self._planned: tuple[Planned, ...] = ()
        self._chosen: set[str] = set()
        self._pending: list[str] = []

    def close(self) -> None:
        """The dialog is over: send nothing more, and let go of the values."""
        super().close()
        self._generation.next()
        self._pending = []
        self._drop()

    def load(self, path: Path, password: SecretBytes | None = None) -> None:
        """Read a file and judge its entries; the password is wiped afterwards."""
        current = self._generation.next()
        self._drop()
        self._set(BatchState(path, busy=tr("Checking {name}…", name=path.name)))
        self._means.runner.read(
            partial(plan, path, password, self._listing, self._means.now()),
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
        client = self._means.client()
        if not self._pending or client is None:
            self._pending = []
            self._set(replace(self.state, is_sending=False, busy=""))
            self._render()
            self._means.done()
            return
        name = self._pending.pop(0)
        planned = next(each for each in self._planned if each.name == name)
        self._set(replace(self.state, busy=tr("Setting {name}…", name=name)))
        if planned.made is None or planned.item is None:
            self._next()
            return
        self._write(
            client,
            planned.item.name,
            planned.made.value,
            then=lambda: self._sent(name, tr("set"), Tone.NEUTRAL),
            failed=partial(self._not_sent, name),
        )

    def _not_sent(self, name: str, error: MarbleError) -> None:
        explained = self._explain(error)
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
