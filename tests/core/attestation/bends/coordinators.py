"""A genuine quote of another enclave, another coordinator, another time or another manifest."""

from marble_core.attestation.checks.coordinator import binding
from marble_core.attestation.evidence import ManifestInForce
from marble_core.attestation.reasons import Reason
from marble_core.attestation.simulation import td_quote
from marble_core.attestation.steps import Step
from tests.core.attestation.bends.making import DEBUG, OLDER, TD, TD_COLLATERAL
from tests.fakes.attested import (
    MANIFEST,
    NONCE,
    coordinator,
    evidence_with,
    expectations,
    good_evidence,
    good_policy,
    pki,
    quote,
)

COORDINATORS = {
    "debug": (evidence_with(quote=quote(DEBUG)), None, Step.DEBUG_ATTRIBUTE, Reason.DEBUG),
    "debug allowed": (
        evidence_with(quote=quote(DEBUG)),
        expectations(policy=good_policy(debug=True)),
        Step.DEBUG_ATTRIBUTE,
        Reason.DEBUG_ALLOWED,
    ),
    "TD attributes": (
        evidence_with(quote=td_quote(pki(), td_attributes=bytes(8)), collateral=TD_COLLATERAL),
        None,
        Step.DEBUG_ATTRIBUTE,
        Reason.TD_ATTRIBUTES,
    ),
    "debugged guest": (
        evidence_with(quote=td_quote(pki(), td_attributes=b"\1\0\0\x10"), collateral=TD_COLLATERAL),
        None,
        Step.DEBUG_ATTRIBUTE,
        Reason.DEBUG,
    ),
    "no policy": (
        None,
        expectations(policy=None),
        Step.ENCLAVE_IDENTITY,
        Reason.NO_POLICY,
    ),
    "policy without an identity": (
        None,
        expectations(policy=good_policy(unique_id=None, signer_id=None)),
        Step.ENCLAVE_IDENTITY,
        Reason.POLICY_UNUSABLE,
    ),
    "guest": (
        evidence_with(quote=TD[16:], collateral=TD_COLLATERAL),
        None,
        Step.ENCLAVE_IDENTITY,
        Reason.NOT_SGX,
    ),
    "older release": (
        evidence_with(quote=quote(OLDER)),
        None,
        Step.ENCLAVE_IDENTITY,
        Reason.SECURITY_VERSION,
    ),
    "another product": (
        None,
        expectations(policy=good_policy(product_id=4)),
        Step.ENCLAVE_IDENTITY,
        Reason.PRODUCT_ID,
    ),
    "another build": (
        None,
        expectations(policy=good_policy(unique_id=bytes(32))),
        Step.ENCLAVE_IDENTITY,
        Reason.UNIQUE_ID,
    ),
    "another signer": (
        None,
        expectations(policy=good_policy(signer_id=bytes(32))),
        Step.ENCLAVE_IDENTITY,
        Reason.SIGNER_ID,
    ),
    "quote of another coordinator": (
        evidence_with(quote=quote(root=coordinator(1).root)),
        None,
        Step.ROOT_BINDING,
        Reason.OTHER_CERTIFICATE,
    ),
    "wrong nonce": (
        evidence_with(quote=quote(nonce=b"another")),
        None,
        Step.ROOT_BINDING,
        Reason.OTHER_CERTIFICATE,
    ),
    "more report data": (
        evidence_with(quote=quote(report_data=binding(coordinator().root, NONCE) + b"more")),
        None,
        Step.ROOT_BINDING,
        Reason.REPORT_DATA_TAIL,
    ),
    "old quote": (evidence_with(quote=quote(nonce=b"")), None, Step.NONCE, Reason.OLD_QUOTE),
    "no nonce": (evidence_with(quote=quote(nonce=b""), nonce=b""), None, Step.NONCE, Reason.NO_NONCE),
    "nonce of the policy": (
        None,
        expectations(policy=good_policy(nonce=b"this one")),
        Step.NONCE,
        Reason.POLICY_NONCE,
    ),
    "the same nonce each time": (
        None,
        expectations(policy=good_policy(nonce=NONCE)),
        Step.NONCE,
        Reason.FIXED_NONCE,
    ),
    "unknown peer": (evidence_with(tls_peer=None), None, Step.TLS_PEER, Reason.NO_PEER),
    "another peer": (evidence_with(tls_peer=coordinator(1).root), None, Step.TLS_PEER, Reason.OTHER_PEER),
    "no manifest fetched": (evidence_with(manifest=None), None, Step.MANIFEST_SIGNATURE, Reason.NO_MANIFEST),
    "altered manifest": (
        evidence_with(manifest=ManifestInForce(MANIFEST + b" ", good_evidence().manifest.signature)),
        None,
        Step.MANIFEST_SIGNATURE,
        Reason.MANIFEST_SIGNATURE,
    ),
    "garbage for a signature": (
        evidence_with(manifest=ManifestInForce(MANIFEST, b"x")),
        None,
        Step.MANIFEST_SIGNATURE,
        Reason.MANIFEST_SIGNATURE,
    ),
    "no manifest in force": (
        evidence_with(manifest=ManifestInForce(b"")),
        None,
        Step.MANIFEST_FINGERPRINT,
        Reason.MANIFEST_ABSENT,
    ),
    "nothing expected": (
        None,
        expectations(manifest_fingerprint=None),
        Step.MANIFEST_FINGERPRINT,
        Reason.NONE_EXPECTED,
    ),
    "another manifest": (
        None,
        expectations(manifest_fingerprint=bytes(32)),
        Step.MANIFEST_FINGERPRINT,
        Reason.MANIFEST_DIFFERS,
    ),
}
