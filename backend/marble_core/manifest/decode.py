"""From bytes to a `Manifest`: rule R0, and what Go's decoder accepts silently though nobody means it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from marble_core import gojson
from marble_core.gojson import (
    Finder,
    GoJsonError,
    Leniency,
    Nearest,
    Node,
    Path,
    Problem,
    Remark,
    Span,
    path_text,
)
from marble_core.manifest.findings import Finding, Severity
from marble_core.manifest.model import Manifest
from marble_core.manifest.schema import MANIFEST

STAGE = "unmarshaling manifest"

_LIKENESS = 0.7
_CONFUSED = {"validitydays": "ValidFor"}  # the manual of old taught this name


@dataclass(frozen=True, slots=True)
class DecodedManifest:
    """What a text holds. With refusals (rule R0) the manifest is incomplete and must not be used."""

    tree: Node
    manifest: Manifest
    refusals: tuple[Finding, ...]
    remarks: tuple[Remark, ...]
    places: Finder

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Unknown, misspelt and repeated fields, in the order of the text."""
        return tuple(map(_warning, self.remarks))

    def find(self, path: Path) -> Nearest:
        """The value at a path such as ("Marbles", "web", "TLS", 0), or the nearest thing around it."""
        return self.places.find(path)

    def span_of(self, path: Path) -> Span:
        return self.find(path).span


def decode_manifest(raw: bytes) -> DecodedManifest:
    """Read a manifest; raises GoJsonError only where the text is no JSON at all."""
    tree = gojson.scan(raw)
    decoded = gojson.decode(MANIFEST, tree)
    refusals = tuple(map(_refusal, decoded.problems))
    return DecodedManifest(tree, decoded.value, refusals, decoded.remarks, Finder(MANIFEST, tree))


def no_json(error: GoJsonError) -> Finding:
    """The finding for a text that is no JSON."""
    return Finding(
        "R0",
        Severity.ERROR,
        "",
        f"{error.sentence} {error.hint}".rstrip(),
        f"{STAGE}: {error.message}",
        error.span,
    )


def _refusal(problem: Problem) -> Finding:
    path, span = path_text(problem.path), problem.node.span
    return Finding("R0", Severity.ERROR, path, problem.sentence, f"{STAGE}: {problem.detail}", span)


def _warning(remark: Remark) -> Finding:
    rule, sentence = worded(remark)
    return Finding(rule, Severity.WARNING, path_text(remark.path), sentence, span=remark.key.span)


def worded(remark: Remark) -> tuple[str, str]:
    """The rule of a warning and its sentence; files other than manifests have the same oddities."""
    name = str(remark.path[-1])
    match remark.kind:
        case Leniency.UNKNOWN_FIELD:
            meant = _meant(name.lower(), remark.known)
            return "C1", f"Unknown field “{name}” is ignored.{f' Did you mean {meant}?' if meant else ''}"
        case Leniency.OTHER_CASE:
            return "C2", f"“{name}” is read as {remark.known[0]}."
        case Leniency.FIELD_AGAIN:
            return "C3", f"{name} is given twice. The last one counts."
        case Leniency.MERGED_AGAIN:
            return "C4", f"{name} is given twice. Both are merged."
        case Leniency.ENTRY_AGAIN:
            return "C5", f"{name} is given twice. The later entry replaces the whole earlier one."
        case Leniency.OVERRULED:
            return "C6", f"{name} has no effect. The coordinator sets it itself."


def _meant(written: str, known: tuple[str, ...]) -> str | None:
    """The field that somebody had in mind, perhaps."""
    folded = {name.lower(): name for name in known}
    for close in difflib.get_close_matches(written[:100], folded, 1, _LIKENESS):
        return folded[close]
    confused = _CONFUSED.get(written)
    return confused if confused in known else None
