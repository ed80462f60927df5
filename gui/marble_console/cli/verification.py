"""Verifying for the terminal: from options to an exit code. The same job as in the window."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from marble_client.collateral import CollateralService, ServiceAddress
from marble_client.errors import AddressInvalid, CertificateUnreadable, ClientError
from marble_client.trust import Trust, fingerprint, root_changed
from marble_console.attesting.cache import CollateralCache
from marble_console.attesting.collateral import Obtained, Origin
from marble_console.attesting.job import attest, keep, obtain_for
from marble_console.attesting.subject import Attestation, Subject
from marble_console.cli.output import BAD, GOOD, SIMULATED, UNASKED, UsageError, complain, content, say
from marble_console.cli.whom import find
from marble_console.coordinators.attested import AttestationStore, Terms
from marble_console.coordinators.folders import collateral_folder, profiles_file
from marble_console.coordinators.profiles import Profile, ProfileStore
from marble_console.files import reason, replace_file
from marble_console.words import tr
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.attestation.collateral import Collateral, read_collateral
from marble_core.attestation.evidence import EvidenceFile, read_seen, write_evidence
from marble_core.attestation.policy import Policy, read_policy
from marble_core.attestation.report import Report, write_report
from marble_core.attestation.steps import Outcome, Verdict
from marble_core.attestation.verify import verify
from marble_core.errors import MarbleError

_EXIT_CODES = {
    Verdict.VERIFIED: GOOD,
    Verdict.FAILED: BAD,
    Verdict.NOT_VERIFIED: UNASKED,
    Verdict.SIMULATED: SIMULATED,
}
_OWNER_ONLY = 0o600


def run(options: argparse.Namespace) -> int:
    """Verify what the options name, print what was found; returns the exit code."""
    if options.evidence:
        return _offline(options)
    try:
        return _online(options)
    except AddressInvalid:
        raise
    except ClientError as error:
        # The coordinator cannot be asked, which is no verdict on it.
        complain(error)
        return UNASKED


def _online(options: argparse.Namespace) -> int:
    address, kept = find(options.address)
    terms = _terms(kept)
    subject = Subject.of(kept, terms) if kept else Subject(address)
    subject = replace(
        subject,
        anchor=_anchor(options) or subject.anchor,
        service=_service(options) or subject.service,
        expectations=replace(subject.expectations, policy=_policy(options) or subject.expectations.policy),
        collateral=_collateral(options),
        at=options.at,
        refresh=options.pccs is not None,
    )
    attestation = _refuse_another_root(attest(subject, _cache(), clock=_now))
    _save(options, attestation.file)
    _tell(options, attestation.report, attestation)
    return _EXIT_CODES[attestation.verdict]


def _refuse_another_root(attestation: Attestation) -> Attestation:
    """Nobody is asked here whether to trust another root than the kept one, so it fails, however good its quote is:
    who runs the same enclave elsewhere has a good quote too.
    """
    if not attestation.root_changed or attestation.is_for_recovery:
        return attestation
    kept = fingerprint(attestation.subject.kept_root_der)
    return replace(attestation, blocked=root_changed(kept, attestation.root_der))


def _offline(options: argparse.Namespace) -> int:
    if options.address:
        raise UsageError(
            tr("An address and a file of evidence cannot be verified at once."),
            hint=tr("Leave one of them out."),
        )
    file = read_seen(content(options.evidence), _now())
    anchor = _anchor(options) or INTEL
    obtained = _collateral_for(options, file, anchor)
    if obtained.collateral:
        file = replace(file, evidence=replace(file.evidence, collateral=obtained.collateral))
    expectations = replace(file.expectations, policy=_policy(options) or file.expectations.policy)
    file = replace(file, expectations=expectations, at=options.at or file.at, root=anchor.certificate.der)
    report = verify(file.evidence, anchor, file.at, file.expectations)
    keep(file.evidence, anchor, obtained, report, _cache())
    _save(options, file)
    _tell(options, report, None)
    if obtained.problem:
        complain(obtained.problem)
    return _EXIT_CODES[report.verdict]


def _collateral_for(options: argparse.Namespace, file: EvidenceFile, anchor: TrustAnchor) -> Obtained:
    """Collateral in place of that of the file, where the operator names some. No service is asked unless it is named."""
    if given := _collateral(options):
        return Obtained(given, Origin.GIVEN, _now())
    if service := _service(options):
        return obtain_for(file.evidence, anchor, service, _cache(), _now(), refresh=True)
    return Obtained(None, Origin.NONE)


def _terms(kept: Profile | None) -> Terms:
    if kept is None:
        return Terms()
    with ProfileStore(profiles_file()) as store:
        return AttestationStore(store.database).terms(kept.id)


def _policy(options: argparse.Namespace) -> Policy | None:
    return read_policy(content(options.policy), options.policy.name) if options.policy else None


def _anchor(options: argparse.Namespace) -> TrustAnchor | None:
    if not options.root:
        return None
    try:
        return TrustAnchor.from_der(Trust.from_file(content(options.root)).root_der)
    except CertificateUnreadable as error:
        raise UsageError(
            error.sentence,
            hint=tr("--root takes the root above a simulated platform, as a PEM or DER file."),
        ) from error


def _service(options: argparse.Namespace) -> CollateralService | None:
    return CollateralService(ServiceAddress.parse(options.pccs)) if options.pccs else None


def _collateral(options: argparse.Namespace) -> Collateral | None:
    return read_collateral(content(options.collateral)) if options.collateral else None


def _cache() -> CollateralCache:
    return CollateralCache(collateral_folder())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _save(options: argparse.Namespace, file: EvidenceFile) -> None:
    path: Path | None = options.save_evidence
    if path is None:
        return
    try:
        replace_file(path, write_evidence(file), mode=_OWNER_ONLY)
    except OSError as error:
        raise UsageError(
            tr("{file} cannot be written: {reason}.", file=path, reason=reason(error)),
            hint=tr("Check the folder, and your right to write there."),
        ) from error


def _tell(options: argparse.Namespace, report: Report, attestation: Attestation | None) -> None:
    if options.json:
        # All but ASCII is escaped, so no text of the coordinator's reaches the terminal as it is.
        sys.stdout.write(json.dumps(_record(report, attestation), indent=1) + "\n")
    else:
        for line in _lines(report, attestation):
            say(line)
    for problem in (attestation.blocked, *attestation.problems) if attestation else ():
        if problem is not None:
            complain(problem)


def _lines(report: Report, attestation: Attestation | None) -> list[str]:
    failed = attestation is not None and attestation.blocked is not None
    lines = [Verdict.FAILED.word if failed else report.headline, *filter(None, [report.line]), ""]
    for result in report.steps:
        lines.append(f"{int(result.step):>2} {result.outcome.word:<12} {result.step.title}: {result.fact}")
        if result.outcome is Outcome.FAIL:
            lines.append(f"{'':16}{result.explanation}")
            lines += [
                f"{'':16}{each.label}: {tr('expected')} {each.expected}, {tr('found')} {each.found}"
                for each in result.comparisons
            ]
    lines.append("")
    facts = {
        tr("Root"): f"{report.root.name} ({report.root.fingerprint})",
        tr("Policy"): (report.policy.name or tr("without a name")) if report.policy else tr("none"),
        tr("Time"): f"{report.at:%Y-%m-%d %H:%M:%S} UTC",
        tr("Address"): report.address,
        tr("Collateral"): tr("until {end} UTC", end=f"{report.window.end:%Y-%m-%d %H:%M}")
        if report.window
        else "",
        tr("TCB status"): report.platform.tcb_status if report.platform else "",
        tr("Changed"): tr("yes, another root than the one kept")
        if attestation and attestation.root_changed
        else "",
    }
    return lines + [f"{name + ':':<12} {value}" for name, value in facts.items() if value]


def _record(report: Report, attestation: Attestation | None) -> dict[str, Any]:
    record: dict[str, Any] = {"verdict": report.verdict.value, "report": json.loads(write_report(report))}
    if attestation is None:
        return record
    return record | {
        "verdict": attestation.verdict.value,
        "blocked": _problem(attestation.blocked) if attestation.blocked else None,
        "problems": [_problem(problem) for problem in attestation.problems],
        "root": attestation.root_fingerprint or None,
        "root_changed": attestation.root_changed,
        "state": int(attestation.state) if attestation.state is not None else None,
        "offers_v2": attestation.offers_v2,
        "collateral": {
            "origin": attestation.origin.value,
            "fetched": attestation.collateral_at.isoformat() if attestation.collateral_at else None,
        },
    }


def _problem(error: MarbleError) -> dict[str, str]:
    return {"code": error.code, "sentence": error.sentence, "hint": error.hint}
