"""Why a step did not simply pass: a stable code for programs, and what it means for the operator.

A code is `area.detail`; scripts and saved reports hold it, so it is never renamed (docs/attestation.md lists all).
"""

from __future__ import annotations

from enum import Enum
from typing import Self


class Reason(Enum):
    """One per cause. `meaning` says what it means, and mostly what to do next."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        reason = object.__new__(cls)
        reason._value_ = code
        reason.meaning = meaning
        return reason

    @property
    def code(self) -> str:
        return str(self.value)

    # Not checked
    PREMISE = (
        "premise",
        "This step builds on another one that does not hold, so it proves nothing by itself.",
    )
    NO_QUOTE = (
        "fetch.no_quote",
        "A coordinator without SGX gives none. There is nothing to verify: trust it no more than its machine.",
    )
    QUOTE_ALONE = (
        "fetch.quote_alone",
        "The quote was opened without the certificates of a coordinator, so it speaks for none.",
    )
    NO_CHAIN = (
        "chain.missing",
        "The quote names its platform without holding the certificate. Load collateral that includes the PCK chain.",
    )
    NO_COLLATERAL = (
        "collateral.missing",
        "Revocation lists and reference values are needed. Choose a collateral service, or load them from a file.",
    )
    NO_POLICY = (
        "policy.missing",
        "No policy says which enclave is expected. Any enclave would pass; choose a policy to tell yours.",
    )
    NO_NONCE = (
        "nonce.none",
        "The quote is not bound to this request: it may be old. Coordinators offer a nonce from Client API v2 on.",
    )
    NO_PEER = (
        "peer.missing",
        "The certificate of the TLS connection that delivered the quote was not recorded.",
    )
    NO_MANIFEST = ("manifest.none", "There is no manifest to check: none was fetched, or none is in force.")
    NONE_EXPECTED = (
        "manifest.none_expected",
        "Choose the manifest file that you expect to compare it with the one in force.",
    )

    # 1, quote fetched
    CERTIFICATES = (
        "fetch.certificates",
        (
            "A coordinator sends two certificates with its quote: the intermediate, then the root. "
            "Something else answered, or the answer was damaged."
        ),
    )
    INTERMEDIATE = (
        "fetch.intermediate",
        "The intermediate certificate was not issued by the root beside it. Marbles would be judged by a stranger.",
    )

    # 2, quote well formed
    TOO_LARGE = ("quote.too_large", "No genuine quote is that long. It was not read.")
    ENVELOPE = (
        "quote.envelope",
        "Neither a quote nor an Open Enclave report of exactly the length it declares.",
    )
    LOCAL_REPORT = (
        "quote.local_report",
        "A local report proves something to other enclaves of the same machine only. A remote report is needed.",
    )
    TRUNCATED = ("quote.truncated", "The quote ends before all its parts do. Fetch it again.")
    LENGTHS = (
        "quote.lengths",
        "The lengths in the quote contradict each other. It was damaged or made by hand.",
    )
    VERSION = ("quote.version", "Known are SGX quotes of version 3 and TDX quotes of versions 4 and 5.")
    TEE_TYPE = ("quote.tee_type", "Quotes of version 3 are of SGX, those of versions 4 and 5 of TDX.")
    BODY_TYPE = (
        "quote.body_type",
        "The body is of a kind that is not known, or of another size than its kind has.",
    )
    KEY_TYPE = ("quote.key_type", "Known are attestation keys for ECDSA on P-256 only.")
    QE_VENDOR = ("quote.qe_vendor", "The quoting enclave does not say it is Intel's.")
    AUTH_DATA = ("quote.auth_data", "Quoting enclaves of today add 32 bytes of authentication data.")
    CERTIFICATION = (
        "quote.certification",
        "The quote says by a way that is not known which platform made it.",
    )
    CHAIN_TEXT = (
        "quote.chain_text",
        "The certificates in the quote are not plain PEM, one after the other. The text was altered on its way.",
    )
    TRAILING = (
        "quote.trailing_bytes",
        "Only zeros may follow the declared end of a quote. Somebody has added to it.",
    )

    # 3, chain to the trusted root
    CHAIN_CERTIFICATE = ("chain.certificate", "A certificate of the platform cannot be read.")
    CHAIN_LENGTH = ("chain.length", "Expected are the PCK certificate, its CA, and perhaps the root.")
    CHAIN_LINK = (
        "chain.link",
        "A certificate was not signed by the one above it. It was altered or swapped.",
    )
    CHAIN_PROFILE = (
        "chain.profile",
        "A certificate has another role than its place demands, or lacks the platform's values.",
    )
    OTHER_ROOT = (
        "chain.other_root",
        (
            "The platform is certified by another root than the one you trust. A simulated coordinator shows this "
            "under Intel's root, and genuine hardware under a simulation root."
        ),
    )
    EMBEDDED_ROOT = (
        "chain.embedded_root",
        (
            "The root certificate inside the quote is not the trusted one, though the chain below it fits. "
            "The quote was altered on its way."
        ),
    )
    CHAIN_EXPIRED = (
        "chain.expired",
        "A certificate of the platform has ended. The platform must be provisioned anew.",
    )
    CHAIN_NOT_YET = ("chain.not_yet_valid", "A certificate of the platform begins later. Is the time right?")

    # 4, revocation lists
    CRL_UNREADABLE = ("crl.unreadable", "A revocation list cannot be read. Load the collateral again.")
    CRL_ISSUER = (
        "crl.issuer",
        (
            "A revocation list is of another authority than the one that certified this platform. Load the collateral "
            "that belongs to it."
        ),
    )
    CRL_SIGNATURE = ("crl.signature", "A revocation list was not signed by its authority. It was altered.")
    CRL_EXPIRED = (
        "crl.expired",
        "A revocation list has ended. This is not a verdict on the coordinator: load newer collateral.",
    )
    CRL_NOT_YET = (
        "crl.not_yet_valid",
        "A revocation list begins later. This is not a verdict on the coordinator: is the time right?",
    )
    CRL_CHAIN = (
        "crl.issuer_chain",
        "The certificates that came with the revocation list cannot be read. Nothing depends on them.",
    )
    REVOKED = ("crl.revoked", "Its authority no longer stands by a certificate. Do not trust this platform.")

    # 5, TCB info and QE identity
    COLLATERAL_UNREADABLE = (
        "collateral.unreadable",
        "The reference values cannot be read. Load the collateral again; version 4 of Intel's service is needed.",
    )
    COLLATERAL_KIND = (
        "collateral.kind",
        "The reference values are for another technology, or of a version that is not known.",
    )
    COLLATERAL_CHAIN = (
        "collateral.signer_chain",
        "The certificates of who signed the reference values do not lead to the trusted root.",
    )
    COLLATERAL_SIGNER = (
        "collateral.signer",
        (
            "The reference values were signed by a certificate that is not made for it. Only the TCB signing "
            "certificate issued by the root may."
        ),
    )
    COLLATERAL_SIGNATURE = (
        "collateral.signature",
        "The reference values were altered after they had been signed.",
    )
    COLLATERAL_EXPIRED = (
        "collateral.expired",
        "The reference values have ended. This is not a verdict on the coordinator: load newer collateral.",
    )
    COLLATERAL_NOT_YET = (
        "collateral.not_yet_valid",
        "The reference values begin later. This is not a verdict on the coordinator: is the time right?",
    )

    # 6, quoting enclave
    QE_SIGNATURE = (
        "qe.signature",
        "The report of the quoting enclave was not signed by this platform. It is forged.",
    )
    QE_KEY = ("qe.key", "The quoting enclave did not make the key that signed the quote.")
    QE_IDENTITY = ("qe.identity", "Another enclave than Intel's quoting enclave made the quote.")
    QE_LEVEL = ("qe.level", "The quoting enclave is older than every known release.")
    QE_OUT_OF_DATE = (
        "qe.out_of_date",
        "A newer release of it exists. That counts in the platform's TCB level.",
    )
    QE_REVOKED = ("qe.revoked", "This release of the quoting enclave is revoked.")

    # 7, quote signature
    QUOTE_SIGNATURE = (
        "quote.signature",
        "Header or body of the quote were altered after it had been signed.",
    )

    # 8, platform TCB level
    OTHER_PLATFORM = (
        "tcb.fmspc",
        "The reference values are for another platform (FMSPC). Load the collateral that belongs to it.",
    )
    OTHER_PCE = ("tcb.pceid", "The reference values are for another provisioning enclave (PCEID).")
    NO_LEVEL = (
        "tcb.no_level",
        "The platform is older than every level that Intel knows. It can never be accepted.",
    )
    TDX_MODULE = ("tcb.tdx_module", "The TDX module is not one that Intel lists for this platform.")
    STATUS_REVOKED = ("tcb.revoked", "Keys of this platform level are compromised. It can never be accepted.")
    STATUS_REFUSED = (
        "tcb.status",
        "The policy does not accept this TCB status. Update the platform, or accept the status with a reason.",
    )
    STATUS_ENDED = ("tcb.acceptance_ended", "The acceptance of this TCB status has ended. Decide anew.")
    STATUS_ACCEPTED = (
        "tcb.accepted",
        "The platform is not fully up to date. The policy or you accept that.",
    )
    QUALIFIED_LEVEL = (
        "tcb.hardening",
        "The platform is current. The software inside the enclave must carry mitigations of its own.",
    )

    # 9, advisories
    ADVISORY_REFUSED = (
        "advisory.refused",
        "The policy lists the advisories that it accepts, and this is none of them.",
    )
    ADVISORY_ENDED = ("advisory.acceptance_ended", "The acceptance of this advisory has ended. Decide anew.")
    ADVISORIES = (
        "advisory.accepted",
        "Known weaknesses of this platform level. The policy or you accept them; read what they say.",
    )

    # 10, debug attribute
    DEBUG = (
        "debug.refused",
        "The host can read the memory of a debug enclave. Nothing in it is secret.",
    )
    DEBUG_ALLOWED = (
        "debug.allowed",
        "The policy allows debug enclaves. The host can read the memory of this one: use it for development only.",
    )
    TD_ATTRIBUTES = (
        "debug.td_attributes",
        "The attributes of the guest weaken it, or have a meaning that is not known.",
    )

    # 11, enclave identity
    POLICY_UNUSABLE = ("policy.unusable", "The policy does not say which enclave is meant. Complete it.")
    NOT_SGX = (
        "identity.not_sgx",
        "The policy names an SGX enclave, and the quote is of a TDX guest. No policy for guests exists.",
    )
    SECURITY_VERSION = (
        "identity.security_version",
        "The coordinator runs an older release than the policy demands. It may have known weaknesses.",
    )
    PRODUCT_ID = ("identity.product_id", "Another product of the same signer, or of another one, is running.")
    UNIQUE_ID = (
        "identity.unique_id",
        (
            "The coordinator runs another build than the one in the policy. Usual cause: an upgrade to a release the "
            "policy does not know yet. If nobody upgraded it, treat the host as hostile."
        ),
    )
    SIGNER_ID = ("identity.signer_id", "Somebody else signed the enclave. Treat the host as hostile.")

    # 12 and 13, binding
    OTHER_CERTIFICATE = (
        "binding.other_certificate",
        (
            "The quote was made for another certificate. Somebody in between passes on the quote of another coordinator, "
            "or an old one."
        ),
    )
    REPORT_DATA_TAIL = (
        "binding.more_report_data",
        "Coordinators leave the last 32 bytes of the report data empty. They are not part of the check.",
    )
    OLD_QUOTE = (
        "nonce.not_bound",
        "The quote fits the certificate without the nonce: it was made before this request, perhaps long ago.",
    )
    FIXED_NONCE = (
        "nonce.fixed",
        "The quote is bound to the nonce of the policy. That is the same each time, so the quote may be old.",
    )
    POLICY_NONCE = ("nonce.other_than_policy", "The policy demands another nonce than the one that was sent.")

    # 14, TLS peer certificate
    OTHER_PEER = (
        "peer.other",
        "The connection ends at somebody who is not the coordinator of the quote. Send nothing.",
    )

    # 15 and 16, manifest
    MANIFEST_SIGNATURE = (
        "manifest.signature",
        "The root certificate did not sign this manifest. It was altered, or set under another root.",
    )
    MANIFEST_ABSENT = ("manifest.absent", "A manifest is expected, and the coordinator has none in force.")
    MANIFEST_DIFFERS = (
        "manifest.differs",
        "Another manifest is in force than the one you expect. Compare the two.",
    )

    # Both verifiers
    VERIFIER_REFUSES = (
        "verifier.refuses",
        "The library that checks the cryptography refuses what our own checks accept. Nothing passes that it refuses.",
    )
    VERIFIERS_DISAGREE = (
        "verifier.disagrees",
        (
            "The library that checks the cryptography and our own checks come to different results. One of them is wrong, "
            "so neither is believed."
        ),
    )
