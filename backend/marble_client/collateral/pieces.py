"""One answer of a collateral service, taken apart. Only its form is looked at; what it says is signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.collateral.errors import CollateralWrong
from marble_client.exchange import Answer
from marble_core.attestation.certificates import read_revocation_list, split_pem
from marble_core.attestation.collateral import split_signed
from marble_core.attestation.errors import CertificateUnreadable, CollateralUnreadable

T = TypeVar("T")

_HINT = "Check the address of the service: it has to offer version 4 of Intel's interface."


@dataclass(frozen=True, slots=True)
class Piece:
    """`name` is what people call it, for example `TCB info`. All methods raise CollateralWrong."""

    name: str
    answer: Answer

    def issuers(self, headers: Sequence[str]) -> str:
        """The PEM chain of who signed it, from the first of these headers that is there."""
        text = next((value for header in headers if (value := self.answer.headers.get(header))), None)
        if text is None:
            raise self.wrong("comes without the certificates of its issuer")
        chain = unquote(text)
        try:
            split_pem(chain.encode())
        except CertificateUnreadable as error:
            raise self.wrong("comes with certificates that cannot be read") from error
        return chain

    def signed(self, member: str, read: Callable[[str], T]) -> tuple[str, bytes, T]:
        """The exact text of the signed object, its signature, and what `read` makes of the text."""
        try:
            text, signature = split_signed(self.answer.body, member)
            return text, signature, read(text)
        except CollateralUnreadable as error:
            raise self.wrong("cannot be read") from error

    def revocation_list(self) -> bytes:
        """The list as DER. Services send it as DER, as PEM, or as hex, whatever they are asked for."""
        body = self.answer.body
        try:
            if body.startswith(b"-----BEGIN"):
                der = x509.load_pem_x509_crl(body).public_bytes(Encoding.DER)
            else:
                der = _from_hex(body)
            read_revocation_list(der)
        except (ValueError, CertificateUnreadable) as error:
            raise self.wrong("cannot be read") from error
        return der

    def wrong(self, what: str) -> CollateralWrong:
        return CollateralWrong(f"The {self.name} from the collateral service {what}.", hint=_HINT)


def _from_hex(body: bytes) -> bytes:
    try:
        return bytes.fromhex(body.decode("ascii"))
    except ValueError:
        return body
