"""The text of a manifest without the values of its secrets. Lines keep their numbers; a mask tells nothing of a length."""

from __future__ import annotations

import re
from collections.abc import Iterator

from marble_core.gojson import Node, Object, String
from marble_core.manifest.diff.sensitive import SECRET_FIELDS
from marble_core.manifest.review.values import HIDDEN

_assignment = re.compile(
    rf'("(?:{"|".join(sorted(SECRET_FIELDS))})"\s*:\s*)("(?:[^"\\\n]|\\.)*"?|\[[^\]]*\]?)', re.IGNORECASE
)


def masked_lines(text: str, tree: Node | None) -> str:
    """The text with a mask for each value of a secret.

    Without a tree, as of a text that is no JSON, it is guessed: every field is masked that might hold such a value.
    """
    if tree is None:
        return _assignment.sub(lambda found: found[1] + _over_lines(found[2]), text)
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
    for name, secrets in _members(tree):
        if name.lower() != "secrets":
            continue
        yield from _loose(secrets)
        for _, secret in _members(secrets):
            yield from _loose(secret)
            for field, value in _members(secret):
                if field.lower() in SECRET_FIELDS:
                    yield value.start, value.end


def _loose(node: Node) -> Iterator[tuple[int, int]]:
    """A text where an object belongs: it may well be a pasted value."""
    if isinstance(node, String):
        yield node.start, node.end


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Object):
        for key, value in node.members:
            yield key.value, value
