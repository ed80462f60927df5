"""Verifying a coordinator before it is trusted: fetch, collateral, verdict, and what to make of it. No Qt."""

from marble_console.attesting.cache import Cached, CollateralCache
from marble_console.attesting.collateral import Obtained, Origin, obtain
from marble_console.attesting.job import attest, keep, obtain_for
from marble_console.attesting.subject import (
    Attestation,
    NonceWithdrawn,
    NotAttested,
    Phase,
    RootIsTemporary,
    Subject,
)

__all__ = [
    "Attestation",
    "Cached",
    "CollateralCache",
    "NonceWithdrawn",
    "NotAttested",
    "Obtained",
    "Origin",
    "Phase",
    "RootIsTemporary",
    "Subject",
    "attest",
    "keep",
    "obtain",
    "obtain_for",
]
