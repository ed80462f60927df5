"""What differs between two manifests: a tree of changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from marble_core.gojson import Finder, Node, Path, Span, path_text
from marble_core.manifest.diff.normal import Plain
from marble_core.manifest.diff.policies import ListPolicy
from marble_core.manifest.schema import MANIFEST


class ChangeKind(Enum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # the same content under another name, or at another place of an ordered list


@dataclass(frozen=True, slots=True)
class Change:
    """One change, or a place with changes inside.

    Paths are spelled as in the schema and lead to the place on either side; elements of lists have the index they have
    there. `before` and `after` are normal forms, None where there is nothing; a place with changes inside has neither.
    `policy` tells of a list how it was compared. The values of a `sensitive` change are not to be shown unasked.
    """

    kind: ChangeKind
    old_path: Path | None
    new_path: Path | None
    before: Plain | None = field(default=None, repr=False)
    after: Plain | None = field(default=None, repr=False)
    children: tuple[Change, ...] = ()
    policy: ListPolicy | None = None
    sensitive: bool = False

    @property
    def path(self) -> Path:
        """The place to show: that in the new manifest, if there is one."""
        path = self.old_path if self.new_path is None else self.new_path
        if path is None:
            raise AssertionError("a change is on one side at least")
        return path

    @property
    def path_text(self) -> str:
        return path_text(self.path)

    def leaves(self) -> Iterator[Change]:
        """The changes themselves, without the places that hold them."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class ManifestDiff:
    """All changes, by section, in the order in which the schema names the sections."""

    old: Node | None = field(repr=False)
    new: Node | None = field(repr=False)
    sections: tuple[Change, ...]

    @property
    def same_meaning(self) -> bool:
        """No coordinator can tell the manifests apart, though their bytes may differ."""
        return not self.sections

    def leaves(self) -> Iterator[Change]:
        for section in self.sections:
            yield from section.leaves()

    @property
    def counts(self) -> Mapping[ChangeKind, int]:
        """How many changes there are of each kind; kinds that do not occur count 0."""
        found = Counter(change.kind for change in self.leaves())
        return {kind: found[kind] for kind in ChangeKind}

    @property
    def counts_by_section(self) -> Mapping[str, Mapping[ChangeKind, int]]:
        """The same, for each section with changes."""
        counts = {}
        for section in self.sections:
            found = Counter(change.kind for change in section.leaves())
            counts[str(section.path[0])] = {kind: found[kind] for kind in ChangeKind}
        return counts

    def old_span(self, change: Change) -> Span | None:
        """Where the change, or the nearest thing around it, stands in the old text. Looked up when asked for."""
        return self._old_places.find(change.old_path).span if self._old_places and change.old_path else None

    def new_span(self, change: Change) -> Span | None:
        """Where it stands in the new text."""
        return self._new_places.find(change.new_path).span if self._new_places and change.new_path else None

    @cached_property
    def _old_places(self) -> Finder | None:
        return Finder(MANIFEST, self.old) if self.old else None

    @cached_property
    def _new_places(self) -> Finder | None:
        return Finder(MANIFEST, self.new) if self.new else None
