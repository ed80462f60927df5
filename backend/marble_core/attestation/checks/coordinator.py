"""Steps 1 and 12 to 16: does the quote speak for this coordinator, now, and for this manifest? (check c14, sections 1, 2)"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from marble_core.attestation.certificates import Certificate, read_chain
from marble_core.attestation.errors import CertificateUnreadable
from marble_core.attestation.evidence import Evidence, ManifestInForce
from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import Quote
from marble_core.attestation.reasons import Reason
from marble_core.attestation.steps import CheckResult, Comparison, failed, noted, passed, unchecked

_BOUND = 32  # bytes of the report data that count
_CERTIFICATES = 2


@dataclass(frozen=True)
class CoordinatorCertificates:
    """What came with the quote: the intermediate, then the root."""

    intermediate: Certificate
    root: Certificate


def fetched(evidence: Evidence) -> tuple[CheckResult, CoordinatorCertificates | None]:
    """Step 1: two certificates, of which the root issued the other, and a quote."""
    if not evidence.certificates:
        fact = "a quote without certificates" if evidence.quote else "neither quote nor certificates"
        return unchecked(Reason.QUOTE_ALONE if evidence.quote else Reason.NO_QUOTE, fact), None
    try:
        chain = read_chain(evidence.certificates)
    except CertificateUnreadable as error:
        return failed(Reason.CERTIFICATES, error.sentence.rstrip(".")), None
    if len(chain) != _CERTIFICATES:
        count = "1 certificate" if len(chain) == 1 else f"{len(chain)} certificates"
        return failed(Reason.CERTIFICATES, f"{count} instead of {_CERTIFICATES}"), None
    certificates = CoordinatorCertificates(*chain)
    if not certificates.intermediate.is_issued_by(certificates.root):
        return failed(Reason.INTERMEDIATE, "the root did not issue the intermediate"), certificates
    if not evidence.quote:
        return unchecked(Reason.NO_QUOTE, "the coordinator gave no quote"), certificates
    return passed(f"{len(evidence.quote)} bytes, 2 certificates"), certificates


def root_binding(quote: Quote, root: Certificate, nonce: bytes) -> CheckResult:
    """c14: the report data begins with the hash of the root certificate, with or without the nonce."""
    found = quote.report_data[:_BOUND]
    expected = binding(root.der, nonce)
    formula = "SHA-256(root ‖ nonce)" if nonce else "SHA-256(root)"
    if found not in {expected, binding(root.der)}:
        comparison = Comparison.of_bytes(formula, expected, found)
        return failed(Reason.OTHER_CERTIFICATE, "the report data names another certificate", comparison)
    fact = f"report data = {formula if found == expected else 'SHA-256(root)'}"
    comparison = Comparison.of_bytes("Report data, bytes 0 to 31", found, found)
    if any(quote.report_data[_BOUND:]):
        return noted(Reason.REPORT_DATA_TAIL, f"{fact}, and 32 bytes more", comparison)
    return passed(fact, comparison)


def nonce_binding(quote: Quote, root: Certificate, nonce: bytes, policy: Policy | None) -> CheckResult:
    """c14: the quote was made for this request. Asked only where the root is bound."""
    demanded = policy.nonce if policy else b""
    if demanded and nonce != demanded:
        comparison = Comparison.of_bytes("Nonce", demanded, nonce)
        return failed(Reason.POLICY_NONCE, "another nonce than the policy demands", comparison)
    if not nonce:
        return unchecked(Reason.NO_NONCE, "none was sent, freshness is not proven")
    expected, found = binding(root.der, nonce), quote.report_data[:_BOUND]
    if found != expected:
        comparison = Comparison.of_bytes("SHA-256(root ‖ nonce)", expected, found)
        return failed(Reason.OLD_QUOTE, "the quote fits without the nonce only", comparison)
    if demanded:
        return noted(Reason.FIXED_NONCE, "the policy's own, which may have been answered before")
    return passed(f"fresh, {len(nonce)} bytes")


def tls_peer(peer: bytes | None, root: Certificate) -> CheckResult:
    """Step 14: who delivered the quote is who it speaks for."""
    if peer is None:
        return unchecked(Reason.NO_PEER, "the certificate of the connection is not known")
    expected, found = sha256(root.der).digest(), sha256(peer).digest()
    comparison = Comparison.of_bytes("Certificate (SHA-256)", expected, found)
    if peer != root.der:
        return failed(Reason.OTHER_PEER, "another certificate than the attested root", comparison)
    return passed("same root as attested", comparison)


def manifest_signature(manifest: ManifestInForce | None, root: Certificate) -> CheckResult:
    """Step 15: the root key signed these bytes (spec: secrets-and-certs.md, section 6)."""
    if manifest is None or not manifest.raw:
        return unchecked(
            Reason.NO_MANIFEST, "no manifest was fetched" if manifest is None else "none in force"
        )
    try:
        root.public_key.verify(manifest.signature, manifest.raw, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return failed(Reason.MANIFEST_SIGNATURE, "the root did not sign this manifest")
    return passed("signed by the attested root")


def manifest_fingerprint(manifest: ManifestInForce | None, expected: bytes | None) -> CheckResult:
    """Step 16: the manifest in force is the expected one."""
    if expected is None:
        return unchecked(Reason.NONE_EXPECTED, "no manifest is expected")
    if manifest is None:
        return unchecked(Reason.NO_MANIFEST, "no manifest was fetched")
    if not manifest.raw:
        return failed(Reason.MANIFEST_ABSENT, "none in force")
    found = sha256(manifest.raw).digest()
    comparison = Comparison.of_bytes("Manifest (SHA-256)", expected, found)
    if found != expected:
        return failed(Reason.MANIFEST_DIFFERS, "another manifest is in force", comparison)
    return passed("the expected manifest is in force", comparison)


def binding(root_der: bytes, nonce: bytes = b"") -> bytes:
    """What the first 32 bytes of the report data must be."""
    return sha256(root_der + nonce).digest()
