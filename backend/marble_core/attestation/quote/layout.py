"""What stands where in a quote (spec: attestation.md, section 3).

A `Layout` lists fixed fields; laid over bytes it gives a `Section`, whose fields know their absolute offset, so that a
viewer can link each field with its bytes. Numbers are little-endian.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Form(Enum):
    """How a field is to be read."""

    NUMBER = "number"
    BYTES = "bytes"
    TEXT = "text"
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True)
class Spec:
    """A field of a layout: a name for programs, one for people, the size in bytes."""

    name: str
    label: str
    size: int
    form: Form = Form.BYTES


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a quote. `offset` counts from the first byte of the quote itself, without any envelope."""

    section: str
    name: str
    label: str
    offset: int
    data: bytes
    form: Form

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def text(self) -> str:
        """The value for people: a number in decimal, text as it stands, everything else in hex."""
        match self.form:
            case Form.NUMBER:
                return str(int.from_bytes(self.data, "little"))
            case Form.TEXT:
                return self.data.decode("ascii", "replace")
            case _:
                return self.data.hex()


class Layout:
    """Fields in a row, without gaps."""

    __slots__ = ("places", "size", "specs", "title")

    def __init__(self, title: str, *specs: Spec) -> None:
        self.title = title
        self.specs = specs
        self.places: dict[str, slice] = {}
        self.size = 0
        for spec in specs:
            self.places[spec.name] = slice(self.size, self.size + spec.size)
            self.size += spec.size

    def pack(self, **values: bytes | int) -> bytes:
        """Bytes with these fields and zeros for the others. Shorter bytes are filled up; too long ones are an error."""
        packed = bytearray(self.size)
        for name, value in values.items():
            place = self.places[name]
            size = place.stop - place.start
            given = value.to_bytes(size, "little") if isinstance(value, int) else value
            if len(given) > size:
                raise ValueError(f"{name} has {size} bytes, not {len(given)}")
            packed[place.start : place.start + len(given)] = given
        return bytes(packed)


@dataclass(frozen=True, slots=True)
class Section:
    """A layout laid over its bytes, of which there are as many as it wants. `start` is the offset of the first."""

    layout: Layout
    start: int
    data: bytes

    def __getitem__(self, name: str) -> bytes:
        return self.data[self.layout.places[name]]

    def number(self, name: str) -> int:
        return int.from_bytes(self[name], "little")

    @property
    def fields(self) -> Iterator[Field]:
        title, places = self.layout.title, self.layout.places
        for spec in self.layout.specs:
            place = places[spec.name]
            yield Field(title, spec.name, spec.label, self.start + place.start, self.data[place], spec.form)


def number(name: str, label: str, size: int) -> Spec:
    return Spec(name, label, size, Form.NUMBER)


def reserved(index: int, size: int) -> Spec:
    return Spec(f"reserved{index}", "reserved", size, Form.RESERVED)


HEADER: Final = Layout(
    "Header",
    number("version", "Version", 2),
    number("attestation_key_type", "Attestation key type", 2),
    number("tee_type", "TEE type", 4),
    number("qe_svn", "QE SVN", 2),
    number("pce_svn", "PCE SVN", 2),
    Spec("qe_vendor_id", "QE vendor", 16),
    Spec("user_data", "User data", 20),
)

_ENCLAVE_REPORT = (
    Spec("cpu_svn", "CPUSVN", 16),
    number("misc_select", "MISCSELECT", 4),
    reserved(1, 12),
    Spec("isv_ext_prod_id", "ISVEXTPRODID", 16),
    Spec("attributes", "ATTRIBUTES", 16),
    Spec("mr_enclave", "MRENCLAVE (UniqueID)", 32),
    reserved(2, 32),
    Spec("mr_signer", "MRSIGNER (SignerID)", 32),
    reserved(3, 32),
    Spec("config_id", "CONFIGID", 64),
    number("isv_prod_id", "ISVPRODID (ProductID)", 2),
    number("isv_svn", "ISVSVN (SecurityVersion)", 2),
    number("config_svn", "CONFIGSVN", 2),
    reserved(4, 42),
    Spec("isv_family_id", "ISVFAMILYID", 16),
    Spec("report_data", "REPORTDATA", 64),
)
ENCLAVE_REPORT: Final = Layout("Enclave report", *_ENCLAVE_REPORT)
QE_REPORT: Final = Layout("Report of the quoting enclave", *_ENCLAVE_REPORT)

_TD_10 = (
    Spec("tee_tcb_svn", "TEE_TCB_SVN", 16),
    Spec("mr_seam", "MRSEAM", 48),
    Spec("mr_signer_seam", "MRSIGNERSEAM", 48),
    Spec("seam_attributes", "SEAMATTRIBUTES", 8),
    Spec("td_attributes", "TDATTRIBUTES", 8),
    Spec("xfam", "XFAM", 8),
    Spec("mr_td", "MRTD", 48),
    Spec("mr_config_id", "MRCONFIGID", 48),
    Spec("mr_owner", "MROWNER", 48),
    Spec("mr_owner_config", "MROWNERCONFIG", 48),
    *(Spec(f"rtmr{index}", f"RTMR{index}", 48) for index in range(4)),
    Spec("report_data", "REPORTDATA", 64),
)
_TD_15 = (*_TD_10, Spec("tee_tcb_svn2", "TEE_TCB_SVN2", 16), Spec("mr_service_td", "MRSERVICETD", 48))
_TD_15_EXTENDED = (
    *_TD_15,
    number("vmid", "VMID", 1),
    Spec("td_id", "TD_ID", 32),
    Spec("dev_info", "DEV_INFO", 48),
    Spec("init_service_td_hash", "INIT_SERVICETD_HASH", 48),
    Spec("init_service_td_attributes", "INIT_SERVICETD_ATTRIBUTES", 8),
    Spec("init_cpu_svn", "INIT_CPUSVN", 16),
    Spec("init_tee_tcb_svn", "INIT_TEE_TCB_SVN", 16),
    Spec("init_tee_fmspc", "INIT_TEE_FMSPC", 12),
    Spec("cur_service_td_hash", "CUR_SERVICETD_HASH", 48),
    Spec("cur_service_td_attributes", "CUR_SERVICETD_ATTRIBUTES", 8),
)
TD_REPORT_10: Final = Layout("TD report 1.0", *_TD_10)
TD_REPORTS: Final = {  # by the body type of version 5
    2: TD_REPORT_10,
    3: Layout("TD report 1.5", *_TD_15),
    4: Layout("TD report 1.5, extended", *_TD_15_EXTENDED),
}
BODY_DESCRIPTOR: Final = Layout(
    "Body descriptor", number("body_type", "Body type", 2), number("body_size", "Body size", 4)
)

SIGNATURE_LENGTH: Final = Layout(
    "Signature data", number("signature_length", "Length of the signature data", 4)
)
SIGNATURE: Final = Layout(
    "Signature data",
    Spec("signature", "Signature over header and body (r, s)", 64),
    Spec("attestation_key", "Attestation public key (x, y)", 64),
)
QE_REPORT_SIGNATURE: Final = Layout(
    "Certification", Spec("qe_report_signature", "Signature of the QE report (r, s)", 64)
)
AUTH_DATA_LENGTH: Final = Layout(
    "Certification", number("auth_data_length", "Length of the QE authentication data", 2)
)
CERTIFICATION: Final = Layout(
    "Certification",
    number("certification_type", "Type of the certification data", 2),
    number("certification_length", "Length of the certification data", 4),
)
OUTER_CERTIFICATION: Final = Layout(
    "Certification",
    number("outer_type", "Type of the outer certification data", 2),
    number("outer_length", "Length of the outer certification data", 4),
)
