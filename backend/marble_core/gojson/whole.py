"""A tree as one plain value, for those who compare and need no places."""

from __future__ import annotations

from marble_core.gojson.nodes import Array, Bool, Node, Null, Object, String
from marble_core.gojson.plain import UNUSUAL, Literal, Plain, Repeated

DEEPEST = 64
_NESTING = frozenset({dict, list})


def plain_value(root: Node) -> Plain:
    """The whole value. What stands inside DEEPEST lists and objects is a `Literal`, so nothing in it needs recursion."""
    if root.plain is UNUSUAL or _is_deeper(root.plain, DEEPEST):
        return _carefully(root, DEEPEST)
    return root.plain


def _is_deeper(value: Plain, limit: int) -> bool:
    """Whether lists and objects are nested deeper than that."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            inner
            for outer in level
            for inner in (
                outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
            )
            if type(inner) in _NESTING
        ]
        if not level:
            return False
    return True


def _carefully(node: Node, levels: int) -> Plain:
    match node:
        case Null():
            return None
        case Bool() | String():
            return node.value
        case Array() if levels:
            return [_carefully(item, levels - 1) for item in node.items]
        case Object() if levels:
            members = [(key.value, _carefully(value, levels - 1)) for key, value in node.members]
            unique = dict(members)
            return unique if len(unique) == len(members) else Repeated(members)
        case _:
            return Literal(node.text)
