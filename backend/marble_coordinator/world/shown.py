"""How parts of the world are written into answers."""

from __future__ import annotations

import base64
import json


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def as_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def bytes_as_json(value: bytes | None) -> bytes:
    """Bytes, or their absence, as JSON. Base64 needs no escapes."""
    return b"null" if value is None else b'"%b"' % base64.b64encode(value)
