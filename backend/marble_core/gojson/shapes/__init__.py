"""Reading a tree by a shape, with the rules of Go's decoder (spec: manifest.md, section 1).

A shape says what a place holds: `Struct` for fixed fields, `MapOf` for names chosen by the author, `ListOf`, and values.
Every shape reads a node *into* what was there before, since that is how a field given twice behaves in Go: values are
replaced, maps and structures are merged, `null` leaves a value alone and empties a map or list. Everything that does not
fit is noted, not raised, so that an operator sees all of it at once.
"""

from marble_core.gojson.shapes.base import OddError, Place, Shape
from marble_core.gojson.shapes.containers import Field, ListOf, MapOf, Struct, fold
from marble_core.gojson.shapes.values import (
    UINT8,
    Anything,
    BigInteger,
    Flag,
    Integer,
    Text,
    Value,
    decode_base64,
)
from marble_core.gojson.shapes.wrappers import Built, Bytes, Either, Maybe, Required, Unfit

FLAG = Flag()
TEXT = Text()
TEXTS = ListOf(TEXT)
BYTES = Bytes()
UINT16 = Integer("uint16", 0, 2**16 - 1)
UINT64 = Integer("uint64", 0, 2**64 - 1, "a whole number from 0 to 2^64-1")
INT64 = Integer("int", -(2**63), 2**63 - 1, "a whole number of 64 bits")
BIG_INTEGER = BigInteger()
ANYTHING = Anything()

__all__ = [
    "ANYTHING",
    "BIG_INTEGER",
    "BYTES",
    "FLAG",
    "INT64",
    "TEXT",
    "TEXTS",
    "UINT8",
    "UINT16",
    "UINT64",
    "Anything",
    "BigInteger",
    "Built",
    "Bytes",
    "Either",
    "Field",
    "Flag",
    "Integer",
    "ListOf",
    "MapOf",
    "Maybe",
    "OddError",
    "Place",
    "Required",
    "Shape",
    "Struct",
    "Text",
    "Unfit",
    "Value",
    "decode_base64",
    "fold",
]
