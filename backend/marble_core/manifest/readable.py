"""Values of a manifest decoded for people: who a certificate is for, which key that is, what a file in base64 says.

Works on the values of a difference and of a normal form alike. No clock: whoever shows an expiry says what time it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from marble_core.gojson import Path
from marble_core.gojson.shapes import decode_base64
from marble_core.manifest.diff import Plain
from marble_core.pem import PemBlock, first_block

_SHOWN_OF_FINGERPRINT = 16  # hexadecimal digits
_SHOWN_BYTES = 16
_PRIVATE = "PRIVATE KEY"


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X.509 certificate. The fingerprint is SHA-256 of its DER in lower-case hex; times are aware."""

    subject: str
    issuer: str
    key: str
    fingerprint: str
    not_before: dt.datetime
    not_after: dt.datetime

    def described(self, now: dt.datetime) -> str:
        return f"{self.subject}, {self.key}, {self.expiry(now)}, SHA-256 {_short(self.fingerprint)}"

    def expiry(self, now: dt.datetime) -> str:
        """`valid until 2027-03-01, 98 days`, `expired 2026-01-05`, or `valid from 2030-01-01`."""
        if now > self.not_after:
            return f"expired {self.not_after:%Y-%m-%d}"
        if now < self.not_before:
            return f"valid from {self.not_before:%Y-%m-%d}"
        days = (self.not_after - now).days
        return f"valid until {self.not_after:%Y-%m-%d}, {days:,} {'day' if days == 1 else 'days'}"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The fingerprint is SHA-256 of the SubjectPublicKeyInfo in lower-case hex."""

    key: str
    fingerprint: str

    def described(self, now: dt.datetime) -> str:
        del now
        return f"{self.key}, SHA-256 {_short(self.fingerprint)}"


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A PEM block that nobody should see; nothing of its content is kept."""

    label: str

    def described(self, now: dt.datetime) -> str:
        del now
        return f"{self.label} (hidden)"


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes that are no text. `start` are the first few."""

    size: int
    fingerprint: str
    start: bytes

    def described(self, now: dt.datetime) -> str:
        del now
        more = "…" if self.size > len(self.start) else ""
        return f"{self.size:,} bytes, {self.start.hex()}{more}, SHA-256 {_short(self.fingerprint)}"


@dataclass(frozen=True, slots=True)
class Text:
    """Text, decoded where it was written in base64 or hex."""

    text: str

    def described(self, now: dt.datetime) -> str:
        del now
        return self.text


Readable: TypeAlias = Certificate | PublicKey | PrivateKey | Bytes | Text


def readable(path: Path, value: Plain) -> Readable | None:
    """What the value at a path of the schema stands for; None where it says it best itself.

    Secrets are not decoded: whether a sensitive value is shown at all is for the caller to decide first.
    """
    match path, value:
        case ("Users", _, "Certificate") | ("RecoveryKeys", _), str():
            return _pem(value)
        case ("Secrets", _, "Cert") | ("Infrastructures", _, "CPUSVN" | "RootCA"), str():
            return _der(value)
        case ("Marbles", _, "Parameters", "Files" | "Env", _), Mapping():
            return _parameter(value)
        case ("Marbles", _, "Parameters", "Files" | "Env", _, "Data"), str():
            return _text(value)
        case _:
            return None


def _parameter(value: Mapping[str, Plain]) -> Readable | None:
    """A `Files` or `Env` value in its normal form: text, or base64 where the bytes are none."""
    data = value.get("Data", "")
    if not isinstance(data, str):
        return None
    return _der(data) if value.get("Encoding") == "base64" else _text(data)


def _text(text: str) -> Readable:
    block = first_block(text)
    return Text(text) if block is None else _block(block)


def _pem(text: str) -> Readable | None:
    block = first_block(text)
    return None if block is None else _block(block)


def _der(text: str) -> Readable | None:
    """Bytes in base64: DER most often, perhaps PEM."""
    try:
        raw = decode_base64(text)
    except ValueError:
        return None
    block = first_block(raw.decode("ascii", "replace"))
    return _raw(raw) if block is None else _block(block)


def _block(block: PemBlock) -> Readable:
    return PrivateKey(block.label) if block.label.endswith(_PRIVATE) else _raw(block.der)


def _raw(raw: bytes) -> Readable:
    from marble_core.manifest.readable_der import certificate, public_key  # noqa: PLC0415  brings cryptography

    return certificate(raw) or public_key(raw) or Bytes(len(raw), sha256(raw), raw[:_SHOWN_BYTES])


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _short(fingerprint: str) -> str:
    return f"{fingerprint[:_SHOWN_OF_FINGERPRINT]}…"
