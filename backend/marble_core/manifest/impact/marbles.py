"""Services: what they run, how often they may start, and what protects their connections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from marble_core.manifest.impact.model import Impact, ImpactKind, ImpactSeverity
from marble_core.manifest.impact.situation import Situation
from marble_core.manifest.impact.wording import joined, named, verb
from marble_core.manifest.model import Manifest, Marble, MarbleType


def _staying(it: Situation) -> Iterator[tuple[MarbleType, Marble, Marble]]:
    """Marbles on both sides in which something changes, before and after, in name order."""
    for touched in sorted(it.touched("Marbles")):
        name = MarbleType(touched)
        if name in it.old.marbles and name in it.new.marbles:
            yield name, it.old.marbles[name], it.new.marbles[name]


def coming_and_going(it: Situation) -> Iterator[Impact]:
    if not it.is_update:
        return
    come = tuple(sorted(name for name in it.new.marbles if name not in it.old.marbles))
    gone = tuple(sorted(name for name in it.old.marbles if name not in it.new.marbles))
    if come:
        yield Impact(
            ImpactKind.MARBLES,
            ImpactSeverity.MEDIUM,
            f"{named(come, 'marble')} {verb(come, 'is', 'are')} new",
            f"{joined(come)} {verb(come, 'gets', 'get')} every secret that {verb(come, 'its', 'their')} templates name.",
            come,
            it.under(*(("Marbles", name) for name in come)),
        )
    if gone:
        yield Impact(
            ImpactKind.MARBLES,
            ImpactSeverity.MEDIUM,
            f"{named(gone, 'marble')} cannot start any more",
            f"What runs of {joined(gone)} goes on until it is stopped.",
            gone,
            it.under(*(("Marbles", name) for name in gone)),
        )


def other_packages(it: Situation) -> Iterator[Impact]:
    """A marble that another program may run as. A package that only got another name is none."""
    for name, old, new in _staying(it):
        before, after = it.old.packages.get(old.package), it.new.packages.get(new.package)
        if old.package != new.package and before != after:
            yield Impact(
                ImpactKind.IDENTITY,
                ImpactSeverity.HIGH,
                f"{name} runs another program",
                f"Package {new.package} in place of {old.package} gets the secrets of this marble.",
                (name,),
                it.under(("Marbles", name, "Package")),
            )


def activations(it: Situation) -> Iterator[Impact]:
    """Counts go on over an update, so a limit that falls may be used up already."""
    groups: dict[str, list[MarbleType]] = defaultdict(list)
    for name, old, new in _staying(it):
        if old.max_activations != new.max_activations:
            groups[_turn(old.max_activations, new.max_activations)].append(name)
    for turn, (severity, effect, explanation) in _TURNS.items():
        if names := groups.get(turn):
            yield Impact(
                ImpactKind.ACTIVATIONS,
                severity,
                f"{named(names, 'marble')} may start {effect}",
                explanation.format(names=joined(names), has=verb(names, "has", "have")),
                tuple(names),
                it.under(*(("Marbles", name, "MaxActivations") for name in names)),
            )


def _turn(old: int, new: int) -> str:
    if new == 0:
        return "unlimited"
    return "fewer" if old == 0 or new < old else "more"


_TURNS: Mapping[str, tuple[ImpactSeverity, str, str]] = {
    "unlimited": (
        ImpactSeverity.HIGH,
        "without limit",
        "{names} {has} no limit any more: whoever has the package can start as many as they like.",
    ),
    "more": (ImpactSeverity.MEDIUM, "more often", "{names} {has} a higher limit. Starts so far count."),
    "fewer": (
        ImpactSeverity.MEDIUM,
        "less often",
        "{names} {has} a lower limit. Starts so far count, so none may be left.",
    ),
}


class _Connection(NamedTuple):
    """Where a marble listens, or what it calls; `addr` is empty where it listens."""

    addr: str
    port: str

    def of(self, marble: str) -> str:
        return f"{marble} to {self.addr}:{self.port}" if self.addr else f"{marble} on port {self.port}"


def connections(it: Situation) -> Iterator[Impact]:
    """Connections that TLS wraps no longer, and ports at which it no longer asks who comes."""
    bare: list[tuple[MarbleType, _Connection]] = []
    unchecked: list[tuple[MarbleType, _Connection]] = []
    for name in _rewired(it):
        after = _wrapped(it.new, it.new.marbles[name])
        for connection, checked in _wrapped(it.old, it.old.marbles[name]).items():
            if connection not in after:
                bare.append((name, connection))
            elif checked and not after[connection]:
                unchecked.append((name, connection))
    if bare:
        what, theirs = ("connection loses", "it") if len(bare) == 1 else ("connections lose", "them")
        yield _unprotected(
            it,
            bare,
            f"{len(bare):,} {what} TLS",
            f"The programs must protect {theirs} themselves from now on.",
        )
    if unchecked:
        what = "port takes" if len(unchecked) == 1 else "ports take"
        yield _unprotected(
            it,
            unchecked,
            f"{len(unchecked):,} {what} any client",
            "Nobody is asked there for a marble's certificate.",
        )


def _rewired(it: Situation) -> list[MarbleType]:
    """Marbles on both sides whose tags, or what these say, may have changed, in name order."""
    tags = set(it.touched("TLS"))
    found = {name for name, old, new in _staying(it) if old.tls != new.tls}
    if tags:
        found |= {
            name
            for name in it.old.marbles.keys() & it.new.marbles.keys()
            if tags & set(it.old.marbles[name].tls)
        }
    return sorted(found)


def _unprotected(
    it: Situation, found: list[tuple[MarbleType, _Connection]], headline: str, explanation: str
) -> Impact:
    marbles = tuple(dict.fromkeys(name for name, _ in found))
    tags = {tag for name in marbles for side in (it.old, it.new) for tag in side.marbles[name].tls}
    places = joined(connection.of(name) for name, connection in found)
    changes = it.under(*(("Marbles", name, "TLS") for name in marbles), *(("TLS", tag) for tag in tags))
    return Impact(
        ImpactKind.UNPROTECTED, ImpactSeverity.HIGH, headline, f"{places}. {explanation}", marbles, changes
    )


def _wrapped(manifest: Manifest, marble: Marble) -> Mapping[_Connection, bool]:
    """The connections of a marble under TLS, and whether the peer must show a marble's certificate."""
    found: dict[_Connection, bool] = {}
    for tag in marble.tls:
        entries = manifest.tls.get(tag)
        for entry in entries.incoming if entries else ():
            found[_Connection("", entry.port)] = not entry.disable_client_auth
        for entry in entries.outgoing if entries else ():
            found[_Connection(entry.addr, entry.port)] = True
    return found
