"""What the overview says needs a look, most pressing first. Pure functions."""

from __future__ import annotations

import datetime as dt

from marble_client.answers import CoordinatorState
from marble_console.acting import Acting
from marble_console.coordinators.watch import Observation
from marble_console.pages.overview.cards import not_set_yet
from marble_console.pages.recovery.practice import practice_finding
from marble_console.parts import FindingState, Tone
from marble_console.recovering.standing import NO_STANDING, Standing
from marble_console.times import expiry
from marble_console.words import ntr, tr
from marble_core.manifest.model import Manifest
from marble_core.updatelog import Entry, Kind


def findings(
    seen: Observation,
    now: dt.datetime,
    *,
    is_local: bool,
    acting: Acting | None = None,
    standing: Standing = NO_STANDING,
) -> tuple[FindingState, ...]:
    """At most one finding a subject."""
    found = [
        FindingState(f"problem-{problem.code}", Tone.FAILED, "circle-x", problem.sentence, problem.hint)
        for problem in seen.problems
    ]
    found += _expiring(seen, now)
    found += _pending(seen)
    if acting is not None and acting.is_ending(now):
        found.append(_ending_identity(acting, now))
    if seen.manifest is not None:
        found += _about(seen, seen.manifest)
        if standing.known is not None and standing.known.holders:
            found += practice_finding(standing.known, standing.drills, now, action=tr("Practise…"))
    if is_local and seen.status.state is CoordinatorState.RUNNING:
        found.append(
            FindingState(
                "unsealed",
                Tone.INFO,
                "info",
                tr("The key of the sealed state lies beside it"),
                tr(
                    "Without SGX whoever reads the coordinator's folder can open its state. Use it for trying things out."
                ),
                tr("Show the coordinator"),
            )
        )
    return tuple(found)


def _expiring(seen: Observation, now: dt.datetime) -> list[FindingState]:
    if seen.quote is None:
        return []
    named = ((tr("root"), seen.quote.chain.root), (tr("intermediate"), seen.quote.chain.intermediate))
    return [
        FindingState(
            f"expiry-{which}",
            Tone.CAUTION,
            "clock",
            tr("The {which} certificate {expiry}", which=which, expiry=text),
            tr("Clients that check validity will refuse it then."),
            tr("Show the attestation"),
        )
        for which, certificate in named
        for text, needs_a_look in [expiry(certificate.not_valid_after_utc, now)]
        if needs_a_look
    ]


def _pending(seen: Observation) -> list[FindingState]:
    """An update that was begun, and neither applied nor cancelled since, by the log."""
    steps = {Kind.UPDATE_STARTED, Kind.UPDATE_ACKNOWLEDGED, Kind.UPDATE_CANCELLED, Kind.UPDATE_APPLIED}
    last = next((line for line in reversed(seen.log) if isinstance(line, Entry) and line.kind in steps), None)
    missing = last.fields.get("missingAcknowledgments") if last is not None else None
    if last is None or last.kind in {Kind.UPDATE_CANCELLED, Kind.UPDATE_APPLIED} or missing in {None, 0}:
        return []
    fact = tr("An update of the whole manifest waits for users to agree")
    effect = tr("The manifest in force stays until then. Look at what it changes before you agree.")
    return [FindingState("pending", Tone.INFO, "users", fact, effect, tr("Look…"))]


def _ending_identity(acting: Acting, now: dt.datetime) -> FindingState:
    return FindingState(
        "identity",
        Tone.CAUTION,
        "user",
        tr("Your identity {name} {expiry}", name=acting.name, expiry=expiry(acting.not_after, now)[0]),
        tr(
            "The coordinator accepts certificates that have ended; your organisation may not. Prepare the next one in the manifest."
        ),
        tr("Renew identity…"),
    )


def _about(seen: Observation, manifest: Manifest) -> list[FindingState]:
    found = []
    if missing := not_set_yet(seen):
        fact = ntr(
            "{count} user-defined secret was never set",
            "{count} user-defined secrets were never set",
            len(missing),
        )
        effect = tr(
            "Marbles whose templates use {names} fail to start until then.", names=", ".join(missing[:3])
        )
        found.append(FindingState("secrets", Tone.CAUTION, "key-round", fact, effect, tr("Show the secrets")))
    if not manifest.recovery_keys:
        found.append(
            FindingState(
                "recovery",
                Tone.CAUTION,
                "life-buoy",
                tr("Nobody can recover this coordinator"),
                tr(
                    "The manifest names no recovery key. If the seal key is lost, so are all secrets and certificates."
                ),
                tr("Show recovery"),
            )
        )
    debug = [name for name, package in manifest.packages.items() if package.debug]
    if debug:
        fact = ntr("{count} package is for debugging", "{count} packages are for debugging", len(debug))
        effect = tr("Debug enclaves have no protected memory: {names}.", names=", ".join(debug[:3]))
        found.append(FindingState("debug", Tone.INFO, "info", fact, effect, tr("Show the manifest")))
    return found
