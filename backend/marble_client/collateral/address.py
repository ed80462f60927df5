"""The address of a collateral service: Intel's own, or a caching one (PCCS) with the same layout below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from marble_client.address import Address
from marble_client.collateral.errors import ServiceAddressInvalid
from marble_client.errors import AddressInvalid

LAYOUT = "/sgx/certification/v4"
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """`path` is what stands before the layout. Over plain HTTP others can read which platform is asked for."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `http(s)://host[:port][/path]`, with or without the layout at its end.

        Raises ServiceAddressInvalid.
        """
        text = text.strip()
        try:
            parts = urlsplit(text)
            listening = Address.parse(f"[{parts.hostname or ''}]:{parts.port or _PORTS[parts.scheme]}")
        except (ValueError, KeyError, AddressInvalid):
            raise _invalid("This is not the address of a collateral service.") from None
        # The library lets control characters and spaces pass, and a request must not have them.
        if not text.isascii() or not text.isprintable() or " " in text:
            raise _invalid("This is not the address of a collateral service.")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise _invalid("The address of a collateral service has no user, query or fragment.")
        path = parts.path.rstrip("/").removesuffix(LAYOUT)
        return cls(parts.scheme, listening.host, listening.port, path)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


INTEL_SERVICE = ServiceAddress("https", "api.trustedservices.intel.com", 443)


def _invalid(sentence: str) -> ServiceAddressInvalid:
    return ServiceAddressInvalid(
        sentence,
        hint=f"Write it like {INTEL_SERVICE} or https://pccs.example:8081, without a path of the layout.",
    )
