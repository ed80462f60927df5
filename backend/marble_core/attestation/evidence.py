"""What a verification looks at, and the file that lets anybody repeat it (format: docs/attestation.md).

A file holds what was seen (quote, certificates, TLS peer, nonce, collateral, manifest) and what it was judged by
(policy, acceptances, expected manifest, time). It also names the root that was trusted then, which is for people to
read: who opens the file chooses the root.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Final

from marble_core.attestation.collateral import Collateral, collateral_from
from marble_core.attestation.errors import CollateralUnreadable, EvidenceUnreadable
from marble_core.attestation.policy import Acceptance, Policy, policy_record, recorded_policy
from marble_core.attestation.quote import looks_like_quote
from marble_core.attestation.records import Record, read_object

MAX_EVIDENCE: Final = 24 * 1024 * 1024  # a manifest of 16 MiB in base64 and everything else

_FORMAT: Final = "marble-console evidence"
_VERSION: Final = 1
_FINGERPRINT_SIZE: Final = 32


@dataclass(frozen=True)
class ManifestInForce:
    """What the coordinator answered: the exact bytes and the root's signature of them (DER). No manifest: no bytes."""

    raw: bytes
    signature: bytes = b""


@dataclass(frozen=True)
class Evidence:
    """What was seen. `quote` as received, empty where the coordinator gave none; `certificates` PEM as received, empty
    for a quote that was opened alone; `tls_peer` DER; `manifest` None where it was not asked for.
    """

    quote: bytes
    certificates: str = ""
    tls_peer: bytes | None = None
    nonce: bytes = b""
    collateral: Collateral | None = None
    manifest: ManifestInForce | None = None
    address: str = ""


@dataclass(frozen=True)
class Expectations:
    """What the evidence is judged by. `manifest_fingerprint` is the SHA-256 of the manifest that should be in force."""

    policy: Policy | None = None
    acceptances: tuple[Acceptance, ...] = ()
    manifest_fingerprint: bytes | None = None


@dataclass(frozen=True)
class EvidenceFile:
    """A verification that can be repeated. `root` is the DER of the root that was trusted; it is never trusted for that."""

    evidence: Evidence
    expectations: Expectations
    at: dt.datetime
    root: bytes


def write_evidence(file: EvidenceFile) -> bytes:
    """The file: JSON with bytes in base64, readable by every version of this program from now on."""
    seen, expected = file.evidence, file.expectations
    record = {
        "format": _FORMAT,
        "version": _VERSION,
        "at": file.at.astimezone(dt.UTC).isoformat(),
        "address": seen.address,
        "root": _base64(file.root),
        "quote": _base64(seen.quote),
        "certificates": seen.certificates,
        "tls_peer": None if seen.tls_peer is None else _base64(seen.tls_peer),
        "nonce": _base64(seen.nonce),
        "collateral": seen.collateral.as_json() if seen.collateral else None,
        "manifest": _manifest_record(seen.manifest),
        "policy": policy_record(expected.policy),
        "acceptances": [_acceptance_record(one) for one in expected.acceptances],
        "expected_manifest": expected.manifest_fingerprint.hex() if expected.manifest_fingerprint else None,
    }
    return json.dumps(record, indent=1).encode() + b"\n"


def read_evidence(raw: bytes) -> EvidenceFile:
    """Read a file from anybody; raises EvidenceUnreadable, which names the member that is wrong."""
    record = read_object(raw, MAX_EVIDENCE, EvidenceUnreadable)
    record.require_format(_FORMAT, _VERSION)
    return EvidenceFile(_evidence(record), _expectations(record), record.time("at"), record.base64("root"))


def read_seen(raw: bytes, now: dt.datetime) -> EvidenceFile:
    """Read what somebody saved: a file of evidence, or a quote alone, bare or in its envelope.

    A quote alone says neither when it was seen nor what to expect: it is judged as of `now`. Raises EvidenceUnreadable.
    """
    if looks_like_quote(raw):
        return EvidenceFile(Evidence(quote=raw), Expectations(), now, root=b"")
    if not raw.lstrip().startswith(b"{"):
        raise EvidenceUnreadable("The file is neither evidence nor a quote.")
    return read_evidence(raw)


def _evidence(record: Record) -> Evidence:
    manifest = record.optional("manifest")
    return Evidence(
        quote=record.base64("quote"),
        certificates=record.text("certificates"),
        tls_peer=record.base64("tls_peer") if record.has("tls_peer") else None,
        nonce=record.base64("nonce"),
        collateral=_collateral(record),
        manifest=ManifestInForce(manifest.base64("raw"), manifest.base64("signature")) if manifest else None,
        address=record.text("address"),
    )


def _collateral(record: Record) -> Collateral | None:
    if not (given := record.optional("collateral")):
        return None
    try:
        return collateral_from(given.members)
    except CollateralUnreadable as error:
        raise EvidenceUnreadable(error.sentence) from error


def _expectations(record: Record) -> Expectations:
    return Expectations(
        policy=recorded_policy(record.optional("policy")),
        acceptances=tuple(map(_acceptance, record.objects("acceptances"))),
        manifest_fingerprint=record.hex("expected_manifest", _FINGERPRINT_SIZE)
        if record.has("expected_manifest")
        else None,
    )


def _acceptance(record: Record) -> Acceptance:
    until = record.time("until") if record.has("until") else None
    return Acceptance(record.text("subject"), record.text("reason"), until)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _manifest_record(manifest: ManifestInForce | None) -> dict[str, str] | None:
    if manifest is None:
        return None
    return {"raw": _base64(manifest.raw), "signature": _base64(manifest.signature)}


def _acceptance_record(acceptance: Acceptance) -> dict[str, str | None]:
    until = acceptance.until
    return {
        "subject": acceptance.subject,
        "reason": acceptance.reason,
        "until": until.astimezone(dt.UTC).isoformat() if until else None,
    }
