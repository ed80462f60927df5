"""The certificates of a verification for people to look at, from the root down. Nothing is judged here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography import x509

from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.certificates import UNREADABLE, Certificate, read_certificate, read_chain
from marble_core.attestation.errors import CertificateUnreadable, QuoteMalformed
from marble_core.attestation.evidence import Evidence
from marble_core.attestation.quote import PCK_CHAIN, parse_quote


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What to show of a certificate. `fingerprint` is SHA-256 of the DER, lower-case hex."""

    subject: str
    issuer: str
    not_before: dt.datetime
    not_after: dt.datetime
    serial: str
    alternative_names: tuple[str, ...]
    fingerprint: str
    is_authority: bool
    pem: str


@dataclass(frozen=True, slots=True)
class CertificateGroup:
    """A chain, issuers first. `problem` is the sentence for one that cannot be read."""

    title: str
    certificates: tuple[CertificateFacts, ...]
    problem: str = ""


def certificate_groups(evidence: Evidence, anchor: TrustAnchor) -> tuple[CertificateGroup, ...]:
    """The trusted root, and the chains that the evidence holds."""
    groups = [CertificateGroup("Trusted root", (_facts(anchor.certificate),))]
    if evidence.certificates:
        groups.append(_group("Coordinator", evidence.certificates))
    if evidence.tls_peer is not None:
        groups.append(_single("TLS peer", evidence.tls_peer))
    if platform := _platform_chain(evidence):
        groups.append(_group("Platform", platform))
    if evidence.collateral:
        groups.append(_group("TCB info", evidence.collateral.tcb_info_issuer_chain))
        groups.append(_group("QE identity", evidence.collateral.qe_identity_issuer_chain))
    return tuple(groups)


def _platform_chain(evidence: Evidence) -> str | bytes:
    try:
        quote = parse_quote(evidence.quote)
    except QuoteMalformed:
        return ""
    if quote.certification_type == PCK_CHAIN:
        return quote.certification_data
    return evidence.collateral.pck_certificate_chain if evidence.collateral else ""


def _group(title: str, pem: str | bytes) -> CertificateGroup:
    try:
        return _shown(title, reversed(read_chain(pem)))
    except CertificateUnreadable as error:
        return CertificateGroup(title, (), error.sentence)


def _single(title: str, der: bytes) -> CertificateGroup:
    try:
        return _shown(title, (read_certificate(der),))
    except CertificateUnreadable as error:
        return CertificateGroup(title, (), error.sentence)


def _shown(title: str, certificates: Iterable[Certificate]) -> CertificateGroup:
    return CertificateGroup(title, tuple(map(_facts, certificates)))


def _facts(certificate: Certificate) -> CertificateFacts:
    return CertificateFacts(
        subject=_written(lambda: certificate.parsed.subject),
        issuer=_written(lambda: certificate.parsed.issuer),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        serial=f"{certificate.serial:x}",
        alternative_names=_alternative_names(certificate),
        fingerprint=sha256(certificate.der).hexdigest(),
        is_authority=certificate.is_ca,
        pem=certificate.pem,
    )


def _written(name: Callable[[], x509.Name]) -> str:
    try:
        return name().rfc4514_string()
    except UNREADABLE:  # a verification needs less of a name than this
        return "a name that cannot be read"


def _alternative_names(certificate: Certificate) -> tuple[str, ...]:
    for extension in certificate.parsed.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            return tuple(str(getattr(name, "value", name)) for name in extension.value)
    return ()
