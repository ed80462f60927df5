"""Writing the values of several secrets to a file, encrypted under a password unless the operator insists. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from marble_client.client import CoordinatorClient
from marble_client.witness import Deed
from marble_console.files import reason, replace_file
from marble_console.journal.deeds import Done
from marble_console.pages.secrets.base import Means, SecretsDialog
from marble_console.pages.secrets.listing import Listing, Status
from marble_console.pages.secrets.reading import read_allowed
from marble_console.parts import Cell, Row, Tone
from marble_console.wizard.flow import OPEN, Gate, shut
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import SecretName
from marble_core.secretbytes import SecretBytes
from marble_core.secretfile import encrypt, write_entries
from marble_core.usersecrets import UserSecret

SHORTEST_PASSWORD = 12


class ExportNotSaved(MarbleError):
    """The exported file could not be written."""

    code = "export_not_saved"


@dataclass(frozen=True, slots=True)
class ExportState:
    """`outcome` is what came of it, and `tone` how it counts. `is_over` once a file was written."""

    rows: Sequence[Row] = ()
    encrypted: bool = True
    gate: Gate = OPEN
    busy: bool = False
    outcome: str = ""
    tone: Tone | None = None
    is_over: bool = False


class ExportPresenter(SecretsDialog[ExportState]):
    """The readable secrets of a listing, to choose from."""

    def __init__(self, listing: Listing, means: Means) -> None:
        super().__init__(means, ExportState())
        self._items = tuple(
            each for each in listing.items if each.may_read and each.status is not Status.NOT_SET
        )
        self._chosen: set[str] = set()
        self._length, self._agree = 0, False
        self._render()

    def choose(self, name: str, chosen: bool) -> None:
        (self._chosen.add if chosen else self._chosen.discard)(name)
        self._render()

    def choose_all(self, chosen: bool) -> None:
        self._chosen = {each.name for each in self._items} if chosen else set()
        self._render()

    def set_encrypted(self, encrypted: bool) -> None:
        self.state = replace(self.state, encrypted=encrypted)
        self._render()

    def typed(self, length: int, *, agree: bool) -> None:
        """What can be said of the two passwords."""
        self._length, self._agree = length, agree
        self._render()

    def save(self, path: Path, password: SecretBytes | None) -> None:
        """Read the chosen ones and write them. The password is wiped afterwards."""
        client = self._means.client()
        if client is None or not self.state.gate.is_open:
            return
        secret = password if self.state.encrypted else None
        names = tuple(SecretName(each.name) for each in self._items if each.name in self._chosen)
        self._set(replace(self.state, busy=True, outcome=""))
        self._means.runner.write(
            partial(_export, client, names, path, secret),
            lane=path,
            then=partial(self._saved, path, len(names)),
            failed=self._failed,
        )

    def _saved(self, path: Path, wanted: int, refused: tuple[SecretName, ...]) -> None:
        written = wanted - len(refused)
        words = ntr(
            "{count} secret written to {name}.", "{count} secrets written to {name}.", written, name=path.name
        )
        if refused:
            words += " " + tr("Refused by the coordinator: {names}.", names=", ".join(refused))
        tone = Tone.CAUTION if refused else Tone.NEUTRAL
        self._set(replace(self.state, busy=False, outcome=words, tone=tone, is_over=True))

    def _failed(self, error: MarbleError) -> None:
        explained = self._explain(error)
        words = f"{explained.sentence} {explained.hint}".strip()
        self._set(replace(self.state, busy=False, outcome=words, tone=Tone.FAILED))

    def _gate(self) -> Gate:
        if not self._chosen:
            return shut(tr("Choose what to export."))
        if self.state.encrypted and self._length < SHORTEST_PASSWORD:
            return shut(tr("Give a password of at least {count} characters.", count=SHORTEST_PASSWORD))
        if self.state.encrypted and not self._agree:
            return shut(tr("Give the same password twice."))
        return OPEN

    def _render(self) -> None:
        rows = tuple(
            Row(
                each.name,
                (
                    Cell(each.name, icon=each.icon, strong=True),
                    Cell(f"{each.kind.value} · {each.size_words}", colour="text2"),
                ),
                checked=each.name in self._chosen,
            )
            for each in self._items
        )
        self._set(replace(self.state, rows=rows, gate=self._gate()))


def _export(
    client: CoordinatorClient, names: Sequence[SecretName], path: Path, password: SecretBytes | None
) -> tuple[SecretName, ...]:
    """Write what may be read; returns the names that were refused. Nothing is written when nothing may be."""
    reading = read_allowed(client, names)
    if not reading.values:
        raise next(iter(reading.refused.values()))
    values: dict[str, UserSecret] = {}
    try:
        for name, value in reading.values.items():
            if value.kind.is_certificate:
                values[name] = UserSecret(cert=value.cert_der, private=value.secret.reveal())
            else:
                values[name] = UserSecret(key=value.secret.reveal())
        content = write_entries(values)
        # What the coordinator gave out counts, and whether it came to the file.
        with client.witness.during(Deed.of(Done.EXPORT, reading.values)):
            _write(path, encrypt(content, password) if password else content)
    finally:
        for value in reading.values.values():
            value.wipe()
        if password is not None:
            password.wipe()
    return tuple(reading.refused)


def _write(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content, mode=0o600)
    except OSError as error:
        raise ExportNotSaved(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another folder."),
        ) from error
