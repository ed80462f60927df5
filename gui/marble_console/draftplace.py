"""Where a certificate or a key that is made goes in the manifest that is being edited. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from marble_console.words import tr

Told = Callable[[str], None]
"""Is told why it was not put in; with an empty text, that it was."""


@dataclass(frozen=True, slots=True)
class DraftPlace:
    """A place in the document `title`. `put` takes the name of the entry and its PEM, as one step that can be undone.

    `name` is that of an entry which waits for its PEM: it is put there at once. Empty: a new entry, if the operator wants it.
    """

    title: str
    put: Callable[[str, str, Told], None]
    name: str = ""

    def outcome(self, why_not: str) -> str:
        """In words, what came of putting it in."""
        if why_not:
            return tr("Not put into {title}: {why}", title=self.title, why=why_not)
        return tr("Put into {title}, where Ctrl+Z takes it back.", title=self.title)
