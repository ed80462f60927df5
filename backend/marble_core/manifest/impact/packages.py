"""Which enclaves get in: identity, version, and what attestation forgives (spec: manifest.md, section 2, Package)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from marble_core.manifest.impact.model import Impact, ImpactKind, ImpactSeverity
from marble_core.manifest.impact.situation import Situation, runners
from marble_core.manifest.impact.wording import joined, verb
from marble_core.manifest.model import Manifest, Package, PackageName

_HARMLESS = frozenset({"UpToDate"})
# The platform can be used against the enclave on these; the others ask for a look at settings or software.
_DANGEROUS = frozenset({"OutOfDate", "OutOfDateConfigurationNeeded", "Revoked"})
_HARDENING = "SWHardeningNeeded"


def raised(name: PackageName, package: Package, manifest: Manifest) -> Impact:
    """A package whose SecurityVersion an update file raises."""
    pair = _Pair(None, name, manifest.packages[name], package, runners(manifest).get(name, ()))
    return next(_version(pair))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A package before and after, and who runs it."""

    it: Situation | None
    name: PackageName
    old: Package
    new: Package
    marbles: tuple[str, ...]

    def impact(
        self, kind: ImpactKind, severity: ImpactSeverity, headline: str, explanation: str, *fields: str
    ) -> Impact:
        """Of a change of these fields. What no marble uses does no harm yet."""
        if not self.marbles:
            severity = ImpactSeverity.LOW
            explanation = f"{explanation} No marble uses the package now."
        paths = [("Packages", self.name, field) for field in fields]
        changes = self.it.under(*paths) if self.it else ()
        return Impact(kind, severity, headline, explanation, (self.name,), changes)

    @property
    def who_starts(self) -> str:
        return (
            f"{joined(self.marbles)} {verb(self.marbles, 'starts', 'start')}"
            if self.marbles
            else "Marbles start"
        )


def attestation(it: Situation) -> Iterator[Impact]:
    """All rules, for each package that stays and changes."""
    for touched in it.touched("Packages"):
        name = PackageName(touched)
        if name in it.old.packages and name in it.new.packages:
            pair = _Pair(it, name, it.old.packages[name], it.new.packages[name], it.runners.get(name, ()))
            for rule in (_debug, _identity, _version, _statuses, _advisories):
                yield from rule(pair)


def new_debug_packages(it: Situation) -> Iterator[Impact]:
    for name, package in sorted(it.new.packages.items()):
        if package.debug and name in it.runners and name not in it.old.packages:
            yield Impact(
                ImpactKind.WEAKER,
                ImpactSeverity.HIGH,
                f"{name} is for debugging",
                "Whoever runs the host can read the memory of its enclaves, and every secret in it.",
                (name,),
                it.under(("Packages", name)),
            )


def _debug(pair: _Pair) -> Iterator[Impact]:
    if pair.new.debug and not pair.old.debug:
        yield pair.impact(
            ImpactKind.WEAKER,
            ImpactSeverity.HIGH,
            f"{pair.name} becomes a debug package",
            "Whoever runs the host can read the memory of its enclaves, and every secret in it.",
            "Debug",
        )
    elif pair.old.debug and not pair.new.debug:
        yield pair.impact(
            ImpactKind.STRICTER,
            ImpactSeverity.MEDIUM,
            f"{pair.name} refuses debug enclaves",
            f"{pair.who_starts} from a production enclave only.",
            "Debug",
        )


def _identity(pair: _Pair) -> Iterator[Impact]:
    old, new, name = pair.old, pair.new, pair.name
    fields = ("UniqueID", "SignerID", "ProductID")
    if old.unique_id and not new.unique_id:
        yield pair.impact(
            ImpactKind.WEAKER,
            ImpactSeverity.HIGH,
            f"{name} is known by its signer, no longer by its code",
            "Until now one exact enclave got in. From now on every enclave does that this signer signs as this product.",
            *fields,
            "SecurityVersion",
        )
    elif new.unique_id and not old.unique_id:
        yield pair.impact(
            ImpactKind.IDENTITY,
            ImpactSeverity.HIGH,
            f"{name} is pinned to one enclave",
            f"{pair.who_starts} from exactly that enclave; other versions of the same signer are refused.",
            *fields,
            "SecurityVersion",
        )
    elif changed := [field for field, before, after in _identities(old, new) if before != after]:
        yield pair.impact(
            ImpactKind.IDENTITY,
            ImpactSeverity.HIGH,
            f"{name} is another program",
            f"It has another {joined(changed)}. What ran until now is refused, and the new enclave gets its secrets.",
            *changed,
        )


def _identities(old: Package, new: Package) -> Iterator[tuple[str, object, object]]:
    yield "UniqueID", old.unique_id.lower(), new.unique_id.lower()
    yield "SignerID", old.signer_id.lower(), new.signer_id.lower()
    yield "ProductID", old.product_id, new.product_id


def _version(pair: _Pair) -> Iterator[Impact]:
    before, after = pair.old.security_version, pair.new.security_version
    if before == after or pair.new.unique_id or pair.old.unique_id:
        return  # with a UniqueID it is part of the identity
    if after is None or (before is not None and after < before):
        yield pair.impact(
            ImpactKind.WEAKER,
            ImpactSeverity.HIGH,
            f"{pair.name} accepts older enclaves",
            f"The smallest version was {before} and is {'none' if after is None else after} now. "
            "Faults that were mended since can be used again.",
            "SecurityVersion",
        )
    else:
        yield pair.impact(
            ImpactKind.VERSION,
            ImpactSeverity.HIGH,
            f"{pair.name} below version {after} is refused",
            f"{pair.who_starts} from an enclave of version {after} or newer only. A package update "
            "cannot lower it again.",
            "SecurityVersion",
        )


def _statuses(pair: _Pair) -> Iterator[Impact]:
    before, after = (set(it.accepted_tcb_statuses) - _HARMLESS for it in (pair.old, pair.new))
    if more := sorted(after - before):
        yield pair.impact(
            ImpactKind.WEAKER,
            ImpactSeverity.HIGH if _DANGEROUS.intersection(more) else ImpactSeverity.MEDIUM,
            f"{pair.name} accepts hosts with status {joined(more)}",
            "Platforms with that TCB status may run it from now on.",
            "AcceptedTCBStatuses",
        )
    if fewer := sorted(before - after):
        yield pair.impact(
            ImpactKind.STRICTER,
            ImpactSeverity.MEDIUM,
            f"{pair.name} refuses hosts with status {joined(fewer)}",
            f"{pair.who_starts} on other hosts only.",
            "AcceptedTCBStatuses",
        )


def _advisories(pair: _Pair) -> Iterator[Impact]:
    """An empty list accepts every advisory; the list matters only where hardening may be missing."""
    if _HARDENING not in pair.new.accepted_tcb_statuses:
        return
    before, after = (frozenset(map(str.upper, it.accepted_advisories)) for it in (pair.old, pair.new))
    if before and not after:
        yield pair.impact(
            ImpactKind.WEAKER,
            ImpactSeverity.HIGH,
            f"{pair.name} accepts every advisory",
            "An empty list means all of them, also those that are still to come.",
            "AcceptedAdvisories",
        )
    elif before and (more := sorted(after - before)):
        yield pair.impact(
            ImpactKind.WEAKER,
            ImpactSeverity.MEDIUM,
            f"{pair.name} accepts {joined(more)}",
            "Hosts with that known weakness may run it from now on.",
            "AcceptedAdvisories",
        )
    if after and (not before or before - after):
        yield pair.impact(
            ImpactKind.STRICTER,
            ImpactSeverity.MEDIUM,
            f"{pair.name} accepts fewer advisories",
            f"Of hosts that need hardening, only those with {joined(sorted(after))} may run it.",
            "AcceptedAdvisories",
        )
