"""The messages of `rpc.Marble` in protobuf's wire format (spec: marble-api.md, section 1).

    message ActivationReq  { bytes Quote = 1; bytes CSR = 2; string MarbleType = 3; string UUID = 4; }
    message ActivationResp { Parameters Parameters = 1; }
    message Parameters     { map<string, bytes> Files = 1; map<string, bytes> Env = 2; repeated string Argv = 3; }

Four fields are read and three written, all of them length-delimited; docs/adr/0016 says why no library does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marble_coordinator.services.activation import ActivationRequest, MarbleParameters
from marble_core.manifest.model import MarbleType

_VARINT, _FIXED_64, _LENGTH_DELIMITED, _FIXED_32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED_64: 8, _FIXED_32: 4}
_MORE = 0x80
_LONGEST_VARINT = 10  # bytes
_WIRE_TYPE = 7
_WIRE_TYPE_BITS = 3

_QUOTE, _CSR, _MARBLE_TYPE, _UUID = 1, 2, 3, 4
_FILES, _ENV, _ARGV = 1, 2, 3


class Malformed(ValueError):
    """Bytes that are no message."""


def decode_request(data: bytes) -> ActivationRequest:
    """An `ActivationReq`. Unknown fields are passed over, of a field that comes twice the last counts. Raises Malformed."""
    fields = dict(_fields(data))
    return ActivationRequest(
        marble_type=MarbleType(_text(fields.get(_MARBLE_TYPE, b""))),
        uuid=_text(fields.get(_UUID, b"")),
        csr=fields.get(_CSR, b""),
        quote=fields.get(_QUOTE, b""),
    )


def encode_response(parameters: MarbleParameters) -> bytes:
    """An `ActivationResp`."""
    content = b"".join(
        (
            _map(_FILES, parameters.files),
            _map(_ENV, parameters.env),
            *(_field(_ARGV, argument.encode()) for argument in parameters.argv),
        )
    )
    return _field(1, content)


def _map(number: int, entries: Mapping[str, bytes]) -> bytes:
    return b"".join(
        _field(number, _field(1, key.encode()) + _field(2, value)) for key, value in entries.items()
    )


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << _WIRE_TYPE_BITS | _LENGTH_DELIMITED) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= _MORE:
        encoded.append(value & ~_MORE & 0xFF | _MORE)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Malformed("a string field is not UTF-8") from error


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message; others are none of ours. Raises Malformed."""
    position = 0
    while position < len(data):
        tag, position = _read_varint(data, position)
        number, wire_type = tag >> _WIRE_TYPE_BITS, tag & _WIRE_TYPE
        if number == 0:
            raise Malformed("a field has no number")
        if wire_type == _VARINT:
            _, position = _read_varint(data, position)
            continue
        if wire_type == _LENGTH_DELIMITED:
            size, position = _read_varint(data, position)
        elif wire_type in _FIXED_SIZES:
            size = _FIXED_SIZES[wire_type]
        else:  # groups, which proto3 has not got
            raise Malformed(f"a field has wire type {wire_type}")
        end = position + size
        if end > len(data):
            raise Malformed("the message is cut off")
        if wire_type == _LENGTH_DELIMITED:
            yield number, data[position:end]
        position = end


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    """The number at `position`, and where it ends."""
    value = 0
    for count, byte in enumerate(data[position : position + _LONGEST_VARINT]):
        value |= (byte & ~_MORE) << 7 * count
        if byte < _MORE:
            return value, position + count + 1
    raise Malformed("a number does not end")
