"""Which HTTP proxy to go through: the system's, one of the operator's choice, or none."""

from __future__ import annotations

import ipaddress
import urllib.request
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from marble_client.address import Address
from marble_client.errors import AddressInvalid
from marble_client.exchange import Proxy
from marble_core.errors import MarbleError

DEFAULT_PORT = 8080
_HINT = "Write it as http://host:port, for example http://proxy.example:3128."


class ProxyInvalid(MarbleError):
    """A proxy that cannot be used: no address, or of another kind than HTTP."""

    code = "proxy_invalid"


@dataclass(frozen=True, slots=True)
class ProxyChoice:
    """`url` is empty for none; with `system` the settings of the desktop or the environment decide."""

    url: str = ""
    system: bool = True

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `system`, `none` or the URL of a proxy; raises ProxyInvalid. A password is refused: it would be kept."""
        match text.strip():
            case "" | "system":
                return cls()
            case "none":
                return cls(system=False)
            case url:
                if _read(url).user:
                    raise ProxyInvalid(
                        "The address of a proxy is kept in clear, so it cannot hold a user and a password.",
                        hint="Let the system's settings name the proxy, or use one that asks for none.",
                    )
                return cls(url, system=False)

    def __str__(self) -> str:
        return "system" if self.system else self.url or "none"

    def proxy_for(self, scheme: str, host: str) -> Proxy | None:
        """The proxy on the way to a host, None for the direct way; raises ProxyInvalid. Loopback is always direct."""
        if is_loopback(host):
            return None
        if not self.system:
            return _read(self.url) if self.url else None
        found = urllib.request.getproxies()
        url = found.get(scheme) or found.get("all")
        return _read(url) if url and not urllib.request.proxy_bypass(host) else None


def is_loopback(host: str) -> bool:
    """Whether it is this computer by its very address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _read(url: str) -> Proxy:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        listening = Address.parse(f"[{parts.hostname or ''}]:{parts.port or DEFAULT_PORT}")
    except (ValueError, AddressInvalid):
        # Without the text: it may hold a password.
        raise ProxyInvalid("The address of the proxy is none.", hint=_HINT) from None
    if parts.scheme != "http":
        raise ProxyInvalid(
            f"Proxies of the kind “{parts.scheme[:20]}” cannot be used, only HTTP proxies.", hint=_HINT
        )
    return Proxy(listening.host, listening.port, parts.username or "", parts.password or "")
