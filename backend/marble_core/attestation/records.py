"""Reads our own files (evidence, reports) from anybody: each member is asked for by type, and the error names it."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from marble_core.errors import MarbleError

E = TypeVar("E", bound=Enum)
T = TypeVar("T")
Refusal = Callable[[str], MarbleError]


class Record:
    """A JSON object. What is missing or of another type raises the error that `refuse` makes of a sentence."""

    def __init__(self, members: dict[str, Any], refuse: Refusal) -> None:
        self.members = members
        self.refuse = refuse

    def require_format(self, name: str, version: int) -> None:
        """Raises unless this is the file `name` of exactly this version."""
        if self.members.get("format") != name:
            raise self.refuse(f"The file is no {name}.")
        if self.members.get("version") != version:
            raise self.refuse(
                "The file is of a version that is not known. A newer Marble Console may read it."
            )

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self.members.get(name) is not None

    def text(self, name: str) -> str:
        value = self._wanted(name, str)
        if not is_encodable(value):
            raise self.refuse(f"In the file, {name} is no text.")
        return value

    def number(self, name: str) -> int:
        value = self._wanted(name, int)
        if isinstance(value, bool):
            raise self.refuse(f"In the file, {name} is missing or of another type.")
        return value

    def flag(self, name: str) -> bool:
        return self._wanted(name, bool)

    def choice(self, name: str, among: type[E]) -> E:
        try:
            return among(self.members.get(name))
        except ValueError as error:
            raise self.refuse(f"In the file, {name} has a value that is not known.") from error

    def base64(self, name: str) -> bytes:
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.refuse(f"In the file, {name} is not base64.") from error

    def hex(self, name: str, size: int | None = None) -> bytes:
        try:
            value = bytes.fromhex(self.text(name))
        except ValueError as error:
            raise self.refuse(f"In the file, {name} is not hex.") from error
        if size is not None and len(value) != size:
            raise self.refuse(f"In the file, {name} has {len(value)} bytes instead of {size}.")
        return value

    def time(self, name: str) -> dt.datetime:
        """An aware time, in UTC."""
        try:
            moment = dt.datetime.fromisoformat(self.text(name))
        except ValueError as error:
            raise self.refuse(f"In the file, {name} is no time.") from error
        if moment.tzinfo is None:
            raise self.refuse(f"In the file, {name} has no time zone.")
        try:
            return moment.astimezone(dt.UTC)
        except OverflowError as error:
            raise self.refuse(f"In the file, {name} lies outside the calendar.") from error

    def texts(self, name: str) -> tuple[str, ...]:
        given = self._wanted(name, list)
        if not all(isinstance(one, str) and is_encodable(one) for one in given):
            raise self.refuse(f"In the file, {name} holds something that is no text.")
        return tuple(given)

    def objects(self, name: str) -> list[Record]:
        given = self._wanted(name, list)
        if not all(isinstance(one, dict) for one in given):
            raise self.refuse(f"In the file, {name} holds something that is no object.")
        return [Record(one, self.refuse) for one in given]

    def optional(self, name: str) -> Record | None:
        """The object, or None where it is missing or null."""
        return Record(self._wanted(name, dict), self.refuse) if self.has(name) else None

    def _wanted(self, name: str, kind: type[T]) -> T:
        value = self.members.get(name)
        if not isinstance(value, kind):
            raise self.refuse(f"In the file, {name} is missing or of another type.")
        return value


def read_object(raw: bytes, limit: int, refuse: Refusal) -> Record:
    """The JSON object that a file of at most `limit` bytes holds."""
    if len(raw) > limit:
        raise refuse(f"The file has {len(raw)} bytes, and more than {limit} are not read.")
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise refuse("The file is no JSON.") from error
    if not isinstance(given, dict):
        raise refuse("The file holds no JSON object.")
    return Record(given, refuse)


def is_encodable(text: str) -> bool:
    """JSON can hold halves of characters, which are no text and cannot be written anywhere."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
