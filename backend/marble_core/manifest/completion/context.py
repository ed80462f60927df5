"""Where in a manifest a place is, in a text that may be broken there: the containers around it and what they hold.

Strings never span lines, so a line that was left unclosed spoils no other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from marble_core.gojson import Path

_token = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(slots=True)
class Container:
    """An open object or list. `given` are the keys before and behind the place, with the texts that are their values."""

    is_list: bool
    key: str = ""
    index: int = 0
    given: dict[str, str] = field(default_factory=dict)
    awaits_value: bool = False


@dataclass(slots=True)
class Context:
    """`path` leads to the container, whose members are `given`; `siblings` are those of the container around it.

    `key` is the member whose value is written, None where a key is, or an element of a list.

    `written` is what stands from `start` to the place, in a token that goes on to `end`; `is_string`: it has quotes.
    """

    path: Path = ()
    key: str | None = None
    in_list: bool = False
    index: int = 0
    given: dict[str, str] = field(default_factory=dict)
    siblings: dict[str, str] = field(default_factory=dict)
    start: int = 0
    end: int = 0
    written: str = ""
    is_string: bool = False
    names: dict[str, list[str]] = field(default_factory=dict)  # of each section, in order


def context_at(text: str, offset: int) -> Context:
    """Read the text up to the place, and on for what its container holds and which names there are."""
    reader = _Reader(offset)
    for found in _token.finditer(text):
        reader.take(found[0], found.start(), found.end())
    return reader.finished(text)


class _Reader:
    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._stack: list[Container] = []
        self._context: Context | None = None
        self._around: list[Container] = []
        self._names: dict[str, list[str]] = {}

    def take(self, token: str, start: int, end: int) -> None:
        if self._context is None and start >= self._offset:
            self._note("", self._offset, self._offset)
        if token in {"{", "["}:
            self._stack.append(Container(token == "["))
        elif token in {"}", "]"}:
            if self._stack:
                self._stack.pop()
            self._value_ended()
        elif token == ",":
            self._comma()
        elif token == ":":
            if self._stack:
                self._stack[-1].awaits_value = True
        else:
            if self._context is None and start < self._offset <= end:
                self._note(token, start, end)
            self._scalar(token)

    def _comma(self) -> None:
        if self._stack:
            self._stack[-1].awaits_value = False
            self._stack[-1].index += 1

    def _scalar(self, token: str) -> None:
        if not self._stack:
            return
        top = self._stack[-1]
        if top.is_list:
            return
        text = _unquoted(token)
        if top.awaits_value:
            top.given[top.key] = text
            top.awaits_value = False
        elif token.startswith('"'):
            top.key = text
            top.given.setdefault(text, "")
            if len(self._stack) == 2:  # noqa: PLR2004 # the root and a section
                self._names.setdefault(self._stack[0].key, []).append(text)

    def _value_ended(self) -> None:
        if self._stack:
            self._stack[-1].awaits_value = False

    def _note(self, token: str, start: int, end: int) -> None:
        stack = self._stack
        path: list[str | int] = [outer.index if outer.is_list else outer.key for outer in stack[:-1]]
        top = stack[-1] if stack else None
        self._around = stack[-2:][::-1]
        is_closed = not token.startswith('"') or (len(token) > 1 and token.endswith('"'))
        self._context = Context(
            path=tuple(path),
            key=top.key if top is not None and top.awaits_value else None,
            in_list=top is not None and top.is_list,
            index=top.index if top is not None else 0,
            start=start,
            end=end if is_closed else self._offset,
            written=token[: self._offset - start],
            is_string=token.startswith('"'),
        )

    def finished(self, text: str) -> Context:
        if self._context is None:
            self._note("", len(text), len(text))
        context = self._context or Context()
        if self._around:
            context.given = self._around[0].given
            context.siblings = self._around[-1].given
        context.names = self._names
        return context


def _unquoted(token: str) -> str:
    if not token.startswith('"'):
        return token
    try:
        return str(json.loads(token if token.endswith('"') and len(token) > 1 else f'{token}"'))
    except ValueError:
        return token.strip('"')
