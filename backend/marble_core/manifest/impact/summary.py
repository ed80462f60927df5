"""The difference in sentences, by section: "Package frontend is raised from 7 to 8."."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from marble_core.gojson import path_text
from marble_core.manifest.diff import Change, ChangeKind, ManifestDiff
from marble_core.manifest.impact.model import SectionSummary
from marble_core.manifest.impact.phrases import phrase, same_block, shown
from marble_core.manifest.impact.wording import counted, joined, verb

_ENTRIES = {
    "Packages": "package",
    "Marbles": "marble",
    "Infrastructures": "infrastructure",
    "Secrets": "secret",
    "Users": "user",
    "Roles": "role",
    "RecoveryKeys": "recovery key",
    "TLS": "TLS tag",
}
_MOST_ENTRIES = 20  # that are told one by one; beyond that nobody reads on
_MOST_PHRASES = 4
_DEPTH_OF_ENTRY = 2  # section, name


def summary(difference: ManifestDiff) -> tuple[SectionSummary, ...]:
    """The sections with changes, in the order of the schema. Values of secrets are never told."""
    return tuple(
        SectionSummary(str(section.path[0]), tuple(_sentences(section))) for section in difference.sections
    )


def _sentences(section: Change) -> Iterator[str]:
    name = str(section.path[0])
    if name == "Config":
        yield from map(_setting, section.leaves())
    elif name in _ENTRIES and section.children:
        yield from _of_entries(_ENTRIES[name], section.children)
    else:
        yield f"{path_text(section.path)} {_UNKNOWN[section.kind]}."


_UNKNOWN = {
    ChangeKind.ADDED: "is new",
    ChangeKind.REMOVED: "is gone",
    ChangeKind.CHANGED: "changes",
    ChangeKind.MOVED: "changes",
}


def _of_entries(thing: str, entries: tuple[Change, ...]) -> Iterator[str]:
    """Entries that change one by one, those that only come or go together."""
    whole: dict[ChangeKind, list[str]] = defaultdict(list)
    changed: list[Change] = []  # renamed ones among them
    for entry in entries:
        if entry.children or entry.kind in {ChangeKind.CHANGED, ChangeKind.MOVED}:
            changed.append(entry)
        else:
            whole[entry.kind].append(str(entry.path[-1]))
    for entry in changed[:_MOST_ENTRIES]:
        former = entry.path if entry.old_path is None else entry.old_path
        yield f"{_capital(thing)} {former[-1]} {_phrases(entry)}."
    if (more := len(changed) - _MOST_ENTRIES) > 0:
        yield f"{counted(more, f'more {thing}')} {'changes' if more == 1 else 'change'}."
    for kind, (singular, plural) in _WHOLE.items():
        if names := whole.get(kind):
            things = thing if len(names) == 1 else f"{thing}s"
            yield f"{_capital(things)} {joined(names)} {verb(names, singular, plural)}."


_WHOLE: Mapping[ChangeKind, tuple[str, str]] = {
    ChangeKind.ADDED: ("is new", "are new"),
    ChangeKind.REMOVED: ("is removed", "are removed"),
}


def _phrases(entry: Change) -> str:
    if entry.kind is ChangeKind.MOVED:
        return f"is renamed to {entry.path[-1]}"
    if not entry.children:
        return "is the same, written another way" if same_block(entry) else "is another one"
    told = list(dict.fromkeys(map(phrase, entry.leaves())))
    more = len(told) - _MOST_PHRASES
    if more > 1:
        told = [*told[:_MOST_PHRASES], f"has {counted(more, 'more change')}"]
    return joined(told, most=len(told))


def _setting(change: Change) -> str:
    """A field of `Config`."""
    if len(change.path) < _DEPTH_OF_ENTRY:
        return f"Config {_UNKNOWN[change.kind]}."
    name = path_text(tuple(step for step in change.path[1:] if isinstance(step, str)))
    match change.kind:
        case ChangeKind.ADDED:
            return f"{name} is {shown(change.after)} now."
        case ChangeKind.REMOVED:
            return f"{name} is no longer {shown(change.before)}."
        case _:
            return f"{name} is {shown(change.after)} instead of {shown(change.before)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
