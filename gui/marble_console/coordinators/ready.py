"""The ready line of a bundled coordinator: one JSON object on standard output, once it listens (`--ready-json`)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import MISSING, dataclass, field, fields
from typing import get_type_hints

from marble_client.address import HIGHEST_PORT, Address

LOOPBACK = "127.0.0.1"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COLLATERAL_URL = re.compile(r"http://(?:[0-9.]+|\[[0-9a-f:]+\]):[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Ready:
    """Where it listens on loopback, and the SHA-256 (hex) of the root certificate to trust it by.

    Where its quotes are simulated, `collateral_url` serves what they are judged by, under the root `simulation_root`
    (base64 of DER). Else both are empty.
    """

    client_port: int
    mesh_port: int
    root_sha256: str
    state: int
    version: str
    pid: int
    collateral_url: str = ""
    simulation_root: str = field(default="", repr=False)

    @property
    def simulation_root_der(self) -> bytes | None:
        """The root to choose for its simulated quotes; None where it simulates none."""
        return base64.b64decode(self.simulation_root) if self.simulation_root else None

    @property
    def address(self) -> Address:
        return Address(LOOPBACK, self.client_port)


def parse_ready(line: str) -> Ready:
    """Read the line; raises ValueError when it is anything else."""
    try:
        record = json.loads(line)
        values = {
            one.name: record[one.name]
            for one in fields(Ready)
            if one.name in record or one.default is MISSING
        }
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a ready line") from error
    kinds = get_type_hints(Ready)
    if not all(type(value) is kinds[name] for name, value in values.items()):
        raise ValueError("a field of the ready line has another type")
    ready = Ready(**values)
    if not all(0 < port <= HIGHEST_PORT for port in (ready.client_port, ready.mesh_port)):
        raise ValueError("a port of the ready line is none")
    if not _SHA256.fullmatch(ready.root_sha256):
        raise ValueError("the fingerprint of the ready line is none")
    _check_simulation(ready)
    return ready


def _check_simulation(ready: Ready) -> None:
    if bool(ready.collateral_url) != bool(ready.simulation_root):
        raise ValueError("the ready line has one half of a simulation")
    if ready.collateral_url and not _COLLATERAL_URL.fullmatch(ready.collateral_url):
        raise ValueError("the address of the collateral in the ready line is none")
    try:
        base64.b64decode(ready.simulation_root, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the simulation root of the ready line is none") from error
