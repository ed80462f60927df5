"""Names in certificates, read from their DER: compared byte by byte, and shown by their common name.

The parser of `cryptography` builds objects of every part of a name and warns of odd ones, which is slow and noisy for
bytes from strangers.
"""

from __future__ import annotations

from marble_core.attestation import der

_COMMON_NAME = bytes.fromhex("550403")  # 2.5.4.3
_EXPLICIT_VERSION = 0xA0
_LONGEST = 100  # characters shown
_PAIR = 2


def subject_of(tbs_certificate: bytes) -> bytes:
    """The content of the subject in what is signed of a certificate (RFC 5280, section 4.1). Raises ValueError."""
    parts = list(der.elements(der.only(der.SEQUENCE, tbs_certificate)))
    first = 1 if parts and parts[0][0] == _EXPLICIT_VERSION else 0
    return _name(parts, first + 4)  # after serial number, algorithm, issuer and validity


def issuer_of(tbs_list: bytes) -> bytes:
    """The content of the issuer in what is signed of a revocation list (RFC 5280, section 5.1). Raises ValueError."""
    parts = list(der.elements(der.only(der.SEQUENCE, tbs_list)))
    first = 1 if parts and parts[0][0] == der.INTEGER else 0
    return _name(parts, first + 1)  # after the algorithm


def common_name(name: bytes) -> str:
    """The common name, cut to a sensible length. Raises ValueError where the name is none."""
    for _, attributes in der.elements(name):
        for _, attribute in der.elements(attributes):
            parts = list(der.elements(attribute))
            if len(parts) == _PAIR and parts[0][1] == _COMMON_NAME:
                return parts[1][1].decode("utf-8", "replace")[:_LONGEST]
    return "a certificate without a name"


def _name(parts: list[tuple[int, bytes]], index: int) -> bytes:
    if len(parts) <= index or parts[index][0] != der.SEQUENCE:
        raise ValueError("a name is missing")
    return parts[index][1]
