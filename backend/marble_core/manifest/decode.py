"""From bytes to a `Manifest`: rule R0, and what Go's decoder accepts silently though nobody means it."""

from __future__ import annotations

from collections.abc import Collection
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
from marble_core.manifest.likeness import meant
from marble_core.manifest.model import Manifest
from marble_core.manifest.schema import MANIFEST

STAGE = "unmarshaling manifest"

_CONFUSED = {"validitydays": "ValidFor"}  # the manual of old taught this name


@dataclass(frozen=True, slots=True)
class DecodedManifest:
    """What a text holds. With refusals (rule R0) the manifest is incomplete and must not be used."""

    tree: Node
    manifest: Manifest
    refusals: tuple[Finding, ...]
    problems: tuple[Problem, ...]
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
    return DecodedManifest(
        tree, decoded.value, refusals, decoded.problems, decoded.remarks, Finder(MANIFEST, tree)
    )


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
    return Finding(
        "R0", Severity.ERROR, path, problem.sentence, f"{STAGE}: {problem.detail}", span, problem.path
    )


def _warning(remark: Remark) -> Finding:
    rule, sentence = worded(remark)
    return Finding(
        rule, Severity.WARNING, path_text(remark.path), sentence, span=remark.key.span, at=remark.path
    )


def worded(remark: Remark) -> tuple[str, str]:
    """The rule of a warning and its sentence; files other than manifests have the same oddities."""
    name = str(remark.path[-1])
    match remark.kind:
        case Leniency.UNKNOWN_FIELD:
            known = field_meant(name, remark.known)
            return "C1", f"Unknown field “{name}” is ignored.{f' Did you mean {known}?' if known else ''}"
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


def field_meant(written: str, known: Collection[str]) -> str | None:
    """The field that somebody had in mind, perhaps."""
    confused = _CONFUSED.get(written.lower())
    return confused if confused in known else meant(written, known)
