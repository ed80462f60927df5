"""Who an enclave is, read from its signature: for the Packages section of a manifest.

Source: Intel SDM, volume 3D, section "Enclave Signature Structure (SIGSTRUCT)", table 38-19, and EINIT. Takes a file that
is a SIGSTRUCT, as signing tools for Gramine write, or a signed binary that carries one, as Open Enclave and EGo make.
The RSA signature is verified; whether the measurement in it fits the code around it is for the loader to say.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from marble_core.errors import MarbleError
from marble_core.manifest.model import Package

SIGSTRUCT_SIZE = 1808


class _Field(NamedTuple):
    """A field of SIGSTRUCT: offset and size in bytes."""

    offset: int
    size: int

    def of(self, sigstruct: bytes) -> bytes:
        return sigstruct[self.offset : self.offset + self.size]

    def number(self, sigstruct: bytes) -> int:
        """All numbers, those of RSA included, are little-endian."""
        return int.from_bytes(self.of(sigstruct), "little")


_HEADER = _Field(0, 16)
_DATE = _Field(20, 4)
_HEADER2 = _Field(24, 16)
_MODULUS = _Field(128, 384)
_EXPONENT = _Field(512, 4)
_SIGNATURE = _Field(516, 384)
_ATTRIBUTES = _Field(928, 8)
_ATTRIBUTE_MASK = _Field(944, 8)
_ENCLAVE_HASH = _Field(960, 32)
_PRODUCT_ID = _Field(1024, 2)
_SECURITY_VERSION = _Field(1026, 2)
_SIGNED = (_Field(0, 128), _Field(900, 128))  # the lines with "Y" in column 5 of the table

_HEADER_BYTES = bytes.fromhex("06000000e10000000000010000000000")
_HEADER2_BYTES = bytes.fromhex("01010000600000006000000001000000")
_RSA_EXPONENT = 3
_DEBUG = 1 << 1  # ATTRIBUTES.DEBUG, table 38-3

# A signed binary has one SIGSTRUCT, or the same one twice. A hostile one could keep us verifying for hours.
_MOST_CANDIDATES = 64


class EnclaveUnreadable(MarbleError):
    """The file holds no signature of an enclave that counts."""

    code = "enclave_unreadable"


@dataclass(frozen=True, slots=True)
class EnclaveIdentity:
    """What the signer of an enclave says of it. The two measurements are 32 bytes each.

    `debug` is None where the signature leaves it to whoever starts the enclave.
    """

    mrenclave: bytes
    mrsigner: bytes
    product_id: int
    security_version: int
    debug: bool | None
    signed_on: dt.date | None

    def package_by_signer(self) -> Package:
        """Lets in this enclave and every newer one of the same signer and product."""
        return Package(
            debug=self.debug is True,
            signer_id=self.mrsigner.hex(),
            product_id=self.product_id,
            security_version=self.security_version,
        )

    def package_by_code(self) -> Package:
        """Lets in exactly this enclave."""
        return Package(debug=self.debug is True, unique_id=self.mrenclave.hex())


def read_enclave(content: bytes) -> EnclaveIdentity:
    """The identity in a SIGSTRUCT file or a signed enclave binary; raises EnclaveUnreadable, whatever the bytes."""
    found: set[bytes] = set()
    forged = False
    for number, candidate in enumerate(_candidates(content)):
        if number == _MOST_CANDIDATES:
            raise EnclaveUnreadable(f"The file holds more than {_MOST_CANDIDATES} enclave signatures.")
        if _is_signed(candidate):
            found.add(candidate)
        else:
            forged = True
    if len(found) > 1:
        raise EnclaveUnreadable(
            f"The file holds the signatures of {len(found)} enclaves.",
            hint="Choose the file of one enclave, or its SIGSTRUCT.",
        )
    if found:
        return _identity(found.pop())
    if forged:
        raise EnclaveUnreadable(
            "The signature of the enclave is wrong: the file was changed after it was signed.",
            hint="Sign the enclave again.",
        )
    raise EnclaveUnreadable(
        "The file holds no enclave signature.",
        hint="Choose a signed enclave, or its SIGSTRUCT of 1808 bytes. An enclave that is not signed yet has no identity.",
    )


def _candidates(content: bytes) -> Iterator[bytes]:
    """Everything that begins like a SIGSTRUCT and is complete."""
    at = content.find(_HEADER_BYTES)
    while at >= 0:
        if content.startswith(_HEADER2_BYTES, at + _HEADER2.offset) and at + SIGSTRUCT_SIZE <= len(content):
            yield content[at : at + SIGSTRUCT_SIZE]
        at = content.find(_HEADER_BYTES, at + 1)


def _is_signed(sigstruct: bytes) -> bool:
    if _EXPONENT.number(sigstruct) != _RSA_EXPONENT:
        return False
    try:
        key = rsa.RSAPublicNumbers(_RSA_EXPONENT, _MODULUS.number(sigstruct)).public_key()
        key.verify(
            _SIGNATURE.number(sigstruct).to_bytes(_SIGNATURE.size, "big"),
            b"".join(part.of(sigstruct) for part in _SIGNED),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except (ValueError, InvalidSignature):
        # A ValueError tells of a modulus that is none: even, or too short.
        return False
    return True


def _identity(sigstruct: bytes) -> EnclaveIdentity:
    debug = bool(_ATTRIBUTES.number(sigstruct) & _DEBUG)
    return EnclaveIdentity(
        mrenclave=_ENCLAVE_HASH.of(sigstruct),
        mrsigner=hashlib.sha256(_MODULUS.of(sigstruct)).digest(),
        product_id=_PRODUCT_ID.number(sigstruct),
        security_version=_SECURITY_VERSION.number(sigstruct),
        debug=debug if _ATTRIBUTE_MASK.number(sigstruct) & _DEBUG else None,
        signed_on=_date(_DATE.number(sigstruct)),
    )


def _date(written: int) -> dt.date | None:
    """The day, written as hexadecimal digits yyyymmdd; None where it is no day."""
    digits = f"{written:08x}"
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
