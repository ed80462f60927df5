"""A quote that could be read. Nothing in it is trusted before it is verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from marble_core.attestation.quote.layout import Field, Form, Section

_SGX_DEBUG = 0x02  # bit 1 of the first byte of ATTRIBUTES
_TD_DEBUG = 0x01  # bit 0 of the first byte of TDATTRIBUTES


class Tee(Enum):
    SGX = "SGX"
    TDX = "TDX"


@dataclass(frozen=True, slots=True)
class EnclaveReport:
    """What the hardware says about an SGX enclave."""

    section: Section

    @property
    def cpu_svn(self) -> bytes:
        return self.section["cpu_svn"]

    @property
    def misc_select(self) -> int:
        return self.section.number("misc_select")

    @property
    def attributes(self) -> bytes:
        """8 bytes of flags, 8 bytes of XFRM."""
        return self.section["attributes"]

    @property
    def unique_id(self) -> bytes:
        """MRENCLAVE, 32 bytes."""
        return self.section["mr_enclave"]

    @property
    def signer_id(self) -> bytes:
        """MRSIGNER, 32 bytes."""
        return self.section["mr_signer"]

    @property
    def product_id(self) -> int:
        return self.section.number("isv_prod_id")

    @property
    def security_version(self) -> int:
        return self.section.number("isv_svn")

    @property
    def report_data(self) -> bytes:
        """64 bytes chosen by the enclave."""
        return self.section["report_data"]

    @property
    def is_debug(self) -> bool:
        return bool(self.attributes[0] & _SGX_DEBUG)


@dataclass(frozen=True, slots=True)
class TdReport:
    """What the TDX module says about a guest."""

    section: Section

    @property
    def tee_tcb_svn(self) -> bytes:
        """16 component numbers; the first two are SVN and version of the TDX module."""
        return self.section["tee_tcb_svn"]

    @property
    def current_tee_tcb_svn(self) -> bytes | None:
        """The numbers of the module that runs now, where the report tells them (1.5)."""
        return self.section["tee_tcb_svn2"] if "tee_tcb_svn2" in self.section.layout.places else None

    @property
    def service_td(self) -> bytes:
        """The measurement of a bound service guest; empty where the report has none."""
        return self.section["mr_service_td"] if "mr_service_td" in self.section.layout.places else b""

    @property
    def module_signer(self) -> bytes:
        return self.section["mr_signer_seam"]

    @property
    def module_attributes(self) -> bytes:
        return self.section["seam_attributes"]

    @property
    def attributes(self) -> bytes:
        """TDATTRIBUTES, 8 bytes of flags."""
        return self.section["td_attributes"]

    @property
    def report_data(self) -> bytes:
        return self.section["report_data"]

    @property
    def is_debug(self) -> bool:
        return bool(self.attributes[0] & _TD_DEBUG)


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote in its parts.

    `wrapped` tells that it came in an Open Enclave envelope, which is not part of `data`. `data` is the quote as far as
    it declares itself, and its `sections` cover it without gaps; `padding` is what the buffer held behind it.
    """

    wrapped: bool
    data: bytes
    padding: bytes
    header: Section
    report: EnclaveReport | TdReport
    sections: tuple[Section, ...]
    signed_size: int
    signature: bytes  # r and s
    attestation_key: bytes  # x and y
    qe_report: EnclaveReport
    qe_report_signature: bytes  # r and s
    qe_auth_data: bytes
    certification_type: int
    certification_data: bytes

    @property
    def version(self) -> int:
        return self.header.number("version")

    @property
    def tee(self) -> Tee:
        return Tee.SGX if isinstance(self.report, EnclaveReport) else Tee.TDX

    @property
    def signed(self) -> bytes:
        """Header and body: what the attestation key signed."""
        return self.data[: self.signed_size]

    @property
    def report_data(self) -> bytes:
        return self.report.report_data

    @property
    def fields(self) -> Iterator[Field]:
        """Every byte of the quote and its padding, in order."""
        for section in self.sections:
            yield from section.fields
        if self.padding:
            yield Field("Padding", "padding", "after the quote", len(self.data), self.padding, Form.BYTES)
