"""How a coordinator is reached: through which proxy, how long it may take, and whether anything may be changed there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from marble_client.errors import ClientError
from marble_client.limits import Limits
from marble_client.proxies import ProxyChoice


class ReadOnly(ClientError):
    """The connection is for looking only. Nothing was sent."""

    code = "read_only"


@dataclass(frozen=True, slots=True)
class Link:
    """Straight, with the usual patience, unless it is said otherwise. `seconds` are for connecting.

    A coordinator that is slow to connect to is slow to answer, so the other limits are never shorter.
    """

    proxy: ProxyChoice = field(default_factory=lambda: ProxyChoice(system=False))
    seconds: int | None = None
    read_only: bool = False

    def within(self, usual: Limits) -> Limits:
        if self.seconds is None:
            return usual
        return Limits(self.seconds, max(usual.read, self.seconds), max(usual.answer, self.seconds))

    def require_writable(self) -> None:
        """Raise ReadOnly where nothing may be changed."""
        if self.read_only:
            raise ReadOnly(
                "This connection is read-only, so nothing was sent.",
                hint="Edit the connection to allow changes.",
            )


DIRECT: Final = Link()
