"""Apply a difference: the inverse of comparing."""

from __future__ import annotations

from collections.abc import Mapping

from marble_core.manifest.diff.changes import Change, ChangeKind, ManifestDiff
from marble_core.manifest.diff.normal import EMPTY, Plain


def apply(form: Mapping[str, Plain], difference: ManifestDiff) -> Mapping[str, Plain]:
    """The normal form of the new manifest, made of that of the old one.

    Elements of a list whose order means nothing may come out in another order. Raises MisfitError where the form is
    plainly not the one that was compared.
    """
    return _apply_to_mapping(form, difference.sections)


class MisfitError(Exception):
    """The difference was made for another manifest."""


def _apply(value: Plain | None, change: Change) -> Plain:
    """The new value of a place that is not removed."""
    if change.after is not None:
        return change.after
    if change.policy is not None and isinstance(value, tuple | None):
        return _apply_to_list(value or (), change.children)
    if change.policy is None and isinstance(value, Mapping | None):
        return _apply_to_mapping(value or EMPTY, change.children)
    raise MisfitError(f"{change.path_text} has no such parts")


def _apply_to_mapping(old: Mapping[str, Plain], changes: tuple[Change, ...]) -> Mapping[str, Plain]:
    new = dict(old)
    for change in changes:
        if change.old_path and change.kind in {ChangeKind.REMOVED, ChangeKind.MOVED}:
            del new[str(change.old_path[-1])]
    for change in changes:
        if change.new_path and change.kind is not ChangeKind.REMOVED:
            name = str(change.new_path[-1])
            new[name] = _apply(new.get(name), change)
    return new


def _apply_to_list(old: tuple[Plain, ...], changes: tuple[Change, ...]) -> tuple[Plain, ...]:
    """Put what came, moved or changed where it stands now; what stays fills the other places in order."""
    touched = {int(change.old_path[-1]) for change in changes if change.old_path}
    placed = {
        int(change.new_path[-1]): _apply(old[int(change.old_path[-1])] if change.old_path else None, change)
        for change in changes
        if change.new_path
    }
    staying = (value for index, value in enumerate(old) if index not in touched)
    size = len(old) - len(touched) + len(placed)
    return tuple(placed[index] if index in placed else next(staying) for index in range(size))
