"""A simulated coordinator with a quote that passes every step, to be bent once by a test. All names are invented."""

import dataclasses
import datetime as dt
from functools import cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from marble_core.attestation.checks.coordinator import binding
from marble_core.attestation.evidence import Evidence, Expectations, ManifestInForce
from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import wrap
from marble_core.attestation.simulation import (
    SimulatedEnclave,
    SimulatedPki,
    new_collateral,
    new_pki,
    sgx_quote,
    sign_record,
)
from marble_core.attestation.verify import verify

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
NONCE = b"asked just now, and never before"
MANIFEST = b'{"Packages":{"dome":{"UniqueID":"..."}}}\n'
ENCLAVE = SimulatedEnclave(sha256(b"dome").digest(), sha256(b"its builder").digest())


@cache
def pki(number: int = 0) -> SimulatedPki:
    """A simulated platform; different numbers give different ones."""
    del number
    return new_pki(NOW)


@dataclasses.dataclass(frozen=True)
class Coordinator:
    """A root with its key, and the chain as a coordinator sends it: the intermediate, then the root."""

    key: ec.EllipticCurvePrivateKey
    root: bytes
    chain: str


@cache
def coordinator(number: int = 0) -> Coordinator:
    del number
    key, below = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
    root = _certificate("Observatory root", key, "Observatory root", key)
    intermediate = _certificate("Observatory intermediate", below, "Observatory root", key)
    pem = "".join(one.public_bytes(Encoding.PEM).decode() for one in (intermediate, root))
    return Coordinator(key, root.public_bytes(Encoding.DER), pem)


def _certificate(name, key, issuer, issuer_key):
    def named(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder(
        named(issuer), named(name), key.public_key(), x509.random_serial_number()
    )
    builder = builder.not_valid_before(NOW).not_valid_after(NOW + dt.timedelta(days=900))
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
        issuer_key, SHA384()
    )


def quote(enclave=ENCLAVE, *, report_data=None, platform=None, root=None, nonce=NONCE):
    """A quote as a coordinator serves it: in an Open Enclave envelope, bound to its root and the nonce."""
    bound = binding(root or coordinator().root, nonce) if report_data is None else report_data
    return wrap(sgx_quote(platform or pki(), enclave, bound))


@cache
def collateral():
    return new_collateral(pki(), NOW)


def collateral_with(*, tcb_info=None, qe_identity=None, signer=None, **fields):
    """The collateral with other records, signed anew by the TCB signing key or `signer`, and other fields."""
    key = (signer or pki().tcb_signing).key
    if tcb_info is not None:
        fields["tcb_info"], fields["tcb_info_signature"] = sign_record(key, tcb_info)
    if qe_identity is not None:
        fields["qe_identity"], fields["qe_identity_signature"] = sign_record(key, qe_identity)
    return dataclasses.replace(collateral(), **fields)


@cache
def good_evidence() -> Evidence:
    """Everything passes, under the root of `pki()` and with `expectations()`."""
    known = coordinator()
    return Evidence(
        quote=quote(),
        certificates=known.chain,
        tls_peer=known.root,
        nonce=NONCE,
        collateral=collateral(),
        manifest=ManifestInForce(MANIFEST, known.key.sign(MANIFEST, ec.ECDSA(SHA256()))),
        address="observatory.example:4433",
    )


def good_policy(**changes) -> Policy:
    policy = Policy(ENCLAVE.unique_id, ENCLAVE.signer_id, 3, 3, name="observatory.json")
    return dataclasses.replace(policy, **changes)


def expectations(**changes) -> Expectations:
    expected = Expectations(good_policy(), manifest_fingerprint=sha256(MANIFEST).digest())
    return dataclasses.replace(expected, **changes)


def evidence_with(**changes) -> Evidence:
    return dataclasses.replace(good_evidence(), **changes)


def judged(evidence=None, expected=None, *, anchor=None, at=NOW):
    """The report on evidence, by default the good one under its own root."""
    return verify(evidence or good_evidence(), anchor or pki().anchor, at, expected or expectations())
