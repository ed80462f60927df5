"""The ready line of a bundled coordinator: one JSON object on standard output, once it listens (`--ready-json`)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import get_type_hints

from marble_client.address import HIGHEST_PORT, Address

LOOPBACK = "127.0.0.1"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Ready:
    """Where it listens on loopback, and the SHA-256 (hex) of the root certificate to trust it by."""

    client_port: int
    mesh_port: int
    root_sha256: str
    state: int
    version: str
    pid: int

    @property
    def address(self) -> Address:
        return Address(LOOPBACK, self.client_port)


def parse_ready(line: str) -> Ready:
    """Read the line; raises ValueError when it is anything else."""
    try:
        record = json.loads(line)
        values = {field.name: record[field.name] for field in fields(Ready)}
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a ready line") from error
    if not all(type(values[name]) is kind for name, kind in get_type_hints(Ready).items()):
        raise ValueError("a field of the ready line has another type")
    ready = Ready(**values)
    if not all(0 < port <= HIGHEST_PORT for port in (ready.client_port, ready.mesh_port)):
        raise ValueError("a port of the ready line is none")
    if not _SHA256.fullmatch(ready.root_sha256):
        raise ValueError("the fingerprint of the ready line is none")
    return ready
