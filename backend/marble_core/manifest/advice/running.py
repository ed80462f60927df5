"""Advice on what may run: debug enclaves, and marbles that may start any number of times."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.advice.base import Remark, advise, warn
from marble_core.manifest.model import Manifest
from marble_core.manifest.rules.base import Judged
from marble_core.manifest.rules.services import missing_identity, two_identities, used_packages

# More of them are told in one sentence: nobody wants a list as long as the manifest.
_EACH_OF_AT_MOST = 10


def debug_packages(manifest: Manifest) -> Iterator[Remark]:
    for name, package in manifest.packages.items():
        if package.debug:
            sentence = f"Package {name} is for debugging. Whoever runs the host can read its memory."
            yield advise("A1", ("Packages", name, "Debug"), sentence)
    for name, package in used_packages(Judged(manifest)):
        if not package.debug:
            continue
        for fault in two_identities(name, package):
            yield warn("C7", fault.path, f"{fault.sentence} Debugging excuses it.")
        if missing := [str(fault.path[-1]) for fault in missing_identity(name, package)]:
            sentence = f"Package {name} has no {', '.join(missing)}. Debugging excuses it."
            yield warn("C7", ("Packages", name), sentence)


def unlimited_activations(manifest: Manifest) -> Iterator[Remark]:
    unlimited = [name for name, marble in manifest.marbles.items() if not marble.max_activations]
    if len(unlimited) > _EACH_OF_AT_MOST:
        sentence = f"{len(unlimited)} marbles have no MaxActivations and may be started any number of times."
        yield advise("A15", ("Marbles",), sentence)
        return
    for name in unlimited:
        sentence = f"Marble {name} may be started any number of times. MaxActivations sets a limit."
        yield advise("A15", ("Marbles", name), sentence)
