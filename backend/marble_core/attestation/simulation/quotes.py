"""Quotes of simulated platforms, signed all the way like genuine ones (spec: attestation.md, sections 3 and 8)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from marble_core.attestation.quote import PCK_CHAIN, Tee, layout
from marble_core.attestation.quote.layout import Layout
from marble_core.attestation.quote.parse import QE_REPORT_DATA
from marble_core.attestation.simulation.collateral import (
    QE_ATTRIBUTES,
    QE_PRODUCTS,
    QE_SIGNER,
    QE_SVN,
    TDX_COMPONENTS,
)
from marble_core.attestation.simulation.pki import (
    COMPONENTS,
    MARK,
    PCE_SVN,
    SimulatedPki,
    point,
    raw_signature,
)

_INTEL_VENDOR: Final = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
_INIT, _DEBUG, _64_BIT = 0x01, 0x02, 0x04
_XFRM: Final = bytes.fromhex("e700000000000000")
_QE_MEASUREMENT: Final = sha256(f"{MARK} quoting enclave".encode()).digest()
_AUTH_DATA: Final = sha256(f"{MARK} authentication data".encode()).digest()
_SEPT_VE_DISABLE: Final = (1 << 28).to_bytes(8, "little")


@dataclass(frozen=True, slots=True)
class SimulatedEnclave:
    """The identity that a simulated quote claims. Measurements have 32 bytes."""

    unique_id: bytes
    signer_id: bytes
    product_id: int = 3
    security_version: int = 3
    is_debug: bool = False


def sgx_quote(pki: SimulatedPki, enclave: SimulatedEnclave, report_data: bytes) -> bytes:
    """A bare quote of version 3; `report_data` has up to 64 bytes. `wrap` gives it the envelope of a coordinator."""
    flags = _INIT | _64_BIT | (_DEBUG if enclave.is_debug else 0)
    report = layout.ENCLAVE_REPORT.pack(
        cpu_svn=bytes(COMPONENTS),
        attributes=flags.to_bytes(8, "little") + _XFRM,
        mr_enclave=enclave.unique_id,
        mr_signer=enclave.signer_id,
        isv_prod_id=enclave.product_id,
        isv_svn=enclave.security_version,
        report_data=report_data,
    )
    signed = _header(3, 0x00) + report
    certification = _certification(pki, Tee.SGX)
    return signed + _with_length(_signatures(pki, signed) + certification)


def td_quote(pki: SimulatedPki, *, body_type: int | None = None, **fields: bytes | int) -> bytes:
    """A bare TDX quote of version 4, or of version 5 with a body of this type. `fields` go into the TD report."""
    body_layout: Layout = layout.TD_REPORT_10 if body_type is None else layout.TD_REPORTS[body_type]
    defaults: dict[str, bytes | int] = {
        "tee_tcb_svn": bytes(TDX_COMPONENTS),
        "td_attributes": _SEPT_VE_DISABLE,
        "xfam": _XFRM,
    }
    if "tee_tcb_svn2" in body_layout.places:
        defaults["tee_tcb_svn2"] = bytes(TDX_COMPONENTS)
    body = body_layout.pack(**(defaults | fields))
    if body_type is not None:
        body = layout.BODY_DESCRIPTOR.pack(body_type=body_type, body_size=body_layout.size) + body
    signed = _header(4 if body_type is None else 5, 0x81) + body
    inner = _certification(pki, Tee.TDX)
    outer = layout.OUTER_CERTIFICATION.pack(outer_type=QE_REPORT_DATA, outer_length=len(inner))
    return signed + _with_length(_signatures(pki, signed) + outer + inner)


def _header(version: int, tee_type: int) -> bytes:
    return layout.HEADER.pack(
        version=version,
        attestation_key_type=2,
        tee_type=tee_type,
        qe_svn=QE_SVN,
        pce_svn=PCE_SVN,
        qe_vendor_id=_INTEL_VENDOR,
        user_data=f"{MARK} QUOTE".encode(),
    )


def _signatures(pki: SimulatedPki, signed: bytes) -> bytes:
    key = pki.attestation_key
    return layout.SIGNATURE.pack(signature=raw_signature(key, signed), attestation_key=point(key))


def _certification(pki: SimulatedPki, tee: Tee) -> bytes:
    """The report of the quoting enclave over the attestation key, signed by the platform, and the platform's chain."""
    report = layout.QE_REPORT.pack(
        cpu_svn=bytes(COMPONENTS),
        attributes=QE_ATTRIBUTES[:8] + _XFRM,
        mr_enclave=_QE_MEASUREMENT,
        mr_signer=QE_SIGNER,
        isv_prod_id=QE_PRODUCTS[tee],
        isv_svn=QE_SVN,
        report_data=sha256(point(pki.attestation_key) + _AUTH_DATA).digest(),
    )
    chain = pki.platform_chain.encode() + b"\0"
    return b"".join(
        (
            report,
            raw_signature(pki.platform.key, report),
            layout.AUTH_DATA_LENGTH.pack(auth_data_length=len(_AUTH_DATA)) + _AUTH_DATA,
            layout.CERTIFICATION.pack(certification_type=PCK_CHAIN, certification_length=len(chain)),
            chain,
        )
    )


def _with_length(signature_data: bytes) -> bytes:
    return layout.SIGNATURE_LENGTH.pack(signature_length=len(signature_data)) + signature_data
