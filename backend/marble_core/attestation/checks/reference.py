"""Step 5: were TCB info and QE identity signed by who may, for this technology, and are they current? (checks c4, c5)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.certificates import Certificate, read_certificate, split_pem
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.errors import CertificateUnreadable, CollateralUnreadable
from marble_core.attestation.quote import Tee
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import CheckResult, Comparison, failed, passed
from marble_core.attestation.tcb import QeIdentity, TcbInfo, read_qe_identity, read_tcb_info
from marble_core.attestation.times import instant

_SIGNING: Final = "TCB Signing"  # in the common name; the certificate has no other mark
_TCB_INFO_VERSION: Final = 3
_QE_IDENTITY_VERSION: Final = 2
_QE_IDS: Final = {Tee.SGX: "QE", Tee.TDX: "TD_QE"}

Signed = TypeVar("Signed", TcbInfo, QeIdentity)


@dataclass(frozen=True)
class ReferenceValues:
    """What could be read of them. `signers` are the certificates that signed, for the revocation lists."""

    info: TcbInfo | None
    identity: QeIdentity | None
    signers: tuple[Certificate, ...]


def reference_values(
    collateral: Collateral, anchor: TrustAnchor, tee: Tee | None, at: dt.datetime
) -> tuple[CheckResult, ReferenceValues]:
    """c4 and c5. Without a quote it is not known for which technology they should be, and that part is left out."""
    chain = _signer(collateral.tcb_info_issuer_chain, "TCB info", anchor, at)
    same_chain = collateral.qe_identity_issuer_chain == collateral.tcb_info_issuer_chain
    other = chain if same_chain else _signer(collateral.qe_identity_issuer_chain, "QE identity", anchor, at)
    problem_info, info = _read(
        "TCB info", chain, collateral.tcb_info, collateral.tcb_info_signature, read_tcb_info, at
    )
    problem_identity, identity = _read(
        "QE identity", other, collateral.qe_identity, collateral.qe_identity_signature, read_qe_identity, at
    )
    signers = tuple(dict.fromkeys(one for one in (chain, other) if isinstance(one, Certificate)))
    values = ReferenceValues(info, identity, signers)
    problem = problem_info or problem_identity
    if problem is None and info and identity and tee:
        problem = _misfit(info, identity, tee)
    if problem is not None or info is None or identity is None:
        return problem or failed(Reason.COLLATERAL_UNREADABLE, "nothing could be read"), values
    issued = max(info.issue_date, identity.issue_date)
    ends = min(info.next_update, identity.next_update)
    return passed(f"issued {instant(issued)}, next update {instant(ends)}"), values


def _signer(text: str, what: str, anchor: TrustAnchor, at: dt.datetime) -> Certificate | CheckResult:
    """The certificate that may sign reference values: issued by the root itself, for this purpose, no authority."""
    try:
        ders = split_pem(text)
        signer = read_certificate(ders[0])
    except CertificateUnreadable as error:
        return failed(Reason.COLLATERAL_CHAIN, f"{what}: {error.sentence.rstrip('.')}")
    if not signer.is_issued_by(anchor.certificate):
        role = signer.is_ca or signer.platform is not None
        reason = Reason.COLLATERAL_SIGNER if role else Reason.COLLATERAL_CHAIN
        return failed(reason, f"{what}: {signer.name} was not issued by {anchor.name}")
    if signer.is_ca or signer.platform is not None or _SIGNING not in signer.name:
        return failed(Reason.COLLATERAL_SIGNER, f"{what}: signed by {signer.name}")
    if at > signer.not_after:
        return failed(Reason.COLLATERAL_EXPIRED, f"{what}: {signer.name} ended {instant(signer.not_after)}")
    if at < signer.not_before:
        return failed(Reason.COLLATERAL_NOT_YET, f"{what}: {signer.name} begins {instant(signer.not_before)}")
    return signer


def _read(
    what: str,
    signer: Certificate | CheckResult,
    text: str,
    signature: bytes,
    read: Callable[[str], Signed],
    at: dt.datetime,
) -> tuple[CheckResult | None, Signed | None]:
    """The values if they are genuine, and what stands against them. Genuine ones that have ended are still given."""
    if isinstance(signer, CheckResult):
        return signer, None
    if not signer.signed(text.encode(errors="replace"), signature):
        return failed(
            Reason.COLLATERAL_SIGNATURE, f"{what}: the signature of {signer.name} does not fit"
        ), None
    try:
        values = read(text)
    except CollateralUnreadable as error:
        return failed(Reason.COLLATERAL_UNREADABLE, error.sentence.rstrip(".")), None
    if at > values.next_update:
        return failed(Reason.COLLATERAL_EXPIRED, f"{what} ended {instant(values.next_update)}"), values
    if at < values.issue_date:
        return failed(Reason.COLLATERAL_NOT_YET, f"{what} begins {instant(values.issue_date)}"), values
    return None, values


def _misfit(info: TcbInfo, identity: QeIdentity, tee: Tee) -> CheckResult | None:
    wanted = (f"{tee.value} version {_TCB_INFO_VERSION}", f"{_QE_IDS[tee]} version {_QE_IDENTITY_VERSION}")
    found = (f"{info.id} version {info.version}", f"{identity.id} version {identity.version}")
    comparisons = (
        Comparison("TCB info", wanted[0], found[0]),
        Comparison("QE identity", wanted[1], found[1]),
    )
    if found != wanted:
        return failed(Reason.COLLATERAL_KIND, "reference values of another kind", *comparisons)
    return None
