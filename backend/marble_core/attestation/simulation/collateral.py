"""Collateral for simulated platforms, and the answers of a service that hands it out (Intel PCS v4)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote as percent_encoded

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from marble_core.attestation.collateral import Collateral
from marble_core.attestation.quote import Tee
from marble_core.attestation.simulation.pki import (
    COMPONENTS,
    FMSPC,
    LEEWAY,
    MARK,
    PCE_ID,
    PCE_SVN,
    SimulatedKey,
    SimulatedPki,
    raw_signature,
)

LIFETIME: Final = dt.timedelta(days=30)

QE_SVN: Final = 8
QE_SIGNER: Final = sha256(f"{MARK} quoting enclave, signer".encode()).digest()
QE_ATTRIBUTES: Final = bytes.fromhex("11000000000000000000000000000000")
_QE_ATTRIBUTES_MASK: Final = bytes.fromhex("fbffffffffffffff0000000000000000")
_QE_IDS: Final = {Tee.SGX: "QE", Tee.TDX: "TD_QE"}
QE_PRODUCTS: Final = {Tee.SGX: 1, Tee.TDX: 2}

TDX_COMPONENTS: Final = (3, 0, 2) + (0,) * 13  # SVN and version of the module, then the rest


@dataclass(frozen=True, slots=True)
class PcsAnswer:
    """What the service answers: the body as it goes out, and the headers with the issuer chains."""

    content_type: str
    body: bytes
    headers: Mapping[str, str]


def new_collateral(pki: SimulatedPki, now: dt.datetime, tee: Tee = Tee.SGX) -> Collateral:
    """Collateral under which quotes of this platform are up to date, for 30 days from `now` (aware)."""
    tcb_info, tcb_signature = sign_record(pki.tcb_signing.key, tcb_info_record(now, tee))
    identity, identity_signature = sign_record(pki.tcb_signing.key, qe_identity_record(now, tee))
    signers = pki.tcb_signing.pem + pki.root.pem
    return Collateral(
        pck_crl_issuer_chain=pki.authority.pem + pki.root.pem,
        root_ca_crl=revocation_list(pki.root, now),
        pck_crl=revocation_list(pki.authority, now),
        tcb_info_issuer_chain=signers,
        tcb_info=tcb_info,
        tcb_info_signature=tcb_signature,
        qe_identity_issuer_chain=signers,
        qe_identity=identity,
        qe_identity_signature=identity_signature,
    )


def sign_record(key: ec.EllipticCurvePrivateKey, record: Mapping[str, Any]) -> tuple[str, bytes]:
    """Compact JSON, and the signature over exactly that text."""
    text = json.dumps(record, separators=(",", ":"))
    return text, raw_signature(key, text.encode())


def tcb_info_record(now: dt.datetime, tee: Tee = Tee.SGX) -> dict[str, Any]:
    """TCB info with one level, which the simulated platform reaches."""
    tcb: dict[str, Any] = {"sgxtcbcomponents": [{"svn": svn} for svn in COMPONENTS], "pcesvn": PCE_SVN}
    record: dict[str, Any] = {
        "id": tee.value,
        "version": 3,
        **_dates(now),
        "fmspc": FMSPC.hex().upper(),
        "pceId": PCE_ID.hex(),
        "tcbType": 0,
        "tcbEvaluationDataNumber": 1,
    }
    if tee is Tee.TDX:
        tcb["tdxtcbcomponents"] = [{"svn": svn} for svn in TDX_COMPONENTS]
        record["tdxModule"] = {"mrsigner": "00" * 48, "attributes": "00" * 8, "attributesMask": "FF" * 8}
        record["tdxModuleIdentities"] = []
    return record | {"tcbLevels": [{"tcb": tcb, **_up_to_date(now)}]}


def qe_identity_record(now: dt.datetime, tee: Tee = Tee.SGX) -> dict[str, Any]:
    """The identity of the simulated quoting enclave, with one level, which it reaches."""
    return {
        "id": _QE_IDS[tee],
        "version": 2,
        **_dates(now),
        "tcbEvaluationDataNumber": 1,
        "miscselect": "00000000",
        "miscselectMask": "FFFFFFFF",
        "attributes": QE_ATTRIBUTES.hex().upper(),
        "attributesMask": _QE_ATTRIBUTES_MASK.hex().upper(),
        "mrsigner": QE_SIGNER.hex().upper(),
        "isvprodid": QE_PRODUCTS[tee],
        "tcbLevels": [{"tcb": {"isvsvn": QE_SVN}, **_up_to_date(now)}],
    }


def revocation_list(
    issuer: SimulatedKey, now: dt.datetime, revoked: Iterable[x509.Certificate] = ()
) -> bytes:
    """The DER of a revocation list, current for 30 days from `now`."""
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - LEEWAY)
        .next_update(now + LIFETIME)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(above, critical=False)
    )
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(now - LEEWAY).build())
    return builder.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def pcs_answers(collateral: Collateral) -> dict[str, PcsAnswer]:
    """The answers of a service for this collateral (SGX), by path and query."""
    base = "/sgx/certification/v4"
    tcb = _signed("tcbInfo", collateral.tcb_info, collateral.tcb_info_signature)
    identity = _signed("enclaveIdentity", collateral.qe_identity, collateral.qe_identity_signature)
    tcb_chain = {"TCB-Info-Issuer-Chain": percent_encoded(collateral.tcb_info_issuer_chain)}
    qe_chain = {"SGX-Enclave-Identity-Issuer-Chain": percent_encoded(collateral.qe_identity_issuer_chain)}
    crl_chain = {"SGX-PCK-CRL-Issuer-Chain": percent_encoded(collateral.pck_crl_issuer_chain)}
    return {
        f"{base}/tcb?fmspc={FMSPC.hex().upper()}": PcsAnswer("application/json", tcb, tcb_chain),
        f"{base}/qe/identity": PcsAnswer("application/json", identity, qe_chain),
        f"{base}/pckcrl?ca=platform&encoding=der": PcsAnswer(
            "application/pkix-crl", collateral.pck_crl, crl_chain
        ),
        f"{base}/rootcacrl": PcsAnswer("text/plain", collateral.root_ca_crl.hex().encode(), {}),
    }


def _signed(member: str, text: str, signature: bytes) -> bytes:
    # Put together by hand: the signature is over the text, not over what it means.
    return f'{{"{member}":{text},"signature":"{signature.hex()}"}}'.encode()


def _dates(now: dt.datetime) -> dict[str, str]:
    return {"issueDate": _stamp(now - LEEWAY), "nextUpdate": _stamp(now + LIFETIME)}


def _up_to_date(now: dt.datetime) -> dict[str, str]:
    return {"tcbDate": _stamp(now - LEEWAY), "tcbStatus": "UpToDate"}


def _stamp(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
