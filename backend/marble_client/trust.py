"""Whom a connection trusts: exactly one root certificate, and the names it must be valid for.

A coordinator serves its root certificate itself (spec: transport.md; secrets-and-certs.md, section 7). So the server's
certificate has to chain to the pinned root, be valid for the host, *and* be that root byte for byte: marbles hold
certificates under the same root, with names of the operator's choice, and must not pass for their coordinator.

The one handshake without verification is that of `presented_certificate`, which sends nothing and ends there.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.address import Address
from marble_client.errors import CertificateUnreadable, RootChanged, cut
from marble_client.exchange import Server, presented
from marble_client.failures import explain
from marble_client.limits import READING
from marble_client.link import DIRECT, Link


def fingerprint(der: bytes) -> str:
    """SHA-256 of a certificate's DER, in lower-case hex."""
    return hashlib.sha256(der).hexdigest()


@dataclass(frozen=True)
class Trust:
    """A pinned root (DER) and, where the address is not a name in it, the name to expect instead."""

    root_der: bytes = field(repr=False)
    server_name: str = ""

    @classmethod
    def from_file(cls, content: bytes, *, server_name: str = "") -> Self:
        """Pin the root found in a PEM or DER file. Of several certificates the last is the root, as in GET `/quote`.

        Raises CertificateUnreadable.
        """
        try:
            if b"-----BEGIN" in content:
                root = x509.load_pem_x509_certificates(content)[-1]
            else:
                root = x509.load_der_x509_certificate(content)
        except ValueError:
            raise CertificateUnreadable(
                "The file holds no certificate that can be read.",
                hint="Choose the root certificate of the coordinator, as a PEM or DER file.",
            ) from None
        return cls(root.public_bytes(Encoding.DER), server_name)

    @cached_property
    def root(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.root_der)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.root_der)

    def require(self, presented_der: bytes) -> None:
        """Raise RootChanged unless the server's certificate is the pinned root."""
        if not hmac.compare_digest(presented_der, self.root_der):
            raise root_changed(self.fingerprint, presented_der)


def root_changed(pinned: str, presented_der: bytes) -> RootChanged:
    """For a pin, by its fingerprint, and what was presented in its place."""
    return RootChanged(
        "The coordinator presents another root certificate than the one pinned. Nothing was sent.",
        hint=(
            "This is expected after a restart without sealed state, or while a recovery is due. "
            "Otherwise somebody may stand between you and the coordinator: compare both fingerprints."
        ),
        pinned=pinned,
        presented=fingerprint(presented_der),
        presented_der=presented_der,
    )


def pin_by_fingerprint(address: Address, sha256: str, *, server_name: str = "") -> Trust:
    """Fetch the certificate presented at an address and pin it if it has this fingerprint (hex).

    For the local coordinator, whose ready line tells the fingerprint. Raises RootChanged, Unreachable or
    NotACoordinator.
    """
    try:
        presented = presented_certificate(address, server_name)
    except OSError as error:
        raise explain(error, address) from error
    if not hmac.compare_digest(fingerprint(presented), sha256.lower()):
        raise root_changed(sha256.lower(), presented)
    return Trust(presented, server_name)


def presented_certificate(address: Address, server_name: str = "", link: Link = DIRECT) -> bytes:
    """The DER of the certificate a server presents, *unverified*: to compare with a pin, or to explain a failure.

    Nothing but the handshake is sent. Raises OSError (ssl.SSLError among them).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    proxy = link.proxy.proxy_for("https", address.host)
    return presented(Server(address.host, address.port, context, server_name, proxy), link.within(READING))


def names_in(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names and IP addresses a certificate is valid for, in its order."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(cut(str(name.value)) for name in names if isinstance(name, x509.DNSName | x509.IPAddress))
