"""Asks about the names of one text: what stands at a place, where it is defined, who uses it, and how to rename it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

from marble_core.errors import MarbleError
from marble_core.gojson import TextEdit, scan
from marble_core.manifest.names.mentions import Form, Kind, Mention, mentions

plain_field = re.compile(r"[^\W\d]\w*")


class RenameRefused(MarbleError):
    """The name cannot be given."""

    code = "rename_refused"


class Mentioned:
    """Mentions of names, in the order of their text."""

    def __init__(self, found: Iterable[Mention]) -> None:
        self.all = tuple(found)

    def at(self, offset: int) -> Mention | None:
        """The name that stands at a place, its quotes and its last character's far side included."""
        return next((it for it in self.all if it.start <= offset <= it.end), None)

    def definition(self, mention: Mention) -> Mention | None:
        """Where the name is defined; the last place where it is so more than once."""
        defined = [it for it in self._same(mention.kind, mention.name) if it.is_definition]
        return defined[-1] if defined else None

    def usages(self, mention: Mention) -> tuple[Mention, ...]:
        """Every place that mentions the name, its definition first."""
        return tuple(
            sorted(self._same(mention.kind, mention.name), key=lambda it: (not it.is_definition, it.start))
        )

    def _same(self, kind: Kind, name: str) -> list[Mention]:
        return [it for it in self.all if (it.kind, it.name) == (kind, name)]


class Names(Mentioned):
    """All names of a text; raises GoJsonError where the text is no JSON."""

    def __init__(self, text: str) -> None:
        super().__init__(mentions(scan(text.encode())))
        self._text = text

    def rename(self, mention: Mention, name: str) -> tuple[TextEdit, ...]:
        """Write another name at every place; raises RenameRefused where another thing has it."""
        if name == mention.name:
            return ()
        if any(it.is_definition for it in self._same(mention.kind, name)):
            raise RenameRefused(
                f"{mention.kind.value} has an entry “{name}” already.", hint="Choose another name."
            )
        return tuple(self._edit(it, name) for it in self._same(mention.kind, mention.name))

    def _edit(self, mention: Mention, name: str) -> TextEdit:
        start, end = mention.start, mention.end
        if mention.form is Form.JSON:
            return TextEdit(start, end, json.dumps(name, ensure_ascii=False))
        if mention.form is Form.LITERAL:
            return literal(start, end, name, _in_json, raw=self._text[start - 1] == "`")
        if plain_field.fullmatch(name):
            return TextEdit(start, end, name)
        # Only letters, digits and underscores may follow a dot: other names are looked up.
        before = self._text.rfind(".Secrets.", 0, start)
        if self._text.startswith(("$", ".Previous"), before - 1) or self._text.endswith(
            ".Previous", 0, before
        ):
            raise RenameRefused(
                f"“{name}” cannot stand in {mention.where}, where the name follows a dot.",
                hint="Use letters, digits and underscores, not beginning with a digit.",
            )
        return TextEdit(before, end, _in_json(looked_up(name)))


def literal(start: int, end: int, name: str, written: Callable[[str], str], *, raw: bool) -> TextEdit:
    """Another name in the literal at `start`, which is raw between backquotes; `written` is how the text has it."""
    if not raw:
        return TextEdit(start, end, written(_in_go(name)))
    if "`" in name:
        return TextEdit(start - 1, end + 1, written(f'"{_in_go(name)}"'))
    return TextEdit(start, end, written(name))


def looked_up(name: str) -> str:
    """A secret of any name in a template."""
    return f'(index .Secrets "{_in_go(name)}")'


def _in_go(name: str) -> str:
    """A name inside a quoted string of a template."""
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
