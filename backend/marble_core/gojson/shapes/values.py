"""Shapes without parts."""

from __future__ import annotations

import binascii
import re
from abc import abstractmethod
from typing import TypeVar

from marble_core.gojson.nodes import Bool, Node, Null, Number, String
from marble_core.gojson.notes import Notes, Path
from marble_core.gojson.plain import Literal, Plain
from marble_core.gojson.shapes.base import OddError, Shape

T = TypeVar("T")

_integer = re.compile(r"-?[0-9]{1,20}")
_line_breaks = str.maketrans("", "", "\r\n")


class Value(Shape[T]):
    """A shape without parts: null leaves what was there."""

    def read(self, node: Node, old: T, at: Path, notes: Notes) -> T:
        if isinstance(node, Null):
            return old
        return self.convert(node, old, at, notes)

    @abstractmethod
    def convert(self, node: Node, old: T, at: Path, notes: Notes) -> T: ...


class Flag(Value[bool]):
    zero = False
    go_type = "bool"
    wanted = "true or false"

    def fit(self, value: Plain) -> bool:
        if value is True or value is False:
            return value
        raise OddError

    def convert(self, node: Node, old: bool, at: Path, notes: Notes) -> bool:
        if isinstance(node, Bool):
            return node.value
        return notes.misfit(self, node, at, old)


class Text(Value[str]):
    zero = ""
    go_type = "string"
    wanted = "text"

    def fit(self, value: Plain) -> str:
        if isinstance(value, str):
            return value
        raise OddError

    def convert(self, node: Node, old: str, at: Path, notes: Notes) -> str:
        if isinstance(node, String):
            return node.value
        return notes.misfit(self, node, at, old)


class Integer(Value[int]):
    """A whole number written as plain digits, from `low` to `high`."""

    zero = 0

    def __init__(self, go_type: str, low: int, high: int, wanted: str = "") -> None:
        self.go_type = go_type
        self.low = low
        self.high = high
        self.wanted = wanted or f"a whole number from {low} to {high}"

    def fit(self, value: Plain) -> int:
        number = self._number(value.text) if isinstance(value, Literal) else None
        if number is None:
            raise OddError
        return number

    def convert(self, node: Node, old: int, at: Path, notes: Notes) -> int:
        if not isinstance(node, Number):
            return notes.misfit(self, node, at, old)
        number = self._number(node.literal)
        return notes.misfit(self, node, at, old, node.literal) if number is None else number

    def _number(self, literal: str) -> int | None:
        # An unsigned number has no sign in Go, so "-0" is none either.
        if _integer.fullmatch(literal) and (self.low < 0 or literal[0] != "-"):
            value = int(literal)
            if self.low <= value <= self.high:
                return value
        return None


class BigInteger(Value[None]):
    """A whole number of any size; only its form is checked."""

    zero = None
    go_type = "big.Int"
    wanted = "a whole number"

    def convert(self, node: Node, old: None, at: Path, notes: Notes) -> None:
        if not isinstance(node, Number) or node.literal.strip("-0123456789"):
            notes.misfit(self, node, at, old)


class Anything(Shape[None]):
    """Any value; nobody looks at it."""

    zero = None
    go_type = "interface {}"
    wanted = "anything"

    def read(self, node: Node, old: None, at: Path, notes: Notes) -> None:
        del node, old, at, notes


def decode_base64(text: str) -> bytes:
    """Standard base64 with padding; line breaks are skipped, nothing else is. Raises ValueError."""
    try:
        return binascii.a2b_base64(text.translate(_line_breaks), strict_mode=True)
    except ValueError:
        raise ValueError("illegal base64 data") from None


UINT8 = Integer("uint8", 0, 2**8 - 1)
