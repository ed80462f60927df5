"""The extension of PCK certificates that describes the platform (Intel SGX PCK Certificate and CRL Profile, 1.3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from marble_core.attestation import der

OID: Final = "1.2.840.113741.1.13.1"
_PREFIX: Final = bytes.fromhex("2a864886f84d010d01")  # the content octets of that OID

_PPID, _TCB, _PCE_ID, _FMSPC, _SGX_TYPE, _INSTANCE, _CONFIGURATION = range(1, 8)
_COMPONENTS: Final = range(1, 17)
_PCE_SVN, _CPU_SVN = 17, 18
_DYNAMIC, _CACHED_KEYS, _SMT = 1, 2, 3


@dataclass(frozen=True, slots=True)
class PckExtension:
    """The platform as its certificate describes it. The last four are told by platform CAs only."""

    ppid: bytes  # 16
    components: tuple[int, ...]  # 16 SVNs
    pce_svn: int
    cpu_svn: bytes  # 16
    pce_id: bytes  # 2
    fmspc: bytes  # 6
    sgx_type: int  # 0 standard, 1 scalable, 2 scalable with integrity
    instance_id: bytes | None = None  # 16
    dynamic_platform: bool | None = None
    cached_keys: bool | None = None
    smt_enabled: bool | None = None


def parse(data: bytes) -> PckExtension:
    """Read the value of the extension; raises ValueError. Entries that are not known are skipped."""
    top = _entries(der.only(der.SEQUENCE, data), _PREFIX)
    tcb = _entries(_want(top, _TCB, der.SEQUENCE), _PREFIX + bytes((_TCB,)))
    configuration: _Entries = {}
    if _CONFIGURATION in top:
        settings = _want(top, _CONFIGURATION, der.SEQUENCE)
        configuration = _entries(settings, _PREFIX + bytes((_CONFIGURATION,)))
    return PckExtension(
        ppid=_octets(top, _PPID, 16),
        components=tuple(_number(tcb, index) for index in _COMPONENTS),
        pce_svn=_number(tcb, _PCE_SVN),
        cpu_svn=_octets(tcb, _CPU_SVN, 16),
        pce_id=_octets(top, _PCE_ID, 2),
        fmspc=_octets(top, _FMSPC, 6),
        sgx_type=int.from_bytes(_want(top, _SGX_TYPE, der.ENUMERATED)),
        instance_id=_octets(top, _INSTANCE, 16) if _INSTANCE in top else None,
        dynamic_platform=_flag(configuration, _DYNAMIC),
        cached_keys=_flag(configuration, _CACHED_KEYS),
        smt_enabled=_flag(configuration, _SMT),
    )


def encode(extension: PckExtension) -> bytes:
    """The value of the extension, for the certificate of a simulated platform."""
    tcb = [_entry(_TCB, index, der.integer(svn)) for index, svn in enumerate(extension.components, 1)]
    tcb.append(_entry(_TCB, _PCE_SVN, der.integer(extension.pce_svn)))
    tcb.append(_entry(_TCB, _CPU_SVN, der.tagged(der.OCTET_STRING, extension.cpu_svn)))
    parts = [
        _entry(_PPID, value=der.tagged(der.OCTET_STRING, extension.ppid)),
        _entry(_TCB, value=der.sequence(*tcb)),
        _entry(_PCE_ID, value=der.tagged(der.OCTET_STRING, extension.pce_id)),
        _entry(_FMSPC, value=der.tagged(der.OCTET_STRING, extension.fmspc)),
        _entry(_SGX_TYPE, value=der.tagged(der.ENUMERATED, bytes((extension.sgx_type,)))),
    ]
    if extension.instance_id is not None:
        parts.append(_entry(_INSTANCE, value=der.tagged(der.OCTET_STRING, extension.instance_id)))
        settings = (extension.dynamic_platform, extension.cached_keys, extension.smt_enabled)
        flags = [
            _entry(_CONFIGURATION, index, der.tagged(der.BOOLEAN, b"\xff" if flag else b"\0"))
            for index, flag in enumerate(settings, 1)
        ]
        parts.append(_entry(_CONFIGURATION, value=der.sequence(*flags)))
    return der.sequence(*parts)


_Entries = dict[int, tuple[int, bytes]]


def _entries(content: bytes, prefix: bytes) -> _Entries:
    """The values of {OID, value} pairs, by the arc that follows the prefix. An arc given twice is an error."""
    found: _Entries = {}
    for tag, pair in der.elements(content):
        parts = list(der.elements(pair))
        if tag != der.SEQUENCE or len(parts) != 2 or parts[0][0] != der.OBJECT_ID:  # noqa: PLR2004 # OID and value
            raise ValueError("an entry that is no pair of name and value")
        oid = parts[0][1]
        if oid[:-1] == prefix:
            if oid[-1] in found:
                raise ValueError("an entry given twice")
            found[oid[-1]] = parts[1]
    return found


def _want(entries: _Entries, arc: int, tag: int) -> bytes:
    found = entries.get(arc)
    if found is None or found[0] != tag:
        raise ValueError(f"entry {arc} is missing or of another type")
    return found[1]


def _octets(entries: _Entries, arc: int, size: int) -> bytes:
    value = _want(entries, arc, der.OCTET_STRING)
    if len(value) != size:
        raise ValueError(f"entry {arc} has {len(value)} bytes instead of {size}")
    return value


def _number(entries: _Entries, arc: int) -> int:
    value = _want(entries, arc, der.INTEGER)
    if not 1 <= len(value) <= 3 or value[0] & 0x80:  # noqa: PLR2004 # 16 bits and a sign
        raise ValueError(f"entry {arc} is not a number of 16 bits")
    return int.from_bytes(value)


def _flag(entries: _Entries, arc: int) -> bool | None:
    return _want(entries, arc, der.BOOLEAN) != b"\0" if arc in entries else None


def _entry(arc: int, inner: int | None = None, value: bytes = b"") -> bytes:
    arcs = bytes((arc,)) if inner is None else bytes((arc, inner))
    return der.sequence(der.tagged(der.OBJECT_ID, _PREFIX + arcs), value)
