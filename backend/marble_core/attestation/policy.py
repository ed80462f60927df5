"""The policy of a coordinator: `coordinator-era.json`, read and written as the reference has it (spec: attestation.md, 6).

`decode_policy` says everything that is odd about a file, for an editor; `read_policy` gives a usable policy or raises.
Acceptances with a reason and an end are kept apart from the file: other tools read that one too.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from marble_core import gojson
from marble_core.attestation.errors import PolicyRefused
from marble_core.attestation.records import Record
from marble_core.attestation.tcb import TcbStatus
from marble_core.gojson import GoJsonError, Leniency, Remark, path_text
from marble_core.gojson.shapes import BYTES, FLAG, TEXT, TEXTS, UINT16, UINT64, Built, Field, Maybe, Struct
from marble_core.manifest.decode import worded
from marble_core.manifest.findings import Finding, Severity

DEFAULT_STATUSES: Final = (TcbStatus.UP_TO_DATE.value, TcbStatus.SW_HARDENING_NEEDED.value)

_MEASUREMENT = 32
_hex = re.compile(r"[0-9a-fA-F]*")


@dataclass(frozen=True)
class Policy:
    """Which enclave is expected, and what is forgiven it. Zero and None mean: not demanded.

    `accepted_advisories` empty accepts all. `insecure_skip_verify` is kept for other tools and has no effect here.
    `name` is what people call the policy; it is not in the file.
    """

    unique_id: bytes | None = None  # MRENCLAVE
    signer_id: bytes | None = None  # MRSIGNER
    product_id: int = 0
    security_version: int = 0
    debug: bool = False
    accepted_statuses: tuple[str, ...] = DEFAULT_STATUSES
    accepted_advisories: tuple[str, ...] = ()
    nonce: bytes = b""
    insecure_skip_verify: bool = False
    name: str = field(default="", compare=False)

    @property
    def gaps(self) -> Iterator[Gap]:
        """Why the policy names no enclave; without any it is usable."""
        if self.unique_id is not None:
            return
        if self.security_version == 0:
            yield Gap("SecurityVersion", "A policy without UniqueID needs a SecurityVersion above 0.")
        if self.product_id == 0:
            yield Gap("ProductID", "A policy without UniqueID needs a ProductID above 0.")
        if self.signer_id is None:
            # The reference only warns, and then trusts any enclave that anybody gave these numbers.
            yield Gap("SignerID", "The policy gives neither UniqueID nor SignerID.")

    def accepts_status(self, status: TcbStatus) -> bool:
        """Whether the file accepts it. UpToDate needs no entry, and no entry helps a revoked platform."""
        if status is TcbStatus.UP_TO_DATE:
            return True
        return status is not TcbStatus.REVOKED and status.value in self.accepted_statuses

    def accepts_advisory(self, advisory: str) -> bool:
        """Whether the file accepts it, in any letter case; an empty list accepts all."""
        accepted = {entry.casefold() for entry in self.accepted_advisories}
        return not accepted or advisory.casefold() in accepted


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a policy must say and does not."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A TCB status or an advisory that the operator accepts, with the reason and perhaps an end (aware)."""

    subject: str
    reason: str
    until: dt.datetime | None = None

    def is_about(self, subject: str) -> bool:
        return self.subject.casefold() == subject.casefold()

    def holds_at(self, moment: dt.datetime) -> bool:
        return self.until is None or moment < self.until


@dataclass(frozen=True, slots=True)
class DecodedPolicy:
    """What a file holds. Refusals: it could not be read as a whole. Gaps: it could, and still names no enclave."""

    policy: Policy
    refusals: tuple[Finding, ...]
    gaps: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def _measurement(text: str) -> bytes | None:
    if not _hex.fullmatch(text):
        raise ValueError("not hex")
    if not text:
        return None
    if len(text) != 2 * _MEASUREMENT:
        raise ValueError("another length")
    return bytes.fromhex(text)


def _policy(*, accepted_statuses: tuple[str, ...] | None = None, **given: Any) -> Policy:
    # An explicit empty list accepts UpToDate alone: who wrote it meant to accept nothing else.
    return Policy(
        accepted_statuses=DEFAULT_STATUSES if accepted_statuses is None else accepted_statuses, **given
    )


_IDENTITY: Final = Built(TEXT, _measurement, None, f"hex of {_MEASUREMENT} bytes, without 0x")
_SCHEMA: Struct[Policy] = Struct(
    _policy,
    {
        "UniqueID": Field(_IDENTITY, "unique_id"),
        "SignerID": Field(_IDENTITY, "signer_id"),
        "ProductID": Field(UINT16, "product_id"),
        "SecurityVersion": Field(UINT64, "security_version"),
        "Debug": Field(FLAG, "debug"),
        "AcceptedTCBStatuses": Field(Maybe(TEXTS), "accepted_statuses"),
        "AcceptedAdvisories": Field(TEXTS, "accepted_advisories"),
        "Nonce": Field(BYTES, "nonce"),
        "InsecureSkipVerify": Field(FLAG, "insecure_skip_verify"),
    },
    "Policy",
)


def decode_policy(raw: bytes) -> DecodedPolicy:
    """Read a file for an editor; raises GoJsonError only where it is no JSON at all."""
    decoded = gojson.decode(_SCHEMA, gojson.scan(raw))
    policy = decoded.value
    refusals = tuple(
        Finding("P0", Severity.ERROR, path_text(problem.path), problem.sentence, span=problem.node.span)
        for problem in decoded.problems
    )
    gaps = tuple(Finding("P1", Severity.ERROR, gap.field, gap.sentence) for gap in policy.gaps)
    warnings = [_remarked(remark) for remark in decoded.remarks if remark.kind is not Leniency.OTHER_CASE]
    return DecodedPolicy(policy, refusals, gaps, (*warnings, *_doubts(policy)))


def read_policy(raw: bytes, name: str = "") -> Policy:
    """Read a usable policy; raises PolicyRefused with the first thing that stands against it."""
    try:
        decoded = decode_policy(raw)
    except GoJsonError as error:
        raise PolicyRefused(f"The policy is no JSON: {error.sentence}", hint=error.hint) from error
    for refusal in decoded.refusals + decoded.gaps:
        raise PolicyRefused(refusal.sentence)
    return dataclasses.replace(decoded.policy, name=name)


def write_policy(policy: Policy) -> bytes:
    """The file for a policy: what differs from the defaults, in the order of the reference."""
    given: dict[str, object] = {}
    if policy.unique_id is not None:
        given["UniqueID"] = policy.unique_id.hex()
    if policy.signer_id is not None:
        given["SignerID"] = policy.signer_id.hex()
    if policy.product_id:
        given["ProductID"] = policy.product_id
    if policy.security_version:
        given["SecurityVersion"] = policy.security_version
    if policy.debug:
        given["Debug"] = True
    if policy.accepted_statuses != DEFAULT_STATUSES:
        given["AcceptedTCBStatuses"] = list(policy.accepted_statuses)
    if policy.accepted_advisories:
        given["AcceptedAdvisories"] = list(policy.accepted_advisories)
    if policy.nonce:
        given["Nonce"] = base64.b64encode(policy.nonce).decode("ascii")
    if policy.insecure_skip_verify:
        given["InsecureSkipVerify"] = True
    return json.dumps(given, indent=2).encode() + b"\n"


def policy_record(policy: Policy | None) -> dict[str, str] | None:
    """A policy inside another file of ours: its name, and its own file as text."""
    return {"name": policy.name, "file": write_policy(policy).decode()} if policy else None


def recorded_policy(record: Record | None) -> Policy | None:
    """The policy of such a record. One with gaps is read too: that it failed for them is worth keeping."""
    if record is None:
        return None
    try:
        decoded = decode_policy(record.text("file").encode())
    except GoJsonError as error:
        raise record.refuse(f"The policy in the file is no JSON: {error.sentence}") from error
    for refusal in decoded.refusals:
        raise record.refuse(f"The policy in the file cannot be read: {refusal.sentence}")
    return dataclasses.replace(decoded.policy, name=record.text("name"))


def _remarked(remark: Remark) -> Finding:
    rule, sentence = worded(remark)
    return Finding(rule, Severity.WARNING, path_text(remark.path), sentence, span=remark.key.span)


def _doubts(policy: Policy) -> Iterator[Finding]:
    """What is well formed and hardly meant, or has no effect."""
    known = {status.value for status in TcbStatus}
    for status in policy.accepted_statuses:
        if status not in known:
            yield _doubt(
                "AcceptedTCBStatuses", f"There is no TCB status “{status}”. The entry accepts nothing."
            )
        elif status == TcbStatus.REVOKED.value:
            yield _doubt(
                "AcceptedTCBStatuses", "A revoked platform is never accepted. The entry has no effect."
            )
    if policy.debug:
        yield _doubt("Debug", "Debug enclaves are allowed. The host can read their memory.")
    if policy.insecure_skip_verify:
        yield _doubt("InsecureSkipVerify", "Quotes are verified all the same. The entry has no effect here.")


def _doubt(path: str, sentence: str) -> Finding:
    return Finding("P2", Severity.WARNING, path, sentence)
