"""Where the collateral of a verification comes from: given by the operator, kept from before, or asked for now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from marble_client.collateral import CollateralService, CollateralUnavailable, Platform
from marble_client.proxies import ProxyInvalid
from marble_console.attesting.cache import CollateralCache
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.collateral import Collateral
from marble_core.errors import MarbleError


class Origin(Enum):
    NONE = "none"
    GIVEN = "given"
    CACHE = "cache"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Obtained:
    """`problem` tells why there is none, or why it is an older one than was asked for. `at` is when it was fetched."""

    collateral: Collateral | None
    origin: Origin
    at: dt.datetime | None = None
    problem: MarbleError | None = None


def obtain(
    platform: Platform,
    anchor: TrustAnchor,
    service: CollateralService,
    cache: CollateralCache,
    now: dt.datetime,
    *,
    refresh: bool = False,
) -> Obtained:
    """Collateral for a platform, from the cache while it is fresh, else from the service, else from the cache after all.

    With `refresh` the service is asked in any case. What the service gives is kept by nobody yet: whether it holds
    shows in the verification.
    """
    cached = cache.get(platform, anchor)
    if cached and not refresh and cached.is_fresh(now):
        return Obtained(cached.collateral, Origin.CACHE, cached.fetched)
    try:
        return Obtained(service.fetch(platform, anchor), Origin.SERVICE, now)
    except (CollateralUnavailable, ProxyInvalid) as problem:
        if cached and cached.is_usable(now):
            return Obtained(cached.collateral, Origin.CACHE, cached.fetched, problem)
        return Obtained(None, Origin.NONE, problem=problem)
