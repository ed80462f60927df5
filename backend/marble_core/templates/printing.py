"""How values become text: by standing alone in an action, and by `print`, `println` and `printf`.

Go can print anything, in forms that tell of its inner structures. Here only strings, whole numbers and truth values
have a printed form; `printf` also takes the bytes of a secret's part as text or in hex.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from marble_core.secrets import Secret
from marble_core.templates.budget import Budget
from marble_core.templates.errors import CallError
from marble_core.templates.values import (
    MISSING,
    CertificatePart,
    Missing,
    Part,
    Record,
    SecretMap,
    Value,
)

_VERB = re.compile(rb"%(?P<flags>[-0]*)(?P<width>[0-9]*)(?P<verb>.?)", re.DOTALL)
_PRINTABLE_ASCII = re.compile(rb"[ -~]*")
_WIDEST = 100_000
_TYPE_NAMES: Mapping[type, str] = {
    bool: "bool",
    int: "int",
    bytes: "string",
    Part: "[]uint8",
    CertificatePart: "manifest.Certificate",
    Secret: "manifest.Secret",
    SecretMap: "map[string]manifest.Secret",
    Missing: "nil",
}


def type_name(value: Value) -> str:
    """A value's type as messages name it."""
    return value.type_name if isinstance(value, Record) else _TYPE_NAMES[type(value)]


def shown(value: Value) -> bytes:
    """The text of a value that stands alone in an action. Raises CallError."""
    if value is MISSING:
        return b"<no value>"
    return _plain(value)


def _plain(value: Value) -> bytes:
    match value:
        case bool():
            return b"true" if value else b"false"
        case int():
            return b"%d" % value
        case bytes():
            return value
        case Secret() | Part() | CertificatePart():
            raise CallError("a secret is printed by one of the functions pem, hex, base64, raw, string only")
        case _:
            raise CallError(f"a value of type {type_name(value)} has no printed form")


def print_values(arguments: Sequence[Value], _: Budget) -> bytes:
    """All values, with a blank between two of which neither is a string."""
    pieces: list[bytes] = []
    for index, value in enumerate(arguments):
        if index and not isinstance(value, bytes) and not isinstance(arguments[index - 1], bytes):
            pieces.append(b" ")
        pieces.append(_plain(value))
    return b"".join(pieces)


def print_line(arguments: Sequence[Value], _: Budget) -> bytes:
    """All values with blanks between, and a newline."""
    return b" ".join(map(_plain, arguments)) + b"\n"


def print_formatted(arguments: Sequence[Value], budget: Budget) -> bytes:
    """`printf`: the verbs %s %q %v %d %x %t %%, with a width and the flags `-` and `0`.

    Go goes on after a mistake in the format and prints a note about it; here each mistake is refused.
    """
    layout, *values = arguments
    if not isinstance(layout, bytes):
        raise CallError(f"wrong type for value; expected string; got {type_name(layout)}")
    rest = iter(values)
    pieces: list[bytes] = []
    at = 0
    for match in _VERB.finditer(layout):
        pieces += (layout[at : match.start()], _format(match, rest, budget))
        at = match.end()
    if next(rest, None) is not None:
        raise CallError("more values than verbs in the format")
    return b"".join(pieces) + layout[at:]


def _format(match: re.Match[bytes], values: Iterator[Value], budget: Budget) -> bytes:
    flags, width, verb = match["flags"], int(match["width"] or b"0"), match["verb"].decode("latin-1")
    if verb == "%" and match.group() == b"%%":
        return b"%"
    if width > _WIDEST:
        raise CallError(f"a width above {_WIDEST} is not supported")
    if verb not in _FORMATS:
        raise CallError(f"the verb {match.group().decode('ascii', 'replace')} is not supported")
    value = next(values, None)
    if value is None:
        raise CallError(f"no value left for the verb %{verb}")
    zeros = b"0" in flags and b"-" not in flags
    if zeros and (not isinstance(value, int) or isinstance(value, bool)):
        raise CallError("only numbers are padded with zeros")
    text = _FORMATS[verb](value)
    missing = width - len(text.decode("utf-8", "surrogateescape"))
    budget.spend_bytes(max(width, len(text)))
    if missing <= 0:
        return text
    if b"-" in flags:
        return text + b" " * missing
    if zeros:
        sign, digits = (text[:1], text[1:]) if text.startswith(b"-") else (b"", text)
        return sign + b"0" * missing + digits
    return b" " * missing + text


def _as_text(value: Value) -> bytes:
    match value:
        case bytes(data) | Part(data=data):
            return data
        case _:
            raise CallError(f"%s takes strings and parts of secrets, not a value of type {type_name(value)}")


def _as_number(value: Value) -> bytes:
    if isinstance(value, int) and not isinstance(value, bool):
        return b"%d" % value
    raise CallError(f"%d takes whole numbers, not a value of type {type_name(value)}")


def _as_hex(value: Value) -> bytes:
    match value:
        case bytes(data) | Part(data=data):
            return data.hex().encode("ascii")
        case int() if not isinstance(value, bool):
            return format(value, "x").encode("ascii")
        case _:
            raise CallError(
                f"%x takes numbers, strings and parts of secrets, not a value of type {type_name(value)}"
            )


def _as_truth(value: Value) -> bytes:
    if isinstance(value, bool):
        return _plain(value)
    raise CallError(f"%t takes true and false, not a value of type {type_name(value)}")


def _as_quoted(value: Value) -> bytes:
    # Which other characters Go escapes depends on its version of Unicode.
    if isinstance(value, bytes) and _PRINTABLE_ASCII.fullmatch(value):
        return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    raise CallError("%q takes strings of printable ASCII characters")


_FORMATS: Mapping[str, Callable[[Value], bytes]] = {
    "s": _as_text,
    "v": _plain,
    "d": _as_number,
    "x": _as_hex,
    "t": _as_truth,
    "q": _as_quoted,
}
