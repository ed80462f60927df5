"""Steps 3 and 4: does the platform's certificate lead to the trusted root, and is none revoked? (checks c2, c3, c6)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.certificates import (
    Certificate,
    RevocationList,
    read_certificate,
    read_revocation_list,
    split_pem,
)
from marble_core.attestation.collateral import Collateral
from marble_core.attestation.errors import CertificateUnreadable
from marble_core.attestation.pck import PckExtension
from marble_core.attestation.quote import PCK_CHAIN, Quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import CheckResult, Comparison, failed, noted, passed, unchecked
from marble_core.attestation.times import instant

_WITHOUT_ROOT, _WITH_ROOT = 2, 3


@dataclass(frozen=True)
class PlatformChain:
    """The certificates that speak for the platform, as far as they could be read. Trusted only if step 3 holds."""

    leaf: Certificate
    authority: Certificate

    @property
    def platform(self) -> PckExtension | None:
        return self.leaf.platform


@dataclass(frozen=True)
class RevocationLists:
    """The two lists that could be read."""

    root: RevocationList
    authority: RevocationList


def platform_chain(
    quote: Quote, collateral: Collateral | None, anchor: TrustAnchor, at: dt.datetime
) -> tuple[CheckResult, PlatformChain | None]:
    """c2 and c6 without revocation."""
    text = _chain_text(quote, collateral)
    if not text:
        return unchecked(
            Reason.NO_CHAIN, f"certification data of type {quote.certification_type}, no chain"
        ), None
    try:
        ders = split_pem(text)
        if len(ders) not in {_WITHOUT_ROOT, _WITH_ROOT}:
            return failed(Reason.CHAIN_LENGTH, f"{len(ders)} certificates"), None
        chain = PlatformChain(read_certificate(ders[0]), read_certificate(ders[1]))
    except CertificateUnreadable as error:
        return failed(Reason.CHAIN_CERTIFICATE, error.sentence.rstrip(".")), None
    for objection in _objections(chain, ders[_WITHOUT_ROOT:], anchor, at):
        return objection, chain
    return passed(f"{chain.leaf.name}, {chain.authority.name}, {anchor.name}"), chain


def revocation_lists(
    collateral: Collateral,
    anchor: TrustAnchor,
    chain: PlatformChain | None,
    signers: Iterable[Certificate],
    at: dt.datetime,
) -> tuple[CheckResult, RevocationLists | None]:
    """c3, and the revocation part of c6. `signers` are those of the reference values."""
    try:
        lists = RevocationLists(
            read_revocation_list(collateral.root_ca_crl), read_revocation_list(collateral.pck_crl)
        )
    except CertificateUnreadable as error:
        return failed(Reason.CRL_UNREADABLE, error.sentence.rstrip(".")), None
    root = anchor.certificate
    problem = _misissued(lists.root, root, "root")
    if problem is None and chain is not None:
        problem = _misissued(lists.authority, chain.authority, "PCK")
    problem = problem or _outdated(lists, at)
    if problem is None:
        revoked = [one for one in (root, *signers) if lists.root.revokes(one)]
        if chain is not None:
            revoked += [chain.authority] if lists.root.revokes(chain.authority) else []
            revoked += [chain.leaf] if lists.authority.revokes(chain.leaf) else []
        if revoked:
            problem = failed(Reason.REVOKED, f"{revoked[0].name} is revoked")
    if problem is not None:
        return problem, lists
    if chain is None:
        return unchecked(Reason.PREMISE, "without the platform's certificates nobody can be looked up"), lists
    return _accepted(collateral, lists), lists


def _chain_text(quote: Quote, collateral: Collateral | None) -> str | bytes:
    if quote.certification_type == PCK_CHAIN:
        return quote.certification_data
    return collateral.pck_certificate_chain if collateral else ""


def _objections(
    chain: PlatformChain, embedded: tuple[bytes, ...], anchor: TrustAnchor, at: dt.datetime
) -> Iterator[CheckResult]:
    """What stands against a chain, the gravest first."""
    leaf, authority, root = chain.leaf, chain.authority, anchor.certificate
    if leaf.is_ca or leaf.platform is None:
        yield failed(Reason.CHAIN_PROFILE, f"{leaf.name} is no PCK certificate")
    if not authority.is_ca or not authority.may_sign_certificates:
        yield failed(Reason.CHAIN_PROFILE, f"{authority.name} is no authority")
    if not leaf.is_issued_by(authority):
        yield failed(Reason.CHAIN_LINK, f"{leaf.name} was not signed by {authority.name}")
    if not authority.is_issued_by(root):
        yield _foreign(authority, embedded, anchor)
    if embedded and embedded[0] != root.der:
        yield failed(Reason.EMBEDDED_ROOT, "the chain fits, the root certificate in the quote does not")
    for one in (leaf, authority, root):
        if at > one.not_after:
            yield failed(Reason.CHAIN_EXPIRED, f"{one.name} ended {instant(one.not_after)}")
        if at < one.not_before:
            yield failed(Reason.CHAIN_NOT_YET, f"{one.name} begins {instant(one.not_before)}")


def _foreign(authority: Certificate, embedded: tuple[bytes, ...], anchor: TrustAnchor) -> CheckResult:
    """The chain does not lead to the anchor: is it altered, or another's? The root it brings along tells."""
    other: TrustAnchor | None = None
    if embedded and embedded[0] != anchor.certificate.der:
        try:
            other = TrustAnchor.from_der(embedded[0])
        except CertificateUnreadable:
            other = None
    if other is None or not authority.is_issued_by(other.certificate):
        return failed(Reason.CHAIN_LINK, f"{authority.name} was not signed by {anchor.name}")
    return failed(
        Reason.OTHER_ROOT,
        f"certified by {other.name}, trusted is {anchor.name}",
        Comparison.of_bytes(
            "Root (SHA-256)", bytes.fromhex(anchor.fingerprint), bytes.fromhex(other.fingerprint)
        ),
    )


def _misissued(crl: RevocationList, issuer: Certificate, which: str) -> CheckResult | None:
    if crl.issuer != issuer.subject:
        return failed(
            Reason.CRL_ISSUER,
            f"the {which} list is of another authority",
            Comparison("Authority", issuer.name, crl.issuer_name),
        )
    if not crl.is_signed_by(issuer):
        return failed(Reason.CRL_SIGNATURE, f"the {which} list was not signed by {issuer.name}")
    return None


def _outdated(lists: RevocationLists, at: dt.datetime) -> CheckResult | None:
    for which, crl in (("root", lists.root), ("PCK", lists.authority)):
        if at >= crl.next_update:
            return failed(Reason.CRL_EXPIRED, f"the {which} list ended {instant(crl.next_update)}")
        if at < crl.this_update:
            return failed(Reason.CRL_NOT_YET, f"the {which} list begins {instant(crl.this_update)}")
    return None


def _accepted(collateral: Collateral, lists: RevocationLists) -> CheckResult:
    fact = f"2 lists, next update {instant(min(lists.root.next_update, lists.authority.next_update))}"
    try:
        split_pem(collateral.pck_crl_issuer_chain)
    except CertificateUnreadable:
        return noted(Reason.CRL_CHAIN, fact)
    return passed(fact)
