"""What is known before a manifest is sent, worked out on a worker thread. No Qt."""

from __future__ import annotations

from marble_console.coordinators.profiles import Profile
from marble_console.pages.manifest.documents import Document
from marble_console.pages.overview.cards import contents
from marble_console.pages.set_manifest.state import Draft
from marble_core.errors import MarbleError
from marble_core.manifest.check import check_manifest
from marble_core.manifest.findings import Severity


def prepare(document: Document, profile: Profile, *, gives_up_state: bool) -> Draft:
    """The draft that the wizard starts with; raises MarbleError when a coordinator would refuse the document."""
    report = check_manifest(document.raw)
    if report.refusal is not None or report.manifest is None:
        sentence = report.refusal.sentence if report.refusal is not None else ""
        raise MarbleError(sentence, hint="The manifest page lists every problem.")
    manifest = report.manifest
    return Draft(
        document,
        profile,
        holders=tuple(manifest.recovery_keys),
        warnings=tuple(finding for finding in report.findings if finding.severity is Severity.WARNING),
        contents=contents(manifest),
        generated=sum(secret.shared and not secret.user_defined for secret in manifest.secrets.values()),
        gives_up_state=gives_up_state,
    )
