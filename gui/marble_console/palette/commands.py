"""What the palette offers and how it is found. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from marble_console.words import tr

_MOST_IN_GROUP: Final = 8
_MOST_RECENT: Final = 5
_NO_MATCH: Final = 100


class Group(Enum):
    """In the order in which groups stand below each other."""

    RECENT = tr("Recent")
    PAGE = tr("On this page")
    SECRETS = tr("Secrets")
    PAGES = tr("Pages")
    ACTIONS = tr("Actions")
    IDENTITIES = tr("Act as")
    CONNECTIONS = tr("Connections")


@dataclass(frozen=True, slots=True)
class Command:
    """Something to open or begin. `key` tells it from all others; a disabled one says why in `detail`."""

    key: str
    group: Group
    title: str
    icon: str
    run: Callable[[], object] = field(compare=False, repr=False)
    detail: str = ""
    shortcut: str = ""
    enabled: bool = True


def found(
    commands: Iterable[Command], query: str, recent: Sequence[str] = ()
) -> list[tuple[str, list[Command]]]:
    """The commands that fit, by group, best first, and of each group as many as are read at a glance.

    Every word of `query` has to be in the title, the detail or the name of the group; a single word may also be letters
    of the title with gaps ("vw" finds "Verify now"). Without a query the `recent` ones, by key, stand first.
    """
    words = query.casefold().split()
    if not words:
        return _unasked(commands, recent)
    ranked: dict[Group, list[tuple[int, int, Command]]] = {}
    for order, command in enumerate(commands):
        rank = _rank(command, words)
        if rank < _NO_MATCH:
            ranked.setdefault(command.group, []).append((rank, order, command))
    groups = sorted(ranked, key=lambda group: (min(ranked[group])[0], list(Group).index(group)))
    return [
        (group.value, [command for _, _, command in sorted(ranked[group])[:_MOST_IN_GROUP]])
        for group in groups
    ]


def _unasked(commands: Iterable[Command], recent: Sequence[str]) -> list[tuple[str, list[Command]]]:
    offered = list(commands)
    by_key = {command.key: command for command in offered}
    groups: dict[Group, list[Command]] = {group: [] for group in Group}
    groups[Group.RECENT] = [by_key[key] for key in recent if key in by_key][:_MOST_RECENT]
    for command in offered:
        # Names of secrets are not listed before anybody asks: there may be thousands, and they are read over shoulders.
        if command.group is not Group.SECRETS:
            groups[command.group].append(command)
    return [(group.value, chosen) for group, chosen in groups.items() if chosen]


def _rank(command: Command, words: Sequence[str]) -> int:
    """How well a command fits, 0 best."""
    title, whole = command.title.casefold(), " ".join(words)
    if whole in title:
        return 0 if title.startswith(whole) else 1 if f" {whole}" in title else 2
    beside = f"{title} {command.detail} {command.group.value}".casefold()
    if all(word in beside for word in words):
        return 3 if all(word in title for word in words) else 4
    return 5 if len(words) == 1 and _has_letters(title, words[0]) else _NO_MATCH


def _has_letters(title: str, word: str) -> bool:
    """Whether the letters stand in the title in this order, the first at the beginning of a word."""
    starts = [
        at for at, letter in enumerate(title) if letter == word[0] and (at == 0 or title[at - 1] in " _-.")
    ]
    for start in starts:
        rest = iter(title[start + 1 :])
        if all(letter in rest for letter in word[1:]):
            return True
    return False
