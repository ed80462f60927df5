"""Compare two manifests by what they mean."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marble_core.gojson import Node, Path, plain_value
from marble_core.gojson.shapes import ListOf, MapOf, Shape, Struct
from marble_core.manifest.diff.alike import without_alike
from marble_core.manifest.diff.changes import Change, ChangeKind, ManifestDiff
from marble_core.manifest.diff.normal import EMPTY, Plain, bare, form_of
from marble_core.manifest.diff.policies import ListPolicy, policy_of
from marble_core.manifest.diff.sensitive import is_sensitive
from marble_core.manifest.schema import MANIFEST


def diff(old: Node | None, new: Node | None) -> ManifestDiff:
    """What the new manifest changes; None stands for no manifest at all.

    Works on whatever `gojson.scan` reads, also on what a coordinator would refuse.
    """
    given = ({} if tree is None else plain_value(tree) for tree in (old, new))
    before, after = map(form_of, without_alike(*given))
    return ManifestDiff(old, new, tuple(_compare_mappings(MANIFEST, before, after, _Place((), ()))))


@dataclass(frozen=True, slots=True)
class _Place:
    """The path on either side."""

    old: Path
    new: Path

    def at(self, old_step: str | int, new_step: str | int) -> _Place:
        return _Place((*self.old, old_step), (*self.new, new_step))


def _compare(
    shape: Shape[Any] | None, policy: ListPolicy, old: Plain | None, new: Plain | None, place: _Place
) -> Change | None:
    """The change of one value, with the changes inside if it has parts; None if there is none."""
    if old == new:
        return None
    if _have_parts(Mapping, old, new):
        children = _compare_mappings(bare(shape), old or EMPTY, new or EMPTY, place)  # type: ignore[arg-type]
        return _branch(old, new, place, children)
    if _have_parts(tuple, old, new):
        children = _compare_lists(bare(shape), policy, old or (), new or (), place)  # type: ignore[arg-type]
        return _branch(old, new, place, children, policy)
    return _leaf(old, new, place)


def _have_parts(kind: type, old: Plain | None, new: Plain | None) -> bool:
    """Whether both sides are of that kind, or one is and holds something while the other is absent."""
    if old is None or new is None:
        only = new if old is None else old
        # To give an empty list may mean something else than to give none; only an entry of its own can tell.
        return isinstance(only, kind) and bool(only)
    return isinstance(old, kind) and isinstance(new, kind)


def _leaf(old: Plain | None, new: Plain | None, place: _Place) -> Change:
    sensitive = is_sensitive(place.new, old, new)
    return Change(
        _kind(old, new),
        None if old is None else place.old,
        None if new is None else place.new,
        old,
        new,
        sensitive=sensitive,
    )


def _moved(old: Plain, new: Plain, place: _Place) -> Change:
    sensitive = is_sensitive(place.new, old, new)
    return Change(ChangeKind.MOVED, place.old, place.new, old, new, sensitive=sensitive)


def _branch(
    old: Plain | None,
    new: Plain | None,
    place: _Place,
    children: Iterable[Change],
    policy: ListPolicy | None = None,
) -> Change | None:
    found = tuple(children)
    if not found:
        return None
    old_path, new_path = None if old is None else place.old, None if new is None else place.new
    return Change(_kind(old, new), old_path, new_path, children=found, policy=policy)


def _kind(old: Plain | None, new: Plain | None) -> ChangeKind:
    if old is None:
        return ChangeKind.ADDED
    return ChangeKind.REMOVED if new is None else ChangeKind.CHANGED


def _compare_mappings(
    shape: Shape[Any] | None, old: Mapping[str, Plain], new: Mapping[str, Plain], place: _Place
) -> Iterator[Change]:
    """Fields in the order of the schema, then the others in the order of the texts."""
    known = shape.names if isinstance(shape, Struct) else ()
    renamed = _renamed(shape, old, new) if isinstance(shape, MapOf) else {}
    left = set(renamed.values())
    for name in dict.fromkeys((*known, *old, *new)):
        if name in left:
            continue
        before, after = old.get(name), new.get(name)
        if before is after:
            continue
        if name in renamed:
            here = place.at(renamed[name], name)
            yield _moved(old[renamed[name]], new[name], here)
            continue
        here = place.at(name, name)
        if isinstance(shape, Struct):
            inner = shape.fields[name].shape if name in shape.fields else None
            change = _compare(inner, policy_of(shape, name), before, after, here)
        elif before is None or after is None:
            change = _leaf(before, after, here)
        else:
            item = shape.item if isinstance(shape, MapOf) else None
            change = _compare(item, ListPolicy.ORDERED, before, after, here)
        if change:
            yield change


def _renamed(shape: MapOf[Any], old: Mapping[str, Plain], new: Mapping[str, Plain]) -> dict[str, str]:
    """New names of entries, each with the old one, where no other entry that comes or goes has the same content."""
    gone, come = ([name for name in one if name not in other] for one, other in ((old, new), (new, old)))
    if not (gone and come):
        return {}
    # Keys of whole entries take time, so they are made only of those that look alike at a glance.
    seen = {_glance(old[name]) for name in gone} & {_glance(new[name]) for name in come}
    by_content: dict[Hashable, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, (names, form) in enumerate(((gone, old), (come, new))):
        for name in names:
            if _glance(form[name]) in seen:
                by_content[_rough_key(form[name])][side].append(name)
    pairs = [(before[0], after[0]) for before, after in by_content.values() if len(before) == len(after) == 1]
    nowhere = _Place((), ())
    return {
        after: before
        for before, after in pairs
        if _compare(shape.item, ListPolicy.ORDERED, old[before], new[after], nowhere) is None
    }


def _glance(value: Plain) -> Hashable:
    """The same for values with the same meaning, and for many others: of lists and objects only the size counts."""
    if not isinstance(value, Mapping):
        return len(value) if isinstance(value, tuple) else value
    return frozenset(
        (name, len(inner) if isinstance(inner, tuple | Mapping) else inner) for name, inner in value.items()
    )


def _rough_key(value: Plain) -> Hashable:
    """The same for values with the same meaning, and for some others: lists are taken as sets."""
    match value:
        case Mapping():
            return frozenset((name, _rough_key(inner)) for name, inner in value.items())
        case tuple():
            return frozenset(map(_rough_key, value))
        case _:
            return value


def _key(value: Plain) -> Hashable:
    """The same for equal values only."""
    match value:
        case Mapping():
            return frozenset((name, _key(inner)) for name, inner in value.items())
        case tuple():
            return tuple(map(_key, value))
        case _:
            return value


def _address(value: Plain) -> Hashable:
    """What tells connections of a TLS tag apart."""
    if not isinstance(value, Mapping):
        return _key(value)
    return tuple(_key(value.get(field, "")) for field in ("Addr", "Port"))


def _compare_lists(
    shape: Shape[Any] | None,
    policy: ListPolicy,
    old: tuple[Plain, ...],
    new: tuple[Plain, ...],
    place: _Place,
) -> Iterator[Change]:
    """First what goes, then everything else in the order of the new list."""
    item = shape.item if isinstance(shape, ListOf) else None
    pairs = _pairs(old, new, _address if policy is ListPolicy.BY_ADDRESS else _key)
    gone = set(range(len(old))) - {before for before, _ in pairs}
    come = set(range(len(new))) - {after for _, after in pairs}
    moved: set[tuple[int, int]] = set()
    if policy is ListPolicy.ORDERED:
        staying = _longest_rise(pairs)
        moved = set(pairs) - set(staying)
        replaced = _replacements(sorted(gone), sorted(come), staying)
        pairs += replaced
        gone -= {before for before, _ in replaced}
        come -= {after for _, after in replaced}
    for index in sorted(gone):
        yield _leaf(old[index], None, place.at(index, index))
    origins: dict[int, int | None] = {**dict.fromkeys(come), **{after: before for before, after in pairs}}
    for after, before in sorted(origins.items()):
        if before is None:
            yield _leaf(None, new[after], place.at(after, after))
        elif (before, after) in moved:
            yield _moved(old[before], new[after], place.at(before, after))
        elif change := _compare(item, ListPolicy.ORDERED, old[before], new[after], place.at(before, after)):
            yield change


def _pairs(
    old: tuple[Plain, ...], new: tuple[Plain, ...], key: Callable[[Plain], Hashable]
) -> list[tuple[int, int]]:
    """Indexes of elements with the same key, first with first, second with second, in the order of the new list."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for index, value in enumerate(old):
        waiting[key(value)].append(index)
    return [(waiting[of].popleft(), index) for index, of in enumerate(map(key, new)) if waiting.get(of)]


def _longest_rise(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs that are in the same order on both sides: those that stay. The others have moved."""
    ends: list[int] = []  # the smallest old index in which a rise of that length ends
    lengths: list[int] = []
    for before, _ in pairs:
        length = bisect_left(ends, before)
        ends[length : length + 1] = [before]
        lengths.append(length)
    rise: list[tuple[int, int]] = []
    wanted = len(ends) - 1
    for pair, length in zip(reversed(pairs), reversed(lengths), strict=True):
        if length == wanted:
            rise.append(pair)
            wanted -= 1
    return rise[::-1]


def _replacements(gone: list[int], come: list[int], staying: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Elements that go and come between the same two staying ones: one replaces the other."""
    gaps: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for index in gone:
        gaps[bisect_left(staying, (index, 0))][0].append(index)
    afters = [after for _, after in staying]
    for index in come:
        gaps[bisect_left(afters, index)][1].append(index)
    return [pair for before, after in gaps.values() for pair in zip(before, after, strict=False)]
