"""The functions that templates may call (spec: manifest.md, section 6; docs/templates.md lists what is left out).

Each takes its arguments' values and the budget, and raises CallError. `and` and `or` are not here: they evaluate their
operands one by one, so the machine has them.
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from marble_core.manifest.model import SecretType
from marble_core.pem import pem_text
from marble_core.secrets import Secret
from marble_core.templates import printing
from marble_core.templates.budget import Budget
from marble_core.templates.errors import CallError
from marble_core.templates.values import (
    MISSING,
    CertificatePart,
    Missing,
    Part,
    Record,
    SecretMap,
    Target,
    Value,
)

Arguments = Sequence[Value]
_ANY: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Function:
    """How to call a function, and with how many arguments."""

    call: Callable[[Arguments, Budget], Value]
    least: int
    most: int

    def refuse_count(self, name: str, got: int) -> str | None:
        """What Go says of a wrong number of arguments, or None if it is right."""
        if self.least <= got <= self.most:
            return None
        want = str(self.least) if self.least == self.most else f"at least {self.least}"
        return f"wrong number of args for {name}: want {want} got {got}"


def _pem(arguments: Arguments, _: Budget) -> bytes:
    match arguments[0]:
        case CertificatePart(der=data):
            label = "CERTIFICATE"
        case Part(data=data, label=label):
            pass
        case value if value is MISSING:
            raise CallError("secret does not exist")
        case _:
            raise CallError("invalid secret type for pem encoding")
    if not data:
        raise CallError("tried to parse secret with empty value")
    return pem_text(label, data).encode("ascii")


def _bytes_of(value: Value) -> bytes:
    """A part's bytes; of a whole secret, its public ones."""
    match value:
        case CertificatePart(der=data) | Part(data=data) | Secret(public=data):
            pass
        case _ if value is MISSING:
            raise CallError("secret does not exist")
        case _:
            raise CallError("invalid secret type")
    if not data:
        raise CallError("tried to parse secret with empty value")
    return data


def _hex(arguments: Arguments, _: Budget) -> bytes:
    return _bytes_of(arguments[0]).hex().encode("ascii")


def _base64(arguments: Arguments, _: Budget) -> bytes:
    return base64.b64encode(_bytes_of(arguments[0]))


def _raw(arguments: Arguments, _: Budget) -> bytes:
    return _bytes_of(arguments[0])


def _string(arguments: Arguments, _: Budget) -> bytes:
    value = arguments[0]
    if value is MISSING:
        raise CallError("secret does not exist")
    if not isinstance(value, Secret) or value.type is not SecretType.PLAIN:
        raise CallError(
            "only secrets of type plain are allowed to use string encoding for environment variables"
        )
    text = _bytes_of(value)
    if b"\0" in text:
        raise CallError("secret contains null bytes")
    return text


def _index(arguments: Arguments, _: Budget) -> Value:
    match arguments:
        case [SecretMap() as secrets, bytes(name)]:
            return secrets.by_index(name)
        case _:
            raise CallError("only .Secrets can be indexed, by a name")


def _len(arguments: Arguments, _: Budget) -> int:
    match arguments[0]:
        case bytes(data) | Part(data=data):
            return len(data)
        case SecretMap(secrets=secrets):
            return len(secrets)
        case value:
            raise CallError(f"len of type {printing.type_name(value)}")


def _slice(arguments: Arguments, _: Budget) -> bytes:
    text, *bounds = arguments
    if not isinstance(text, bytes):
        raise CallError("only strings can be sliced")
    low, high = [*(_bound(bound, text) for bound in bounds), *(0, len(text))[len(bounds) :]]
    if low > high:
        raise CallError(f"invalid slice index: {low} > {high}")
    return text[low:high]


def _bound(value: Value, text: bytes) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise CallError(f"cannot index slice/array with type {printing.type_name(value)}")
    if not 0 <= value <= len(text):
        raise CallError(f"index out of range: {value}")
    return value


def _not(arguments: Arguments, _: Budget) -> bool:
    return not truth(arguments[0])


def truth(value: Value) -> bool:
    """Whether a condition holds: structures always do, even a secret without a value; empty things do not."""
    match value:
        case bool() | int() | bytes():
            return bool(value)
        case Part(data=data):
            return bool(data)
        case SecretMap(secrets=secrets):
            return bool(secrets)
        case CertificatePart() | Secret() | Record():
            return True
        case Missing():
            return False
        case _:
            assert_never(value)


def _comparable(value: Value) -> bool | int | bytes:
    if isinstance(value, bool | int | bytes):
        return value
    raise CallError(f"non-comparable type {printing.type_name(value)}")


def _same_kind(left: Value, right: Value) -> tuple[Any, Any]:
    one, other = _comparable(left), _comparable(right)
    if type(one) is not type(other):
        names = f"{printing.type_name(one)} and {printing.type_name(other)}"
        raise CallError(f"incompatible types for comparison: {names}")
    return one, other


def _eq(arguments: Arguments, _: Budget) -> bool:
    """Whether the first argument equals any of the others."""
    first, *others = arguments
    if not others:
        raise CallError("missing argument for comparison")
    return any(operator.eq(*_same_kind(first, other)) for other in others)


def _ne(arguments: Arguments, _: Budget) -> bool:
    left, right = _same_kind(*arguments)
    return bool(left != right)


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Arguments, Budget], bool]:
    def function(arguments: Arguments, _: Budget) -> bool:
        left, right = _same_kind(*arguments)
        if isinstance(left, bool):
            raise CallError("invalid type for comparison")
        return bool(compare(left, right))

    return function


_EVERYWHERE: Mapping[str, Function] = {
    "pem": Function(_pem, 1, 1),
    "hex": Function(_hex, 1, 1),
    "base64": Function(_base64, 1, 1),
    "index": Function(_index, 1, _ANY),
    "len": Function(_len, 1, 1),
    "slice": Function(_slice, 1, 3),
    "not": Function(_not, 1, 1),
    "eq": Function(_eq, 1, _ANY),
    "ne": Function(_ne, 2, 2),
    "lt": Function(_ordering(operator.lt), 2, 2),
    "le": Function(_ordering(operator.le), 2, 2),
    "gt": Function(_ordering(operator.gt), 2, 2),
    "ge": Function(_ordering(operator.ge), 2, 2),
    "print": Function(printing.print_values, 0, _ANY),
    "println": Function(printing.print_line, 0, _ANY),
    "printf": Function(printing.print_formatted, 1, _ANY),
}
FUNCTIONS: Mapping[Target, Mapping[str, Function]] = {
    Target.FILE: {**_EVERYWHERE, "raw": Function(_raw, 1, 1)},
    Target.ENV: {**_EVERYWHERE, "string": Function(_string, 1, 1)},
}
LAZY = frozenset({"and", "or"})
