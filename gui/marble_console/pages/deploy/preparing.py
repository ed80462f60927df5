"""What is known before anything is sent, worked out on a worker thread. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from marble_client.answers import CoordinatorState
from marble_console.acting import Acting
from marble_console.coordinators.profiles import Profile
from marble_console.pages.compare.listing import chips as chips_of
from marble_console.pages.compare.listing import effect_of, row_of
from marble_console.pages.deploy.sending import Baseline
from marble_console.pages.deploy.state import Contents, Deploy, Draft, Package, Reviewable
from marble_console.pages.manifest.documents import Document
from marble_console.pages.overview.cards import contents
from marble_console.secretly import holds_secrets
from marble_console.words import tr
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError, Node
from marble_core.manifest.check import check_manifest
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.diff import ManifestDiff, diff
from marble_core.manifest.effective import effective, effective_text
from marble_core.manifest.impact import (
    CLIENT_API_V1,
    CLIENT_API_V2,
    Assessment,
    ImpactKind,
    assess,
    assess_package_update,
)
from marble_core.manifest.impact.situation import runners
from marble_core.manifest.model import Manifest, PackageName
from marble_core.manifest.permissions import permissions
from marble_core.manifest.review import masked_lines, rows
from marble_core.packageupdate import parse_update, update_text
from marble_core.updatelog import Entry, parse_log

_RAISED = "SecurityVersion increased"


def prepare_first(
    document: Document,
    profile: Profile,
    state: CoordinatorState,
    now: dt.datetime,
    *,
    verdict: Verdict | None = None,
    acting: Acting | None = None,
    offers_v2: bool = False,
) -> Draft:
    """The draft that the wizard starts with, whatever the document holds: its errors stand on the page that checks."""
    report = check_manifest(document.raw)
    draft = Draft(
        Deploy.FIRST,
        profile,
        state,
        verdict,
        acting,
        offers_v2,
        document,
        Contents(findings=report.findings),
    )
    if report.tree is None or report.manifest is None or report.refusal is not None:
        return draft
    manifest, tree = report.manifest, report.tree
    target = CLIENT_API_V2 if offers_v2 else CLIENT_API_V1
    difference = diff(None, tree)
    return replace(
        draft,
        contents=Contents(
            report.findings,
            contents(manifest),
            tuple(manifest.recovery_keys),
            sum(secret.shared and not secret.user_defined for secret in manifest.secrets.values()),
            tuple(name for name, secret in manifest.secrets.items() if secret.user_defined),
            carries_secrets=carries_secrets(tree),
        ),
        review=reviewable(difference, assess(difference, None, manifest, target), now),
    )


def prepare_packages(
    baseline: Baseline,
    profile: Profile,
    wanted: Mapping[PackageName, int],
    *,
    verdict: Verdict | None = None,
    acting: Acting | None = None,
    offers_v2: bool = False,
) -> Draft:
    """The draft of a package update; raises MarbleError where the manifest in force cannot be read."""
    manifest, tree = in_force(baseline)
    starting = runners(manifest)
    packages = tuple(
        Package(name, package.security_version, tuple(starting.get(name, ())), bool(package.unique_id))
        for name, package in manifest.packages.items()
    )
    return Draft(
        Deploy.PACKAGES,
        profile,
        CoordinatorState.RUNNING,
        verdict,
        acting,
        offers_v2,
        contents=Contents(carries_secrets=carries_secrets(tree)),
        baseline=baseline,
        packages=packages,
        permissions=permissions(manifest),
        versions={name: str(version) for name, version in wanted.items()},
    )


def review_packages(baseline: Baseline, versions: Mapping[PackageName, int], now: dt.datetime) -> Reviewable:
    """What raising these packages changes and brings about. Raises MarbleError, UpdateRefused among them."""
    manifest, _ = in_force(baseline)
    impacts = assess_package_update(parse_update(update_text(versions)), manifest)
    before, after = (
        decode_manifest(text) for text in (effective_now(baseline), effective_then(baseline, versions))
    )
    difference = diff(before.tree, after.tree)
    assessment = assess(difference, before.manifest, after.manifest, CLIENT_API_V1)
    found = reviewable(difference, assessment, now)
    keys = {(row.change.old_path, row.change.new_path): row.key for row in found.rows}
    return Reviewable(
        found.rows, found.shown, impacts, tuple(effect_of(impact, keys) for impact in impacts), found.chips
    )


def effective_now(baseline: Baseline) -> bytes:
    """The manifest in force, package updates included."""
    return effective_text(baseline.raw, _entries(baseline.log))


def effective_then(baseline: Baseline, versions: Mapping[PackageName, int]) -> bytes:
    """The manifest that is in force once these packages are raised."""
    raised = (
        Entry(
            0, dt.datetime.now(dt.UTC), _RAISED, MappingProxyType({"package": name, "new version": version})
        )
        for name, version in versions.items()
    )
    return effective_text(baseline.raw, [*_entries(baseline.log), *raised])


def _entries(log: str) -> list[Entry]:
    return [line for line in parse_log(log) if isinstance(line, Entry)]


def carries_secrets(tree: Node) -> bool:
    """Whether the text holds values that are to be kept nowhere."""
    text = tree.source.text
    return masked_lines(text, tree) != text or holds_secrets(text)


def in_force(baseline: Baseline) -> tuple[Manifest, Node]:
    """The effective manifest, and the tree of the one that was submitted. Raises MarbleError where it cannot be read."""
    try:
        decoded = decode_manifest(baseline.raw)
    except GoJsonError as error:
        raise _unreadable(error.sentence) from error
    if decoded.refusals:
        raise _unreadable(decoded.refusals[0].sentence)
    return effective(decoded.manifest, _entries(baseline.log)), decoded.tree


def _unreadable(why: str) -> MarbleError:
    return MarbleError(
        tr("The manifest in force cannot be read: {why}", why=why),
        hint=tr("A newer console may know its form."),
    )


def reviewable(difference: ManifestDiff, assessment: Assessment, now: dt.datetime) -> Reviewable:
    """The rows to read and tick, and what the change brings about."""
    found = tuple(rows(difference, assessment, now))
    keys = {(row.change.old_path, row.change.new_path): row.key for row in found}
    refused = [impact for impact in assessment.impacts if impact.kind is ImpactKind.REFUSED]
    return Reviewable(
        found,
        {row.key: row_of(row) for row in found},
        assessment.impacts,
        tuple(effect_of(impact, keys) for impact in assessment.impacts),
        chips_of(difference),
        f"{refused[0].headline}. {refused[0].explanation}" if refused else "",
    )
