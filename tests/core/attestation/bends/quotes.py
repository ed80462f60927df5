"""Quotes that are no evidence, or not of the platform they name."""

from hashlib import sha256

from marble_core.attestation.quote import parse_quote, wrap
from marble_core.attestation.reasons import Reason
from marble_core.attestation.simulation import td_quote
from marble_core.attestation.simulation.pki import point
from marble_core.attestation.steps import Step
from tests.core.attestation.bends.making import (
    bare,
    patched,
    signed_identity,
    with_chain,
    with_qe_report,
    with_quote,
)
from tests.fakes.attested import (
    coordinator,
    evidence_with,
    pki,
    quote,
)

QUOTES = {
    "no quote": (evidence_with(quote=b""), None, Step.QUOTE_FETCHED, Reason.NO_QUOTE),
    "opened alone": (evidence_with(certificates=""), None, Step.QUOTE_FETCHED, Reason.QUOTE_ALONE),
    "one certificate": (
        evidence_with(certificates=coordinator().chain.split("-----END")[0] + "-----END CERTIFICATE-----\n"),
        None,
        Step.QUOTE_FETCHED,
        Reason.CERTIFICATES,
    ),
    "no certificates": (evidence_with(certificates="hello"), None, Step.QUOTE_FETCHED, Reason.CERTIFICATES),
    "foreign intermediate": (
        evidence_with(
            certificates=coordinator(1).chain.split("-----END CERTIFICATE-----\n")[0]
            + "-----END CERTIFICATE-----\n"
            + coordinator().chain.split("-----END CERTIFICATE-----\n")[1]
            + "-----END CERTIFICATE-----\n"
        ),
        None,
        Step.QUOTE_FETCHED,
        Reason.INTERMEDIATE,
    ),
    "too large": (evidence_with(quote=bytes(70_000)), None, Step.QUOTE_WELL_FORMED, Reason.TOO_LARGE),
    "envelope of another length": (
        evidence_with(quote=wrap(bare()) + b"\0"),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.ENVELOPE,
    ),
    "local report": (
        evidence_with(quote=patched(wrap(bare()), 4, b"\1")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.LOCAL_REPORT,
    ),
    "cut": (with_quote(bare()[:-1]), None, Step.QUOTE_WELL_FORMED, Reason.TRUNCATED),
    "version 2": (with_quote(patched(bare(), 0, b"\2")), None, Step.QUOTE_WELL_FORMED, Reason.VERSION),
    "TEE type": (with_quote(patched(bare(), 4, b"\x81")), None, Step.QUOTE_WELL_FORMED, Reason.TEE_TYPE),
    "key type": (with_quote(patched(bare(), 2, b"\3")), None, Step.QUOTE_WELL_FORMED, Reason.KEY_TYPE),
    "body type": (
        evidence_with(quote=patched(td_quote(pki(), body_type=2), 48, b"\7")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.BODY_TYPE,
    ),
    "vendor": (with_quote(patched(bare(), 12, b"\0")), None, Step.QUOTE_WELL_FORMED, Reason.QE_VENDOR),
    "certification type": (
        with_quote(patched(bare(), 1046, b"\7")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.CERTIFICATION,
    ),
    "lengths": (
        with_quote(patched(bare(), 432, (len(bare()) - 436 - 1).to_bytes(4, "little"))),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.LENGTHS,
    ),
    "outer certification type": (
        evidence_with(quote=patched(td_quote(pki()), 764, b"\5")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.CERTIFICATION,
    ),
    "outer certification length": (
        evidence_with(quote=patched(td_quote(pki()), 766, b"\0\0")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.LENGTHS,
    ),
    "auth data": (
        with_quote(
            patched(
                bare()[:1012] + (31).to_bytes(2, "little") + bare()[1014:1045] + bare()[1046:],
                432,
                (len(bare()) - 437).to_bytes(4, "little"),
            )
        ),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.AUTH_DATA,
    ),
    "junk behind": (with_quote(bare() + b"\1"), None, Step.QUOTE_WELL_FORMED, Reason.TRAILING),
    "junk in the chain": (
        with_quote(with_chain(bare(), pki().platform_chain.encode() + b"A\0")),
        None,
        Step.QUOTE_WELL_FORMED,
        Reason.CHAIN_TEXT,
    ),
    "chain of one": (
        with_quote(with_chain(bare(), pki().platform.pem.encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_LENGTH,
    ),
    "unreadable leaf": (
        with_quote(with_chain(bare(), pki().platform_chain.replace("MII", "MIA", 1).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_CERTIFICATE,
    ),
    "leaf without a platform": (
        with_quote(with_chain(bare(), (pki().tcb_signing.pem + pki().authority.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_PROFILE,
    ),
    "no authority": (
        with_quote(with_chain(bare(), (pki().platform.pem + pki().tcb_signing.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_PROFILE,
    ),
    "CA of another platform": (
        with_quote(with_chain(bare(), (pki().platform.pem + pki(1).authority.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.CHAIN_LINK,
    ),
    "another platform": (
        evidence_with(quote=quote(platform=pki(1))),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.OTHER_ROOT,
    ),
    "embedded root": (
        with_quote(with_chain(bare(), (pki().platform.pem + pki().authority.pem + pki(1).root.pem).encode())),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.EMBEDDED_ROOT,
    ),
    "type without a chain": (
        with_quote(patched(bare(), 1046, b"\1")),
        None,
        Step.CHAIN_TO_ROOT,
        Reason.NO_CHAIN,
    ),
    "forged QE report": (
        with_quote(patched(bare(), 564, b"\1")),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_SIGNATURE,
    ),
    "another attestation key": (
        with_quote(patched(bare(), 500, point(pki(1).attestation_key))),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_KEY,
    ),
    "report data of the QE goes on": (
        with_quote(
            with_qe_report(bare(), report_data=parse_quote(bare()).qe_report.report_data[:-1] + b"\1")
        ),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_KEY,
    ),
    "QE of another signer": (
        with_quote(with_qe_report(bare(), mr_signer=bytes(32))),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_IDENTITY,
    ),
    "debug QE": (
        with_quote(with_qe_report(bare(), attributes=b"\x13" + bytes(15))),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_IDENTITY,
    ),
    "older QE than known": (
        with_quote(with_qe_report(bare(), isv_svn=7)),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_LEVEL,
    ),
    "revoked QE": (
        signed_identity(
            tcbLevels=[
                {"tcb": {"isvsvn": 8}, "tcbDate": "2026-01-01T00:00:00Z", "tcbStatus": "Revoked"},
            ]
        ),
        None,
        Step.QUOTING_ENCLAVE,
        Reason.QE_REVOKED,
    ),
    "attestation key that is no point": (
        with_quote(
            with_qe_report(
                patched(bare(), 500, b"\1" * 64),
                report_data=sha256(b"\1" * 64 + parse_quote(bare()).qe_auth_data).digest() + bytes(32),
            )
        ),
        None,
        Step.QUOTE_SIGNATURE,
        Reason.QUOTE_SIGNATURE,
    ),
    "altered body": (
        with_quote(patched(bare(), 400, b"\1")),
        None,
        Step.QUOTE_SIGNATURE,
        Reason.QUOTE_SIGNATURE,
    ),
}
