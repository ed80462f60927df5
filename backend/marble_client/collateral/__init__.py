"""Collateral for quotes: which one a platform needs, and where to get it (spec: attestation.md, section 7)."""

from marble_client.collateral.address import INTEL_SERVICE, ServiceAddress
from marble_client.collateral.errors import (
    CollateralGone,
    CollateralUnavailable,
    CollateralWrong,
    PlatformUnknown,
    ServiceAddressInvalid,
    ServiceBusy,
    ServiceRefused,
    ServiceUnreachable,
)
from marble_client.collateral.platform import CaKind, Platform, platform_of
from marble_client.collateral.service import CollateralService

__all__ = [
    "INTEL_SERVICE",
    "CaKind",
    "CollateralGone",
    "CollateralService",
    "CollateralUnavailable",
    "CollateralWrong",
    "Platform",
    "PlatformUnknown",
    "ServiceAddress",
    "ServiceAddressInvalid",
    "ServiceBusy",
    "ServiceRefused",
    "ServiceUnreachable",
    "platform_of",
]
