"""The cards of the overview: each a heading, maybe a large word, and facts. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.x509 import Certificate

from marble_client.answers import CoordinatorState
from marble_console.coordinators.deployments import Drill
from marble_console.coordinators.watch import Observation
from marble_console.navigation import Place
from marble_console.pages.overview.state import CardState, Headline
from marble_console.pages.overview.waiting import recovery_card
from marble_console.parts import Fact, Tone
from marble_console.recovering.known import holders_of
from marble_console.recovering.standing import NO_STANDING, Standing
from marble_console.times import day_and_clock, expiry, moment
from marble_console.verdicts import VERDICTS, cause
from marble_console.verdicts import headline as verdict_headline
from marble_console.words import ntr, tr
from marble_core.attestation.steps import Verdict
from marble_core.manifest.model import Manifest, SecretName
from marble_core.updatelog import Entry, Kind

if TYPE_CHECKING:
    from marble_console.acting import Acting
    from marble_console.attesting import Attestation


def cards(
    seen: Observation,
    now: dt.datetime,
    attested: Attestation | None = None,
    standing: Standing = NO_STANDING,
    acting: Acting | None = None,
) -> tuple[CardState, ...]:
    """What is known, most important first. Cards about a manifest are there only while one is in force."""
    if seen.status.state is CoordinatorState.RECOVERY:
        return (_state(seen), _trust(attested, now, is_temporary=True), recovery_card(standing))
    found = [_state(seen), _trust(attested, now), _certificates(seen, now, acting)]
    if seen.manifest is not None and seen.served is not None:
        found += [
            _manifest(seen, seen.manifest, now),
            _secrets(seen, seen.manifest),
            _recovery(seen.manifest, standing.drills, now),
        ]
    return tuple(found)


def _state(seen: Observation) -> CardState:
    words = {
        CoordinatorState.RECOVERY: (
            tr("Recovery"),
            tr("Waits for a recovery secret, serves no marbles."),
            Tone.FAILED,
        ),
        CoordinatorState.WAITING_FOR_MANIFEST: (
            tr("Waiting for a manifest"),
            tr("Takes the first manifest."),
            Tone.INFO,
        ),
        CoordinatorState.RUNNING: (tr("Running"), tr("Accepts marbles of the manifest in force."), None),
    }
    word, meaning, tone = words[seen.status.state]
    return CardState(
        "state", tr("State"), "circle-dot", Headline(word, meaning, str(int(seen.status.state)), tone=tone)
    )


def _trust(attested: Attestation | None, now: dt.datetime, *, is_temporary: bool = False) -> CardState:
    if attested is None:
        look = VERDICTS[Verdict.NOT_VERIFIED]
        pinned = tr("Bound to the pinned root. No quote was checked.")
        line = tr("The temporary root was not attested yet.") if is_temporary else pinned
        headline = Headline(look.word, line, icon=look.icon, tone=look.tone)
        never = Fact(tr("Checked"), tr("not yet"))
        return CardState("trust", tr("Trust"), "shield-check", headline, (never,), page=Place.ATTESTATION)
    look = VERDICTS[attested.verdict]
    policy = attested.report.policy
    facts = (
        Fact(tr("Checked"), day_and_clock(attested.report.at, now)),
        Fact(tr("Policy"), (policy.name or tr("without a name")) if policy is not None else tr("none")),
    )
    headline = Headline(verdict_headline(attested.verdict), cause(attested), icon=look.icon, tone=look.tone)
    return CardState("trust", tr("Trust"), "shield-check", headline, facts, page=Place.ATTESTATION)


def _certificates(seen: Observation, now: dt.datetime, acting: Acting | None) -> CardState:
    if seen.quote is None:
        facts: tuple[Fact, ...] = (Fact(tr("Chain"), tr("not to be trusted"), Tone.FAILED, strong=True),)
    else:
        chain = seen.quote.chain
        facts = (
            Fact(tr("Root"), chain.root_fingerprint, mono=True, fingerprint=True),
            _validity(tr("Root ends"), chain.root, now),
            _validity(tr("Intermediate"), chain.intermediate, now),
            Fact(tr("Issued"), moment(chain.intermediate.not_valid_before_utc, now)),
        )
    if acting is not None:
        ends, soon = expiry(acting.not_after, now)
        fact = Fact(tr("Your identity"), ends, Tone.CAUTION if soon else None, strong=soon)
        facts = (*facts, replace(fact, tooltip=acting.explain(now)))
    return CardState("certificates", tr("Certificates"), "stamp", facts=facts, page=Place.ATTESTATION)


def _validity(key: str, certificate: Certificate, now: dt.datetime) -> Fact:
    text, needs_a_look = expiry(certificate.not_valid_after_utc, now)
    return Fact(key, text, Tone.CAUTION if needs_a_look else None, strong=needs_a_look)


def _manifest(seen: Observation, manifest: Manifest, now: dt.datetime) -> CardState:
    fingerprint = seen.served.fingerprint if seen.served is not None else ""
    raised = [entry for entry in in_force(seen) if entry.kind is Kind.PACKAGE_RAISED]
    updates = ntr("Submitted + {count} package update", "Submitted + {count} package updates", len(raised))
    facts = [
        Fact(tr("Fingerprint"), fingerprint, mono=True, fingerprint=True),
        Fact(tr("Contents"), contents(manifest)),
        Fact(tr("Effective"), updates if raised else tr("As submitted")),
    ]
    entries = [entry for entry in seen.log if isinstance(entry, Entry)]
    if entries:
        facts.append(Fact(tr("Last change"), f"{moment(entries[-1].time, now)} · {_what(entries[-1])}"))
    return CardState("manifest", tr("Manifest"), "file-code-2", facts=tuple(facts), page=Place.MANIFEST)


def contents(manifest: Manifest) -> str:
    """The counts that tell manifests apart at a glance: "2 packages · 3 marbles · 9 secrets"."""
    return " · ".join(
        (
            ntr("{count} package", "{count} packages", len(manifest.packages)),
            ntr("{count} marble", "{count} marbles", len(manifest.marbles)),
            ntr("{count} secret", "{count} secrets", len(manifest.secrets)),
        )
    )


def in_force(seen: Observation) -> list[Entry]:
    """The entries of the log since the manifest in force was set."""
    entries = [entry for entry in seen.log if isinstance(entry, Entry)]
    starts = [i for i, entry in enumerate(entries) if entry.kind in {Kind.MANIFEST_SET, Kind.UPDATE_APPLIED}]
    return entries[starts[-1] :] if starts else entries


def not_set_yet(seen: Observation) -> tuple[SecretName, ...]:
    """User-defined secrets that nobody has set since the manifest did not give them a value, by the log."""
    if seen.manifest is None:
        return ()
    logged = {
        entry.text("secret")
        for entry in seen.log
        if isinstance(entry, Entry) and entry.kind is Kind.SECRET_SET
    }
    return tuple(
        name
        for name, secret in seen.manifest.secrets.items()
        if secret.user_defined and name not in logged and not (secret.private or secret.cert_der)
    )


def _secrets(seen: Observation, manifest: Manifest) -> CardState:
    defined = [name for name, secret in manifest.secrets.items() if secret.user_defined]
    missing = not_set_yet(seen)
    shared = sum(secret.shared and not secret.user_defined for secret in manifest.secrets.values())
    own = len(manifest.secrets) - len(defined) - shared
    facts = []
    if defined:
        facts.append(
            Fact(
                tr("Set"),
                tr("{set} of {all} user-defined", set=len(defined) - len(missing), all=len(defined)),
                strong=True,
            )
        )
    if missing:
        facts.append(
            Fact(tr("Not set yet"), _names(missing), Tone.CAUTION, strong=True, tooltip=", ".join(missing))
        )
    facts.append(Fact(tr("Generated"), tr("{shared} shared, {own} per marble", shared=shared, own=own)))
    return CardState("secrets", tr("Secrets"), "key-round", facts=tuple(facts), page=Place.SECRETS)


def _names(names: tuple[SecretName, ...], most: int = 2) -> str:
    rest = len(names) - most
    shown = ", ".join(names[:most])
    return (
        ntr("{shown} and {count} more", "{shown} and {count} more", rest, shown=shown) if rest > 0 else shown
    )


def _recovery(manifest: Manifest, drills: Mapping[str, Drill], now: dt.datetime) -> CardState:
    holders = manifest.recovery_keys
    if holders:
        names = _names(tuple(SecretName(name) for name in holders))
        needed = tr("the only one") if len(holders) == 1 else _needed(manifest)
        facts: tuple[Fact, ...] = (
            Fact(tr("Holders"), f"{len(holders)} · {needed}"),
            Fact(tr("Keys"), names),
            _last_drill(manifest, drills, now),
        )
    else:
        facts = (
            Fact(tr("Holders"), tr("none"), Tone.CAUTION, strong=True),
            Fact(tr("Effect"), tr("A lost seal key loses the state")),
        )
    mode = manifest.config.seal_mode or "ProductKey"
    facts = (*facts, Fact(tr("Seal mode"), mode))
    return CardState("recovery", tr("Recovery"), "life-buoy", facts=facts, page=Place.RECOVERY)


def _last_drill(manifest: Manifest, drills: Mapping[str, Drill], now: dt.datetime) -> Fact:
    """How many holders have shown that they could, and when one did last."""
    own = [
        drills[each.fingerprint] for each in holders_of(manifest.recovery_keys) if each.fingerprint in drills
    ]
    passed = [drill for drill in own if drill.passed]
    if not own:
        return Fact(tr("Last drill"), tr("never"), Tone.CAUTION, strong=True)
    last = moment(max(drill.at for drill in own), now)
    words = tr(
        "{last} · {passed} of {all} passed", last=last, passed=len(passed), all=len(manifest.recovery_keys)
    )
    return Fact(tr("Last drill"), words, Tone.CAUTION if len(passed) < len(own) else None)


def _needed(manifest: Manifest) -> str:
    threshold = manifest.config.recovery_threshold
    return tr("{count} needed", count=threshold) if threshold else tr("all needed")


def _what(entry: Entry) -> str:
    match entry.kind:
        case Kind.PACKAGE_RAISED:
            return tr(
                "package {name} to {version}", name=entry.text("package"), version=entry.text("new version")
            )
        case Kind.SECRET_SET:
            return tr("secret {name} set", name=entry.text("secret"))
        case Kind.MANIFEST_SET:
            return tr("manifest set")
        case _:
            return entry.update
