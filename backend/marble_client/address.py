"""Where a coordinator listens: a host and a port, as one value that is always valid."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Self

from marble_client.errors import AddressInvalid

DEFAULT_PORT = 4433
HIGHEST_PORT = 65535
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?", re.IGNORECASE | re.ASCII)
_HINT = "Write it as host:port, for example coordinator.example:4433 or [::1]:4433."


@dataclass(frozen=True, slots=True)
class Address:
    """`host` is a name or an IP literal without brackets."""

    host: str
    port: int = DEFAULT_PORT

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host`, `host:port` or `[IPv6]:port`; raises AddressInvalid."""
        host, port = _split(text.strip())
        if not is_host(host):
            raise AddressInvalid(f"“{text}” is not the address of a coordinator.", hint=_HINT)
        if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= HIGHEST_PORT):
            raise AddressInvalid(f"“{port}” is not a port: ports are numbers from 1 to 65535.", hint=_HINT)
        return cls(host, int(port) if port else DEFAULT_PORT)

    @property
    def url(self) -> str:
        return f"https://{self}"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _split(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        return (host, rest[1:]) if bracket and rest[:1] in {"", ":"} else ("", "")
    if text.count(":") > 1:
        return text, ""
    host, _, port = text.partition(":")
    return host, port


def is_host(host: str) -> bool:
    """Whether it is a name or an IP literal (without brackets) that can be looked up and stand in a certificate."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(host))
    return True
