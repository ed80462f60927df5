"""How parts of the world are written into answers."""

from __future__ import annotations

import base64
import json


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def as_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
