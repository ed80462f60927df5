"""Verifying a quote: from bytes to a verdict in sixteen steps, with everything that a coordinator can send."""

import datetime as dt
import time
from collections.abc import Callable
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bench.report import Cell, Row
from marble_core.attestation.checks.coordinator import binding
from marble_core.attestation.evidence import Evidence, Expectations, ManifestInForce
from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import wrap
from marble_core.attestation.report import Report
from marble_core.attestation.simulation import SimulatedEnclave, new_collateral, new_pki, sgx_quote
from marble_core.attestation.steps import Verdict
from marble_core.attestation.verify import verify

VERIFICATIONS_PER_ROUND = 20


def rows(programs: list[str], rounds: int) -> list[Row]:
    """One row; there is nothing of it in any coordinator."""
    judge = _judge()
    if judge().verdict is not Verdict.SIMULATED:
        raise RuntimeError("the evidence to measure with does not pass")
    cell = Cell()
    for _ in range(rounds):
        cpu, begin = time.process_time(), time.perf_counter()
        for _ in range(VERIFICATIONS_PER_ROUND):
            judge()
        seconds = (time.perf_counter() - begin) / VERIFICATIONS_PER_ROUND
        cell.add(seconds, time.process_time() - cpu, VERIFICATIONS_PER_ROUND)
    absent = Cell(note="-")
    return [
        Row("console: verify a quote", "ms", dict.fromkeys(programs, absent) | {programs[0]: cell}, "3 ms")
    ]


def _judge() -> Callable[[], Report]:
    """Judges good evidence of a simulated platform, made now."""
    now, nonce, manifest = dt.datetime.now(dt.UTC), bytes(32), b'{"Packages":{}}\n'
    platform = new_pki(now)
    enclave = SimulatedEnclave(sha256(b"oven").digest(), sha256(b"baker").digest())
    key = ec.generate_private_key(ec.SECP384R1())
    root = _certificate("root", key, key, now)
    chain = _certificate("intermediate", ec.generate_private_key(ec.SECP384R1()), key, now), root
    root_der = root.public_bytes(Encoding.DER)
    evidence = Evidence(
        quote=wrap(sgx_quote(platform, enclave, binding(root_der, nonce))),
        certificates="".join(one.public_bytes(Encoding.PEM).decode() for one in chain),
        tls_peer=root_der,
        nonce=nonce,
        collateral=new_collateral(platform, now),
        manifest=ManifestInForce(manifest, key.sign(manifest, ec.ECDSA(SHA256()))),
        address="bakery.example:4433",
    )
    policy = Policy(
        enclave.unique_id, enclave.signer_id, enclave.product_id, enclave.security_version, name="p"
    )
    expected = Expectations(policy, manifest_fingerprint=sha256(manifest).digest())
    return lambda: verify(evidence, platform.anchor, now, expected)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, now: dt.datetime
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder(
        named("root"), named(name), key.public_key(), x509.random_serial_number()
    )
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
        signer, SHA384()
    )
