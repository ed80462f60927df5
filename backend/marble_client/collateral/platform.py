"""What a collateral service has to be told about the platform of a quote, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from marble_client.collateral.errors import CollateralUnavailable
from marble_core.attestation.certificates import read_chain
from marble_core.attestation.errors import CertificateUnreadable
from marble_core.attestation.quote import PCK_CHAIN, Quote, Tee


class CaKind(StrEnum):
    """Which of the two authorities issued the platform's certificate; the values are those of the service."""

    PROCESSOR = "processor"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Platform:
    """`fmspc` (6 bytes) names family, model and stepping of the processor: no single machine."""

    fmspc: bytes
    ca: CaKind
    tee: Tee

    def __str__(self) -> str:
        return f"{self.tee.value.lower()}-{self.fmspc.hex()}-{self.ca}"


def platform_of(quote: Quote) -> Platform:
    """The platform by the PCK certificate in its quote, which nobody has verified; raises CollateralUnavailable."""
    if quote.certification_type != PCK_CHAIN:
        raise _unknown("The quote does not hold the certificate of its platform")
    try:
        leaf, authority, *_ = read_chain(quote.certification_data)
    except (CertificateUnreadable, ValueError) as error:
        raise _unknown("The certificates of the platform in the quote cannot be read") from error
    kinds = [kind for kind in CaKind if f"{kind} ca" in authority.name.lower()]
    if leaf.platform is None or len(kinds) != 1:
        raise _unknown("The first certificate in the quote is not that of a platform")
    return Platform(leaf.platform.fmspc, kinds[0], quote.tee)


def _unknown(why: str) -> CollateralUnavailable:
    return CollateralUnavailable(
        f"{why}, so no collateral can be asked for.",
        hint="Load the collateral from a file, if you have it.",
    )
