"""The names of a manifest in YAML: those of its JSON, at the places where the YAML writes them."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from marble_core.gojson import Array, Node, Object, Path, String, TextEdit, apply_edits, scan
from marble_core.gojson.layout import laid_out
from marble_core.manifest.fromyaml import YamlRefused, from_yaml
from marble_core.manifest.names.mentions import Form, Mention, in_template, mentions, name_in
from marble_core.manifest.names.names import Mentioned, Names, RenameRefused, literal, looked_up, plain_field
from marble_core.manifest.yamltext import YamlText


@dataclass(frozen=True, slots=True)
class _Spot:
    """A key or a string of the JSON, and its path there."""

    start: int
    path: Path
    is_key: bool


class YamlNames(Mentioned):
    """All names of a YAML text; raises YamlRefused where it has no one meaning as JSON.

    What stands behind an alias is mentioned there, and a name whose place in its scalar cannot be told at the whole of it.
    """

    def __init__(self, text: str) -> None:
        self._yaml = YamlText(text)
        self._converted = from_yaml(text.encode())
        self._json = self._converted.json.decode()
        self._scalars: dict[
            Mention, int
        ] = {}  # where the scalar begins that holds a mention which can be edited
        found = {(it.kind, it.name, it.start): it for it in self._found()}  # a place mentions a name once
        super().__init__(sorted(found.values(), key=lambda it: it.start))

    def rename(self, mention: Mention, name: str) -> tuple[TextEdit, ...]:
        """Write another name at every place.

        Raises RenameRefused where another thing has it, and where the JSON would not become what renaming there gives.
        """
        wanted = laid_out(apply_edits(self._json, Names(self._json).rename(mention, name)))
        made = [self._edit(it, name) for it in self._same(mention.kind, mention.name) if it in self._scalars]
        edits = tuple(edit for edit in made if edit is not None)
        try:
            becomes = from_yaml(apply_edits(self._yaml.text, edits).encode()).json
        except YamlRefused:
            becomes = b""
        if becomes != wanted.encode():
            raise RenameRefused(
                f"“{mention.name}” cannot be renamed everywhere in this YAML.",
                hint="Rename it by hand, or in the JSON that is made of it.",
            )
        return edits

    def _found(self) -> Iterator[Mention]:
        spots = list(_spots(scan(self._json.encode()), ()))
        starts = [spot.start for spot in spots]
        in_json = mentions(scan(self._json.encode()))
        for at, held in groupby(in_json, key=lambda it: bisect_right(starts, it.start) - 1):
            yield from self._in_spot(spots[at], list(held))

    def _in_spot(self, spot: _Spot, held: list[Mention]) -> Iterator[Mention]:
        place = self._converted.places.get(spot.path)
        span = None
        if place is not None:
            span = place.key if spot.is_key else place.value
        if span is None:
            around = self._converted.span(spot.path, key=True)
            start, end = self._yaml.range(around) if around is not None else (0, 0)
            yield from (replace(it, start=start, end=end) for it in held)
            return
        start, end = self._yaml.range(span)
        ranges = [(start, end)]
        if held[0].form is not Form.JSON:
            found = list(in_template.finditer(self._yaml.text, start, end))
            if [name_in(it) for it in found] != [it.name for it in held]:
                yield from (replace(it, start=start, end=end) for it in held)
                return
            ranges = [it.span(it.lastindex or 1) for it in found]
        for mention, (first, last) in zip(held, ranges, strict=True):
            here = replace(mention, start=first, end=last)
            self._scalars[here] = start
            yield here

    def _edit(self, mention: Mention, name: str) -> TextEdit | None:
        start, end = mention.start, mention.end
        text = self._yaml.text
        quote = text[self._scalars[mention]]

        def written(template: str) -> str:
            if quote == '"':
                return json.dumps(template, ensure_ascii=False)[1:-1]
            return template.replace("'", "''") if quote == "'" else template

        if mention.form is Form.JSON:
            return self._yaml.replace(start, end, name)
        if mention.form is Form.LITERAL:
            return literal(start, end, name, written, raw=text[start - 1] == "`")
        if plain_field.fullmatch(name):
            return TextEdit(start, end, name)
        return TextEdit(text.rindex(".Secrets.", 0, start), end, written(looked_up(name)))


def _spots(node: Node, path: Path) -> Iterator[_Spot]:
    match node:
        case String():
            yield _Spot(node.start, path, is_key=False)
        case Object():
            for key, value in node.members:
                inside = (*path, key.value)
                yield _Spot(key.start, inside, is_key=True)
                yield from _spots(value, inside)
        case Array():
            for at, item in enumerate(node.items):
                yield from _spots(item, (*path, at))
        case _:
            pass
