"""A manifest written in YAML as the JSON that is sent: coordinators take nothing else.

What a scalar means follows the core schema of YAML 1.2, without its other ways to write numbers: null, true and false,
decimal numbers, and everything else is text. What could be read in two ways is refused with its place, and so are tags,
merge keys and several documents. Anchors are written out, within limits. No I/O.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from marble_core.errors import MarbleError
from marble_core.gojson import Path, Position, Span
from marble_core.gojson.layout import laid_out

LARGEST = 16 * 1024 * 1024  # characters of JSON, what coordinators take
DEEPEST = 100

_null = re.compile(r"~|null|Null|NULL|")
_flag = re.compile(r"true|True|TRUE|false|False|FALSE")
_number = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_two_ways = re.compile(
    r"[-+]?0[0-9_]+|[-+]?0[xob][0-9a-fA-F_]+|\+[0-9.]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[0-9][0-9_]*_[0-9_]*"
    r"|(?:yes|no|on|off|y|n)",
    re.IGNORECASE,
)
_TEXT_TAG = "tag:yaml.org,2002:str"

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlRefused(MarbleError):
    """The text is no YAML, or not of the kind that has one meaning as JSON. `span` is the place."""

    code = "yaml_refused"

    def __init__(self, sentence: str, span: Span, *, hint: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.span = span


@dataclass(frozen=True, slots=True)
class Place:
    """Where the value at a path is written, and its key where it has one."""

    value: Span
    key: Span | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """The JSON, and where in the YAML everything comes from."""

    json: bytes
    places: dict[Path, Place]

    def span(self, path: Path, *, key: bool) -> Span | None:
        """The place of a path, or of the nearest thing around it, which is marked by its key."""
        nearest = path
        while nearest and nearest not in self.places:
            nearest = nearest[:-1]
        place = self.places.get(nearest)
        if place is None:
            return None
        return place.key if place.key is not None and (key or nearest != path) else place.value


def from_yaml(raw: bytes) -> Converted:
    """The JSON of a YAML text; raises YamlRefused."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlRefused("The file is not UTF-8.", _span(1, 1, 1, 1)) from error
    writer = _Writer()
    try:
        for event in _events(text):
            writer.take(event)
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(error) from error
    except yaml.YAMLError as error:
        raise YamlRefused("The text holds characters that YAML does not take.", _span(1, 1, 1, 1)) from error
    return Converted(laid_out(writer.text or "null").encode(), writer.places)


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=_Loader)


@dataclass(slots=True)
class _Open:
    """A container that is being read: its members so far, and where the next value belongs."""

    is_list: bool
    start: int  # the part of the text that it begins with
    anchor: str | None
    span: Span
    count: int = 0
    key: str | None = None
    key_span: Span | None = None


@dataclass(slots=True)
class _Writer:
    parts: list[str] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)
    _stack: list[_Open] = field(default_factory=list)
    _anchors: dict[str, str] = field(default_factory=dict)
    _length: int = 0
    _documents: int = 0

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise YamlRefused("The file holds more than one document.", _of(event))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.AliasEvent():
                self._alias(event)
            case _:
                pass

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag not in {None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"}:
            raise YamlRefused(f"The tag {event.tag} has no meaning in JSON.", _of(event))
        if len(self._stack) >= DEEPEST:
            raise YamlRefused(f"Lists and mappings are nested deeper than {DEEPEST} levels.", _of(event))
        if self._is_key():
            raise YamlRefused("A key must be text.", _of(event))
        is_list = isinstance(event, yaml.SequenceStartEvent)
        self._before_value(_of(event))
        opened = _Open(is_list, len(self.parts), event.anchor, _of(event))
        self._put("[" if is_list else "{")
        self._stack.append(opened)

    def _close(self) -> None:
        closed = self._stack.pop()
        self._put("]" if closed.is_list else "}")
        if closed.anchor:
            self._anchors[closed.anchor] = "".join(self.parts[closed.start :])
        self._after_value()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.tag not in {None, _TEXT_TAG, "!"}:
            raise YamlRefused(f"The tag {event.tag} has no meaning in JSON.", _of(event))
        if self._is_key():
            self._key(event)
            return
        written = _meaning(event)
        self._before_value(_of(event))
        self._put(written)
        if event.anchor:
            self._anchors[event.anchor] = written
        self._after_value()

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self._is_key():
            raise YamlRefused("A key must be text.", _of(event))
        known = self._anchors.get(event.anchor or "")
        if known is None:
            raise YamlRefused(f"The anchor {event.anchor} is not complete here.", _of(event))
        self._before_value(_of(event))
        self._put(known)
        self._after_value()

    def _key(self, event: yaml.ScalarEvent) -> None:
        if event.value == "<<" and event.implicit[0]:
            raise YamlRefused("Merge keys are no part of YAML 1.2.", _of(event), hint="Write the fields out.")
        top = self._stack[-1]
        self._put(("," if top.count else "") + json.dumps(event.value, ensure_ascii=False) + ":")
        top.key, top.key_span = event.value, _of(event)

    def _is_key(self) -> bool:
        return bool(self._stack) and not self._stack[-1].is_list and self._stack[-1].key is None

    def _before_value(self, span: Span) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and top.is_list and top.count:
            self._put(",")
        path = tuple(it.count if it.is_list else it.key or "" for it in self._stack)
        self.places[path] = Place(span, top.key_span if top is not None and not top.is_list else None)

    def _after_value(self) -> None:
        if self._stack:
            top = self._stack[-1]
            top.count += 1
            top.key = top.key_span = None

    def _put(self, text: str) -> None:
        self._length += len(text)
        if self._length > LARGEST:
            raise YamlRefused(
                "As JSON the text is larger than a coordinator takes (16 MiB).", _span(1, 1, 1, 1)
            )
        self.parts.append(text)


def _meaning(event: yaml.ScalarEvent) -> str:
    """The JSON of a scalar."""
    text = event.value
    if not event.implicit[0]:  # in quotes, a block, or tagged as text
        return json.dumps(text, ensure_ascii=False)
    if _null.fullmatch(text):
        return "null"
    if _flag.fullmatch(text):
        return text.lower()
    if _number.fullmatch(text):
        return str(text)
    if _two_ways.fullmatch(text):
        shown = text[:40]
        raise YamlRefused(
            f"“{shown}” is read as text by some and otherwise by others.",
            _of(event),
            hint="Put it in quotes, or write true, false or a decimal number.",
        )
    return json.dumps(text, ensure_ascii=False)


def is_text(scalar: str) -> bool:
    """Whether a scalar without quotes is text, and to everybody."""
    return not any(other.fullmatch(scalar) for other in (_null, _flag, _number, _two_ways))


def _no_yaml(error: yaml.MarkedYAMLError) -> YamlRefused:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    problem = (error.problem or "it cannot be read").strip()
    return YamlRefused(f"The text is no YAML: {problem}.", _span(line, column, line, column + 1))


def _of(event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return _span(1, 1, 1, 1)
    if isinstance(event, yaml.CollectionStartEvent):
        return _span(start.line + 1, start.column + 1, start.line + 1, start.column + 2)
    return _span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _span(line: int, column: int, end_line: int, end_column: int) -> Span:
    """Offsets are not kept: a place in YAML is only shown."""
    return Span(
        Position(line * 100_000 + column, line, column),
        Position(end_line * 100_000 + end_column, end_line, end_column),
    )
