"""The text of a manifest without the values of its secrets. Lines keep their numbers; a mask tells nothing of a length."""

from __future__ import annotations

import re
from collections.abc import Iterator

from marble_core.gojson import Array, Node, Object, Plain, String
from marble_core.manifest.diff.sensitive import SECRET_FIELDS
from marble_core.manifest.pasted import (
    IN_TEXT,
    is_pasted,
    is_secret_argument,
    is_secret_name,
    may_hold_secrets,
)
from marble_core.manifest.review.values import HIDDEN

_assignment = re.compile(
    rf'("(?:{"|".join(sorted(SECRET_FIELDS))})"\s*:\s*)("(?:[^"\\\n]|\\.)*"?|\[[^\]]*\]?)', re.IGNORECASE
)
_SECTIONS = {"files": "Files", "env": "Env", "argv": "Argv"}


def masked_lines(text: str, tree: Node | None) -> str:
    """The text with a mask for each value of a secret.

    Without a tree, as of a text that is no JSON, it is guessed: every field is masked that might hold such a value.
    """
    if tree is None:
        for guess in (_assignment, *IN_TEXT) if may_hold_secrets(text) else (_assignment,):
            text = guess.sub(lambda found: found[1] + _over_lines(found[2]), text)
        return text
    pieces, last = [], 0
    for start, end in sorted(_places(tree)):
        if start >= last:
            pieces += [text[last:start], _over_lines(text[start:end])]
            last = end
    return "".join([*pieces, text[last:]])


def _over_lines(hidden: str) -> str:
    """One mask, followed by as many line ends as were hidden with the value."""
    quote = '"' if hidden.startswith('"') else ""
    return f"{quote}{HIDDEN}{quote}" + "\n" * hidden.count("\n")


def _places(tree: Node) -> Iterator[tuple[int, int]]:
    """Where the values of secrets stand, by offsets."""
    for name, section in _members(tree):
        match name.lower():
            case "secrets":
                yield from _loose(section)
                for _, secret in _members(section):
                    yield from _in_secret(secret)
            case "marbles" if _has_suspects(section):
                for _, marble in _members(section):
                    yield from _in_marble(marble)
            case _:
                pass


def _has_suspects(marbles: Node) -> bool:
    """Whether it is worth looking at each marble: with thousands of them that takes a while, and most have nothing."""
    if "PRIVATE KEY" in marbles.text or not isinstance(marbles.plain, dict):
        return True
    names: set[str] = set()
    arguments: set[str] = set()
    for marble in marbles.plain.values():
        for parameters in _named(marble, "parameters"):
            for variables in _named(parameters, "env"):
                names.update(variables if isinstance(variables, dict) else ())
            for given in _named(parameters, "argv"):
                items = given if isinstance(given, list) else ()
                arguments.update(it for it in items if isinstance(it, str))
    return any(map(is_secret_name, names)) or any(map(is_secret_argument, arguments))


def _named(value: Plain, wanted: str) -> Iterator[Plain]:
    """The members of that name, in any letter case as Go takes it."""
    if isinstance(value, dict):
        yield from (member for name, member in value.items() if name.lower() == wanted)


def _in_secret(secret: Node) -> Iterator[tuple[int, int]]:
    yield from _loose(secret)
    for field, value in _members(secret):
        if field.lower() in SECRET_FIELDS:
            yield value.start, value.end


def _in_marble(marble: Node) -> Iterator[tuple[int, int]]:
    for field, parameters in _members(marble):
        if field.lower() == "parameters":
            for name, section in _members(parameters):
                if kind := _SECTIONS.get(name.lower()):
                    for entry, text in _texts(section):
                        if is_pasted(kind, entry, text.value):
                            yield text.start, text.end


def _texts(section: Node) -> Iterator[tuple[str, String]]:
    """The texts of `Files`, `Env` or `Argv`, by name where they have one."""
    for name, value in _members(section):
        given = [it for field, it in _members(value) if field.lower() == "data"] or [value]
        yield from ((name, it) for it in given if isinstance(it, String))
    if isinstance(section, Array):
        yield from (("", it) for it in section.items if isinstance(it, String))


def _loose(node: Node) -> Iterator[tuple[int, int]]:
    """A text where an object belongs: it may well be a pasted value."""
    if isinstance(node, String):
        yield node.start, node.end


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Object):
        for key, value in node.members:
            yield key.value, value
