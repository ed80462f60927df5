"""Recovering from the terminal: from options to an exit code. The same work as in the window.

Passphrases and PINs: cli/keys.py.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from dataclasses import dataclass
from typing import Any

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.client import CoordinatorClient
from marble_client.trust import Trust, pin_by_fingerprint
from marble_console.attesting.cache import CollateralCache
from marble_console.attesting.job import attest
from marble_console.attesting.subject import Subject
from marble_console.cli.accounting import accounting
from marble_console.cli.keys import use_file, use_token
from marble_console.cli.output import BAD, GOOD, MORE, UsageError, complain, content, say
from marble_console.cli.whom import find
from marble_console.coordinators.attested import AttestationStore
from marble_console.coordinators.deployments import DeploymentStore
from marble_console.coordinators.folders import collateral_folder, profiles_file
from marble_console.coordinators.profiles import Kind, Profile, ProfileStore
from marble_console.journal.chain import Where
from marble_console.recovering.files import read_file, read_secret_file, read_signature_file
from marble_console.recovering.known import Deployment
from marble_console.recovering.opening import Contributed, open_share, take_plain
from marble_console.recovering.progress import Progress
from marble_console.recovering.sending import (
    Accepted,
    Declined,
    Unanswered,
    Verified,
    give,
    verify_recovered,
)
from marble_console.recovering.shares import read_shares
from marble_console.words import tr


@dataclass(frozen=True)
class _Told:
    """What is printed at the end."""

    share: Contributed
    progress: Progress
    known: Deployment | None
    server_text: str
    verified: Verified | None = None


def run(options: argparse.Namespace) -> int:
    """Give the share that the options name; returns the exit code."""
    address, kept = find(options.address)
    known = _known(kept)
    share = _share(options, known)
    try:
        return _give(options, address, kept, known, share)
    finally:
        share.wipe()


def _give(
    options: argparse.Namespace,
    address: Address,
    kept: Profile | None,
    known: Deployment | None,
    share: Contributed,
) -> int:
    trust = _trust(options, address, kept)
    with (
        accounting(Where(kept.name if kept else "", str(address), trust.fingerprint)) as witness,
        CoordinatorClient.connect(address, trust, witness=witness) as client,
    ):
        state = client.status().state
        if state is not CoordinatorState.RECOVERY:
            raise UsageError(
                tr("The coordinator is in state {state}: there is nothing to recover.", state=int(state)),
                hint=tr("Nothing was sent."),
            )
        outcome = give(client, share)
        match outcome:
            case Declined(error=error):
                complain(error)
                return BAD
            case Unanswered(error=error):
                complain(error)
                say(tr("Run the command again: a share that was given already is not counted twice."))
                return BAD
            case Accepted(remaining=remaining, server_text=text):
                progress = Progress().accepted(share, dt.datetime.now(dt.UTC), remaining, known)
        told = _Told(share, progress, known, text)
        if progress.done:
            told = _Told(share, progress, known, text, verify_recovered(client, _lasting(kept, known), known))
    _tell(options, told)
    if told.verified is None:
        return MORE
    return GOOD if told.verified.is_as_before else BAD


# -- what is brought ----------------------------------------------------------------------------------------------------
def _share(options: argparse.Namespace, known: Deployment | None) -> Contributed:
    if options.secret:
        if options.share or options.key or options.token_module:
            raise UsageError(
                tr("A decrypted secret needs neither a share nor a key."), hint=tr("Leave one of them out.")
            )
        signature = read_signature_file(options.signature) if options.signature else b""
        return take_plain(read_secret_file(options.secret), signature, options.secret.name, known)
    if not options.share or bool(options.key) == bool(options.token_module):
        raise UsageError(
            tr("There is nothing to give."),
            hint=tr("Name the saved share with --share and the private key with --key or --token-module, or --secret and --signature."),
        )  # fmt: skip
    shares = read_shares(read_file(options.share), options.share.name)
    if options.token_module:
        return use_token(options, known, lambda key: open_share(shares, key, known))
    return use_file(options, lambda key: open_share(shares, key, known))


# -- whom it is given to ------------------------------------------------------------------------------------------------
def _trust(options: argparse.Namespace, address: Address, kept: Profile | None) -> Trust:
    server_name = kept.server_name if kept else ""
    if options.root:
        return Trust.from_file(content(options.root), server_name=server_name)
    if options.root_sha256:
        return pin_by_fingerprint(address, options.root_sha256.replace(":", ""), server_name=server_name)
    if kept is not None and kept.kind is Kind.LOCAL and kept.trust is not None:
        return kept.trust  # the window that runs it has kept the root of this very start
    if kept is None:
        raise UsageError(
            tr("Nothing vouches for {address}.", address=address),
            hint=tr("Give its temporary root with --root or --root-sha256, or the name of a connection with a policy."),
        )  # fmt: skip
    with ProfileStore(profiles_file()) as store:
        terms = AttestationStore(store.database).terms(kept.id)
    cache = CollateralCache(collateral_folder())
    return attest(Subject.of(kept, terms), cache, clock=lambda: dt.datetime.now(dt.UTC)).require_trust()


def _known(kept: Profile | None) -> Deployment | None:
    if kept is None:
        return None
    with ProfileStore(profiles_file()) as store:
        return DeploymentStore(store.database).get(kept.id)


def _lasting(kept: Profile | None, known: Deployment | None) -> bytes:
    if known is not None:
        return known.root_der
    return kept.root_der if kept is not None and kept.kind is Kind.REMOTE else b""


# -- what is said -------------------------------------------------------------------------------------------------------
def _tell(options: argparse.Namespace, told: _Told) -> None:
    if options.json:
        # All but ASCII is escaped, so no text of the coordinator's reaches the terminal as it is.
        sys.stdout.write(json.dumps(_record(told), indent=2) + "\n")
        return
    count = told.progress.count(told.known)
    given = told.progress.headline(told.known) if count is not None else tr("accepted")
    facts = [
        (tr("Holder"), told.share.holder or tr("not known")),
        (tr("Given"), given),
        (tr("Missing"), told.progress.missing(told.known)),
        (tr("Server says"), told.server_text),
    ]
    if told.verified is not None:
        facts += [(check.name, f"{check.fact} ({check.outcome.value})") for check in told.verified.checks]
    for name, value in facts:
        say(f"{name + ':':<18}{value}")


def _record(told: _Told) -> dict[str, Any]:
    return {
        "holder": told.share.holder,
        "done": told.progress.done,
        "given": told.progress.count(told.known),
        "needed": told.known.needed if told.known is not None and told.known.holders else None,
        "unused_keys": told.progress.remaining,
        "message": told.server_text,
        "checks": [
            {"name": check.name, "outcome": check.outcome.value, "fact": check.fact}
            for check in (told.verified.checks if told.verified else ())
        ],
        "as_before": told.verified.is_as_before if told.verified else None,
    }
