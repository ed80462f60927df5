"""What can be told of secrets without their values: from manifest, update log and rights. Pure functions, for workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from marble_console.acting import Acting
from marble_console.coordinators.watch import Observation
from marble_console.pages.overview.cards import not_set_yet
from marble_console.parts import Cell, Row, Tone
from marble_console.times import moment
from marble_console.wallet import Known, WalletState
from marble_console.words import tr
from marble_core.manifest.model import (
    Action,
    Manifest,
    SecretDefinition,
    SecretName,
    SecretType,
    UserName,
)
from marble_core.manifest.permissions import Permissions
from marble_core.templates import Use, uses
from marble_core.updatelog import Entry, Kind


class Status(Enum):
    SET = "set"
    NOT_SET = "not set yet"
    GENERATED = "generated"
    PER_MARBLE = "per marble"


class Filter(Enum):
    ALL = "all"
    NOT_SET = "not_set"
    READABLE = "readable"
    CERTIFICATES = "certificates"


@dataclass(frozen=True, slots=True)
class SecretItem:
    """A secret of the manifest in force. `set_by` is a user, `set_at` when, by the log; empty where that tells nothing."""

    name: SecretName
    definition: SecretDefinition
    kind: SecretType
    status: Status
    may_read: bool = False
    may_write: bool = False
    set_at: dt.datetime | None = None
    set_by: str = ""

    @property
    def size_words(self) -> str:
        size = self.definition.size
        match self.kind:
            case SecretType.PLAIN:
                return tr("any")
            case SecretType.CERT_ED25519:
                return "Ed25519"
            case SecretType.CERT_ECDSA:
                return f"P-{size}" if size else tr("any")
            case _:
                return tr("{size} bit", size=size) if size else tr("any")

    @property
    def icon(self) -> str:
        return "stamp" if self.kind.is_certificate else "key-round"

    def passes(self, which: Filter, text: str) -> bool:
        """Whether a filter shows it; `text` is case-folded."""
        if text and text not in self.name.casefold():
            return False
        match which:
            case Filter.ALL:
                return True
            case Filter.NOT_SET:
                return self.status is Status.NOT_SET
            case Filter.READABLE:
                return self.may_read
            case Filter.CERTIFICATES:
                return self.kind.is_certificate


@dataclass(frozen=True, slots=True)
class Listing:
    """The secrets with their rows, in name order, and where templates use them."""

    manifest: Manifest = field(default_factory=Manifest)
    items: tuple[SecretItem, ...] = ()
    rows: Mapping[SecretName, Row] = field(default_factory=dict)
    uses: Mapping[SecretName, tuple[Use, ...]] = field(default_factory=dict)
    counts: Mapping[Filter, int] = field(default_factory=dict)
    by_name: Mapping[SecretName, SecretItem] = field(default_factory=dict)

    def item(self, name: str) -> SecretItem | None:
        return self.by_name.get(SecretName(name))

    def shown(self, which: Filter, text: str) -> tuple[Row, ...]:
        folded = text.strip().casefold()
        return tuple(self.rows[each.name] for each in self.items if each.passes(which, folded))


@dataclass(frozen=True, slots=True)
class Basis:
    """What a listing is made of. Equal bases give equal listings."""

    seen: Observation
    known: Known
    acting: Acting | None
    permissions: Permissions

    @classmethod
    def of(cls, seen: Observation, wallet: WalletState) -> Basis:
        return cls(seen, wallet.known, wallet.acting, wallet.permissions)

    def is_as(self, other: Basis | None) -> bool:
        """Whether it gives the same listing; the parts are compared by identity where they are large."""
        return (
            other is not None
            and self.seen.manifest is other.seen.manifest
            and self.seen.log is other.seen.log
            and self.known is other.known
            and self.acting == other.acting
        )


def listing(basis: Basis, now: dt.datetime) -> Listing:
    """List the secrets of the manifest in force."""
    manifest = basis.seen.manifest
    if manifest is None:
        return Listing()
    items = tuple(_items(basis, manifest))
    return Listing(
        manifest,
        items,
        {each.name: _row(each, now) for each in items},
        _uses(manifest),
        {which: sum(each.passes(which, "") for each in items) for which in Filter},
        {each.name: each for each in items},
    )


def _items(basis: Basis, manifest: Manifest) -> Sequence[SecretItem]:
    missing = set(not_set_yet(basis.seen))
    entries = [entry for entry in basis.seen.log if isinstance(entry, Entry)]
    last = {SecretName(entry.text("secret")): entry for entry in entries if entry.kind is Kind.SECRET_SET}
    made = next(
        (entry for entry in reversed(entries) if entry.kind in {Kind.MANIFEST_SET, Kind.UPDATE_APPLIED}), None
    )
    renewed = next(
        (
            entry
            for entry in reversed(entries)
            if entry.kind in {Kind.MANIFEST_SET, Kind.UPDATE_APPLIED, Kind.PACKAGE_RAISED}
        ),
        None,
    )
    readable = basis.permissions.get(Action.READ_SECRET, frozenset())
    writable = basis.permissions.get(Action.WRITE_SECRET, frozenset())
    found = []
    for name, definition in sorted(manifest.secrets.items()):
        try:
            kind = definition.kind
        except ValueError:
            continue  # no coordinator accepts such a manifest
        status = _status(name, definition, missing)
        entry = last.get(name) if definition.user_defined else renewed if kind.is_certificate else made
        own = status is Status.PER_MARBLE
        found.append(
            SecretItem(
                name,
                definition,
                kind,
                status,
                may_read=name in readable and not own,
                may_write=name in writable and definition.user_defined,
                set_at=entry.time if entry is not None and not own else None,
                set_by=entry.text("user") if entry is not None and definition.user_defined else "",
            )
        )
    return found


def _status(name: SecretName, definition: SecretDefinition, missing: set[SecretName]) -> Status:
    if definition.user_defined:
        return Status.NOT_SET if name in missing else Status.SET
    return Status.GENERATED if definition.shared else Status.PER_MARBLE


def last_set(item: SecretItem, now: dt.datetime) -> str:
    """When and by whom, as the table says it."""
    if item.status is Status.PER_MARBLE:
        return tr("each activation")
    if item.set_at is None:
        return tr("never") if item.status is Status.NOT_SET else tr("with the manifest")
    when = _day(item.set_at, now)
    if item.set_by:
        return f"{when}, {item.set_by}"
    return tr("manifest, {when}", when=when)


def _day(at: dt.datetime, now: dt.datetime) -> str:
    """The day, and the time only of today: what tells times apart in a table."""
    local, today = at.astimezone(), now.astimezone()
    if local.date() == today.date() or local.year != today.year:
        return moment(at, now)
    return f"{local.day} {local:%b}"


_STATUS_CELLS = {
    Status.SET: Cell(tr("set"), icon="check", colour="text2"),
    Status.NOT_SET: Cell(tr("not set yet"), icon="circle-dashed", tone=Tone.CAUTION, strong=True),
    Status.GENERATED: Cell(tr("generated"), icon="zap", colour="text2"),
    Status.PER_MARBLE: Cell(
        tr("per marble"),
        icon="lock",
        colour="text2",
        tooltip=tr("Each marble gets its own at its activation. Nobody can read it."),
    ),
}


def _row(item: SecretItem, now: dt.datetime) -> Row:
    rights = f"{'R' if item.may_read else ' '} {'W' if item.may_write else ' '}"
    none = not item.may_read and not item.may_write
    return Row(
        item.name,
        (
            Cell(item.name, icon=item.icon, strong=True),
            Cell(item.kind.value, colour="text2"),
            Cell(item.size_words, colour="text2"),
            _STATUS_CELLS[item.status],
            Cell(tr("none"), colour="text3") if none else Cell(rights, mono=True, colour="text2"),
            Cell(last_set(item, now), colour="text2"),
        ),
    )


def _uses(manifest: Manifest) -> dict[SecretName, tuple[Use, ...]]:
    found = uses(manifest)
    for tag in manifest.tls.values():
        for entry in tag.incoming:
            if entry.cert:
                marbles = [
                    name for name, marble in manifest.marbles.items() if tag in _tags(manifest, marble.tls)
                ]
                places = tuple(Use(name, "TLS", entry.port) for name in sorted(marbles))
                found[entry.cert] = (*found.get(entry.cert, ()), *places)
    return found


def _tags(manifest: Manifest, names: Sequence[str]) -> list[object]:
    return [manifest.tls[name] for name in names if name in manifest.tls]  # type: ignore[index] # names of tags


def who_may(action: Action, name: SecretName, known: Known) -> tuple[UserName, ...]:
    """The users with a right on a secret, in name order."""
    return tuple(
        user for user in sorted(known.permissions) if name in known.permissions[user].get(action, frozenset())
    )
