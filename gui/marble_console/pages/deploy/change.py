"""What it takes to bring a document to a coordinator that runs: raised packages, or a full update. Worked out on a worker. No Qt."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from marble_client.answers import CoordinatorState
from marble_console.coordinators.profiles import Profile
from marble_console.pages.deploy.preparing import (
    carries_secrets,
    effective_now,
    in_force,
    prepare_packages,
    reviewable,
)
from marble_console.pages.deploy.sending import Baseline
from marble_console.pages.deploy.state import Agreement, Contents, Deploy, Draft
from marble_console.pages.deploy.updatefile import read_update, versions_of
from marble_console.pages.manifest.documents import Document
from marble_console.pages.overview.cards import contents
from marble_console.words import tr
from marble_core.attestation.steps import Verdict
from marble_core.manifest.check import Report, check_manifest
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.diff import diff
from marble_core.manifest.impact import (
    CLIENT_API_V1,
    CLIENT_API_V2,
    Assessment,
    ImpactKind,
    UpdateKind,
    assess,
    raised_versions,
)
from marble_core.manifest.impact.situation import holders
from marble_core.manifest.impact.updates import needed_acknowledgements
from marble_core.manifest.model import Action, Manifest
from marble_core.manifest.permissions import permissions
from marble_core.packageupdate import check_update

if TYPE_CHECKING:
    from marble_console.acting import Acting

_TO_BE_SET = frozenset({ImpactKind.SECRETS_NEEDED, ImpactKind.SECRETS_EMPTIED})


def prepare_change(
    document: Document,
    baseline: Baseline,
    profile: Profile,
    now: dt.datetime,
    *,
    verdict: Verdict | None = None,
    acting: Acting | None = None,
    offers_v2: bool = False,
    is_blocked: bool = False,
) -> Draft:
    """The draft of a package update where the document is no more than that, and else of a full update.

    A document with nothing but packages is what coordinators take for a package update, whatever was meant: it is treated so, and
    raises UpdateRefused where they would refuse. Raises MarbleError where the manifest in force cannot be read. `is_blocked`: another update is pending.
    """
    current, _ = in_force(baseline)
    if (update := read_update(document.raw)) is not None:
        check_update(update, current.packages)
        return prepare_packages(
            baseline, profile, versions_of(update), verdict=verdict, acting=acting, offers_v2=offers_v2
        )
    report = check_manifest(document.raw)
    draft = Draft(
        Deploy.FULL,
        profile,
        CoordinatorState.RUNNING,
        verdict,
        acting,
        offers_v2,
        document,
        Contents(findings=report.findings),
        baseline=baseline,
        agreement=_agreement(current, is_blocked=is_blocked),
    )
    if report.tree is None or report.manifest is None or report.refusal is not None:
        return draft
    before = decode_manifest(effective_now(baseline))
    difference = diff(before.tree, report.tree)
    target = CLIENT_API_V2 if offers_v2 else CLIENT_API_V1
    assessment = assess(difference, before.manifest, report.manifest, target)
    if assessment.update is UpdateKind.PACKAGES:
        versions = raised_versions(difference)
        return prepare_packages(
            baseline, profile, versions, verdict=verdict, acting=acting, offers_v2=offers_v2
        )
    review = reviewable(difference, assessment, now)
    if assessment.update is UpdateKind.NONE:
        review = replace(review, refused=tr("Nothing differs in meaning from what is in force."))
    return replace(draft, contents=_contents(report, report.manifest, assessment), review=review)


def _contents(report: Report, manifest: Manifest, assessment: Assessment) -> Contents:
    waiting = (name for impact in assessment.impacts if impact.kind in _TO_BE_SET for name in impact.names)
    return Contents(
        report.findings,
        contents(manifest),
        tuple(manifest.recovery_keys),
        waiting=tuple(dict.fromkeys(waiting)),
        carries_secrets=report.tree is not None and carries_secrets(report.tree),
    )


def _agreement(current: Manifest, *, is_blocked: bool) -> Agreement:
    entitled = holders(permissions(current), Action.UPDATE_MANIFEST)
    return Agreement(entitled, needed_acknowledgements(current), is_blocked)
