"""What is on the table of the attestation page: evidence, how it is judged, and the report; and the jobs that make it.

A file of evidence says what was seen somewhere, some time ago. Its report is of that time, and tells nothing about the
connection in hand. No Qt; the functions are jobs for a worker thread.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from marble_console.attesting import Attestation
from marble_console.attesting.sharing import export_chain
from marble_console.files import reason, replace_file
from marble_console.words import tr
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.certificate_facts import CertificateGroup, certificate_groups
from marble_core.attestation.collateral import MAX_COLLATERAL, Collateral, read_collateral
from marble_core.attestation.errors import CertificateUnreadable
from marble_core.attestation.evidence import (
    MAX_EVIDENCE,
    Evidence,
    EvidenceFile,
    Expectations,
    read_seen,
    write_evidence,
)
from marble_core.attestation.policy import Acceptance
from marble_core.attestation.report import Report
from marble_core.attestation.verify import verify
from marble_core.errors import MarbleError

_MAX_MANIFEST: Final = 16 * 1024 * 1024


class FileUnusable(MarbleError):
    """A file could not be read or written."""

    code = "file_unusable"


@dataclass(frozen=True)
class Examined:
    """`source` is the name of the file that the evidence is from, empty for the connection in hand.

    `named_root` is the root that the file names; it is trusted only if the operator chooses it.
    """

    report: Report
    evidence: Evidence
    expectations: Expectations
    anchor: TrustAnchor
    groups: tuple[CertificateGroup, ...] = ()
    source: str = ""
    named_root: bytes = field(default=b"", repr=False)

    @classmethod
    def live(cls, attestation: Attestation) -> Self:
        subject = attestation.subject
        groups = certificate_groups(attestation.evidence, subject.anchor)
        return cls(attestation.report, attestation.evidence, subject.expectations, subject.anchor, groups)

    @property
    def is_live(self) -> bool:
        return not self.source

    @property
    def has_other_root(self) -> bool:
        """Whether the file names another root than the one it is judged under."""
        return bool(self.named_root) and self.named_root != self.anchor.certificate.der

    @property
    def file(self) -> EvidenceFile:
        return EvidenceFile(self.evidence, self.expectations, self.report.at, self.anchor.certificate.der)


def open_evidence(path: Path, now: dt.datetime) -> Examined:
    """Judge the evidence in a file as of its time, by its policy, under Intel's root; a quote alone as of `now`.

    Raises FileUnusable and EvidenceUnreadable.
    """
    file = read_seen(_read(path, MAX_EVIDENCE), now)
    return _judged(file.evidence, file.expectations, INTEL, file.at, path.name, file.root)


def under_named_root(examined: Examined) -> Examined:
    """The same evidence under the root that its file names. Any but Intel's can only give *Simulated*."""
    try:
        anchor = TrustAnchor.from_der(examined.named_root)
    except CertificateUnreadable as error:
        raise FileUnusable(tr("The root in the file cannot be read."), hint=error.sentence) from error
    return _again(examined, examined.evidence, examined.expectations, anchor)


def collateral_of(path: Path) -> Collateral:
    """The collateral in a file. Raises FileUnusable and CollateralUnreadable."""
    return read_collateral(_read(path, MAX_COLLATERAL))


def with_collateral(examined: Examined, path: Path) -> Examined:
    """The same evidence with collateral from a file. Raises FileUnusable and CollateralUnreadable."""
    evidence = replace(examined.evidence, collateral=collateral_of(path))
    return _again(examined, evidence, examined.expectations, examined.anchor)


def with_acceptances(examined: Examined, acceptances: tuple[Acceptance, ...]) -> Examined:
    """The same evidence with other acceptances of the operator."""
    expectations = replace(examined.expectations, acceptances=acceptances)
    return _again(examined, examined.evidence, expectations, examined.anchor)


def as_of(examined: Examined, at: dt.datetime) -> Examined:
    """The same evidence judged at another time."""
    return _judged(
        examined.evidence, examined.expectations, examined.anchor, at, examined.source, examined.named_root
    )


def save_evidence(examined: Examined, path: Path) -> Path:
    """Write all that is needed to repeat the verification."""
    return write(path, write_evidence(examined.file))


def share_chain(attestation: Attestation, path: Path) -> Path:
    """Write the file in which the command line remembers a coordinator. Raises what stands against it."""
    export_chain(path, attestation)
    return path


def manifest_fingerprint(path: Path) -> bytes:
    """The SHA-256 of a manifest file, byte for byte."""
    return sha256(_read(path, _MAX_MANIFEST)).digest()


def read_text(path: Path, limit: int) -> str:
    """A small text file; raises FileUnusable."""
    try:
        return _read(path, limit).decode()
    except UnicodeDecodeError as error:
        raise FileUnusable(tr("{name} is no text.", name=path.name)) from error


def write(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all; raises FileUnusable."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise FileUnusable(
            tr("{name} cannot be written: {why}.", name=path.name, why=reason(error)),
            hint=tr("Choose another place."),
        ) from error
    return path


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise FileUnusable(tr("{name} cannot be read: {why}.", name=path.name, why=reason(error))) from error
    if len(content) > limit:
        raise FileUnusable(
            tr("{name} has more than {limit} bytes and is not read.", name=path.name, limit=limit)
        )
    return content


def _again(before: Examined, evidence: Evidence, expectations: Expectations, anchor: TrustAnchor) -> Examined:
    return _judged(evidence, expectations, anchor, before.report.at, before.source, before.named_root)


def _judged(
    evidence: Evidence,
    expectations: Expectations,
    anchor: TrustAnchor,
    at: dt.datetime,
    source: str,
    named_root: bytes,
) -> Examined:
    report = verify(evidence, anchor, at, expectations)
    groups = certificate_groups(evidence, anchor)
    return Examined(report, evidence, expectations, anchor, groups, source, named_root)
