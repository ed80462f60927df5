"""Reads quotes: SGX version 3, TDX versions 4 and 5, bare or in an Open Enclave envelope (spec: attestation.md, 1 and 3).

Whatever the bytes are, the outcome is a `Quote` or `QuoteMalformed`; the work is bounded by their number, which is
bounded in turn.
"""

from __future__ import annotations

import struct
from typing import Final

from marble_core.attestation.errors import QuoteMalformed
from marble_core.attestation.quote import layout
from marble_core.attestation.quote.layout import Form, Layout, Section, Spec
from marble_core.attestation.quote.model import EnclaveReport, Quote, TdReport
from marble_core.attestation.reasons import Reason

MAX_QUOTE: Final = 64 * 1024  # genuine ones have 4 to 8 KiB

_ENVELOPE: Final = struct.Struct("<IIQ")  # version, type, length of what follows
_ENVELOPE_VERSION, _LOCAL, _REMOTE = 1, 1, 2
_OPENING: Final = struct.Struct("<H2xI")  # version, TEE type

_SGX, _TDX = 0x00, 0x81
_SGX_VERSION: Final = 3
_TDX_VERSIONS: Final = (4, 5)
_ECDSA_P256: Final = 2

PPID_CLEAR, PPID_RSA_2048, PPID_RSA_3072, PCK_CHAIN, QE_REPORT_DATA = 1, 2, 3, 5, 6


def parse_quote(raw: bytes) -> Quote:
    """Take a quote apart; raises QuoteMalformed. Bytes behind its declared end are kept apart, not judged."""
    if len(raw) > MAX_QUOTE:
        raise QuoteMalformed(
            Reason.TOO_LARGE, f"The quote has {len(raw)} bytes, and more than {MAX_QUOTE} are not read."
        )
    bare, wrapped = unwrap(raw)
    return _Reader(bare).quote(wrapped=wrapped)


def unwrap(raw: bytes) -> tuple[bytes, bool]:
    """The quote without its Open Enclave envelope, and whether there was one; raises QuoteMalformed."""
    if len(raw) >= _ENVELOPE.size:
        version, kind, size = _ENVELOPE.unpack_from(raw)
        if version == _ENVELOPE_VERSION and kind in {_LOCAL, _REMOTE}:
            if kind == _LOCAL:
                raise QuoteMalformed(Reason.LOCAL_REPORT, "This is a local report, not a quote.")
            rest = len(raw) - _ENVELOPE.size
            if size != rest:
                raise QuoteMalformed(
                    Reason.ENVELOPE, f"The envelope declares {size} bytes, and {rest} follow it."
                )
            return raw[_ENVELOPE.size :], True
    return raw, False


def looks_like_quote(raw: bytes) -> bool:
    """Whether the first bytes are those of a quote or its envelope, whatever follows: what no text begins with."""
    if len(raw) < _ENVELOPE.size:
        return False
    envelope = _ENVELOPE.unpack_from(raw)[:2]
    version, tee = _OPENING.unpack_from(raw)
    return envelope == (_ENVELOPE_VERSION, _REMOTE) or (
        version in {_SGX_VERSION, *_TDX_VERSIONS} and tee in {_SGX, _TDX}
    )


def wrap(bare: bytes) -> bytes:
    """Put a bare quote into an Open Enclave envelope, as coordinators serve it."""
    return _ENVELOPE.pack(_ENVELOPE_VERSION, _REMOTE, len(bare)) + bare


class _Reader:
    """Walks over the bytes once; remembers the sections it passed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._sections: list[Section] = []

    def quote(self, *, wrapped: bool) -> Quote:
        header = self._take(layout.HEADER)
        report = self._report(header)
        signed_size = self._at
        length = self._take(layout.SIGNATURE_LENGTH).number("signature_length")
        end = self._at + length
        if end > len(self._data):
            raise QuoteMalformed(
                Reason.TRUNCATED,
                f"The signature data has {length} bytes, and only {len(self._data) - self._at} are left.",
            )
        signature = self._take(layout.SIGNATURE)
        if header.number("version") in _TDX_VERSIONS:
            self._outer_certification(end)
        qe_report = self._take(layout.QE_REPORT)
        qe_signature = self._take(layout.QE_REPORT_SIGNATURE)
        auth_data = self._sized(layout.AUTH_DATA_LENGTH, "auth_data", "QE authentication data", Form.BYTES)
        certification_type, chain = self._certification()
        if self._at != end:
            raise QuoteMalformed(
                Reason.LENGTHS,
                f"The signature data should end at byte {end}, its parts end at byte {self._at}.",
            )
        return Quote(
            wrapped=wrapped,
            data=self._data[:end],
            padding=self._data[end:],
            header=header,
            report=report,
            sections=tuple(self._sections),
            signed_size=signed_size,
            signature=signature["signature"],
            attestation_key=signature["attestation_key"],
            qe_report=EnclaveReport(qe_report),
            qe_report_signature=qe_signature["qe_report_signature"],
            qe_auth_data=auth_data,
            certification_type=certification_type,
            certification_data=chain,
        )

    def _report(self, header: Section) -> EnclaveReport | TdReport:
        version, tee = header.number("version"), header.number("tee_type")
        if version != _SGX_VERSION and version not in _TDX_VERSIONS:
            raise QuoteMalformed(Reason.VERSION, f"This is no quote, or one of version {version}.")
        if tee != (_SGX if version == _SGX_VERSION else _TDX):
            raise QuoteMalformed(Reason.TEE_TYPE, f"The quote has version {version} and TEE type {tee:#x}.")
        if (key_type := header.number("attestation_key_type")) != _ECDSA_P256:
            raise QuoteMalformed(Reason.KEY_TYPE, f"The attestation key is of type {key_type}.")
        if version == _SGX_VERSION:
            return EnclaveReport(self._take(layout.ENCLAVE_REPORT))
        if version == _TDX_VERSIONS[0]:
            return TdReport(self._take(layout.TD_REPORT_10))
        descriptor = self._take(layout.BODY_DESCRIPTOR)
        kind, size = descriptor.number("body_type"), descriptor.number("body_size")
        body = layout.TD_REPORTS.get(kind)
        if body is None or body.size != size:
            raise QuoteMalformed(Reason.BODY_TYPE, f"The body is of type {kind} and has {size} bytes.")
        return TdReport(self._take(body))

    def _outer_certification(self, end: int) -> None:
        """TDX wraps the certification of the quoting enclave once more."""
        outer = self._take(layout.OUTER_CERTIFICATION)
        kind, size = outer.number("outer_type"), outer.number("outer_length")
        if kind != QE_REPORT_DATA:
            raise QuoteMalformed(Reason.CERTIFICATION, f"The outer certification data is of type {kind}.")
        if self._at + size != end:
            raise QuoteMalformed(
                Reason.LENGTHS,
                f"The outer certification data declares {size} bytes, and {end - self._at} are left.",
            )

    def _certification(self) -> tuple[int, bytes]:
        kind = self._peek(layout.CERTIFICATION).number("certification_type")
        if kind not in {PPID_CLEAR, PPID_RSA_2048, PPID_RSA_3072, PCK_CHAIN}:
            raise QuoteMalformed(Reason.CERTIFICATION, f"The certification data is of type {kind}.")
        form, label = (Form.TEXT, "PCK certificates") if kind == PCK_CHAIN else (Form.BYTES, "Platform")
        return kind, self._sized(layout.CERTIFICATION, "certification_data", label, form)

    def _sized(self, head: Layout, name: str, label: str, form: Form) -> bytes:
        """A head whose last field tells the size of what follows, and that."""
        section = self._take(head)
        size = section.number(head.specs[-1].name)
        return self._take(Layout(head.title, Spec(name, label, size, form))).data

    def _peek(self, wanted: Layout) -> Section:
        data = self._data[self._at : self._at + wanted.size]
        if len(data) < wanted.size:
            raise QuoteMalformed(
                Reason.TRUNCATED,
                f"{wanted.title} begins at byte {self._at} and needs {wanted.size} bytes, and {len(data)} are left.",
            )
        return Section(wanted, self._at, data)

    def _take(self, wanted: Layout) -> Section:
        section = self._peek(wanted)
        self._at += wanted.size
        self._sections.append(section)
        return section
