"""`marble-console status`: how a coordinator is."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.address import Address
from marble_client.client import CoordinatorClient
from marble_client.link import DIRECT, Link
from marble_client.trust import Trust, fingerprint
from marble_console.cli.output import BAD, GOOD, UsageError, complain, content, say
from marble_console.cli.whom import add_address, find
from marble_console.coordinators.watch import Observation, observe
from marble_console.words import ntr, tr
from marble_core.manifest.model import Manifest

if TYPE_CHECKING:
    from marble_console.cli.output import Commands


def add(commands: Commands) -> None:
    """Add the command to a parser."""
    status = commands.add_parser(
        "status",
        help=tr("say how a coordinator is"),
        epilog=tr("Exit code: 0 it answers, 1 it does not, or not in full, 2 it was not asked."),
    )
    add_address(status)
    status.add_argument(
        "--root",
        type=Path,
        metavar="FILE",
        help=tr("root certificate to trust, PEM or DER, instead of the kept one"),
    )
    status.add_argument("--json", action="store_true", help=tr("print one JSON object"))
    status.set_defaults(command=_status)


def _status(options: argparse.Namespace) -> int:
    address, trust, link = _whom(options.address, options.root)
    with CoordinatorClient.connect(address, trust, link=link) as client:
        seen = observe(client, None, dt.datetime.now(dt.UTC))
    if options.json:
        # All but ASCII is escaped, so no text of the coordinator's reaches the terminal as it is.
        sys.stdout.write(json.dumps(_as_json(address, seen), indent=2) + "\n")
    else:
        for name, value in _as_facts(address, seen):
            say(f"{name + ':':<14}{value}")
    for problem in seen.problems:
        complain(problem)
    return BAD if seen.problems else GOOD


def _whom(wanted: str | None, root_file: Path | None) -> tuple[Address, Trust, Link]:
    address, kept = find(wanted)
    server_name = kept.server_name if kept else ""
    link = kept.link if kept else DIRECT
    if root_file:
        return address, Trust.from_file(content(root_file), server_name=server_name), link
    if kept and kept.trust:
        return address, kept.trust, link
    raise UsageError(
        tr("No root certificate is pinned for {address}.", address=address),
        hint=tr("Give the coordinator's root certificate with --root FILE."),
    )


def _as_facts(address: Address, seen: Observation) -> list[tuple[str, str]]:
    facts = [
        (tr("Address"), str(address)),
        (tr("State"), f"{seen.status.state.value} {_state_word(seen)}"),
    ]
    if seen.quote:
        chain = seen.quote.chain
        facts += [
            (tr("Root"), chain.root_fingerprint),
            (tr("Valid until"), f"{chain.root.not_valid_after_utc:%Y-%m-%d} UTC"),
        ]
    if seen.served:
        facts.append((tr("Manifest"), seen.served.fingerprint))
    if seen.manifest:
        facts.append((tr("Contents"), ", ".join(_counts(seen.manifest))))
    if seen.log:
        facts.append((tr("Log"), ntr("{count} entry", "{count} entries", len(seen.log))))
    facts.append((tr("Server says"), seen.status.message))
    return facts


def _state_word(seen: Observation) -> str:
    return seen.status.state.name.lower().replace("_", " ")


def _counts(manifest: Manifest) -> list[str]:
    return [
        ntr("{count} package", "{count} packages", len(manifest.packages)),
        ntr("{count} marble", "{count} marbles", len(manifest.marbles)),
        ntr("{count} secret", "{count} secrets", len(manifest.secrets)),
        ntr("{count} user", "{count} users", len(manifest.users)),
        ntr("{count} recovery key", "{count} recovery keys", len(manifest.recovery_keys)),
    ]


def _as_json(address: Address, seen: Observation) -> dict[str, Any]:
    chain = seen.quote.chain if seen.quote else None
    return {
        "address": str(address),
        "seen": seen.at.isoformat(),
        "state": {"code": seen.status.state.value, "name": _state_word(seen), "message": seen.status.message},
        "root": _certificate(chain.root) if chain else None,
        "intermediate": _certificate(chain.intermediate) if chain else None,
        "manifest": _manifest_as_json(seen),
        "log": seen.log_text.splitlines(),
        "problems": [{"code": problem.code, "sentence": problem.sentence} for problem in seen.problems],
    }


def _manifest_as_json(seen: Observation) -> dict[str, Any] | None:
    if seen.served is None:
        return None
    if seen.manifest is None:
        return {"fingerprint": seen.served.fingerprint}
    manifest = seen.manifest
    return {
        "fingerprint": seen.served.fingerprint,
        "packages": {name: package.security_version for name, package in manifest.packages.items()},
        "marbles": list(manifest.marbles),
        "secrets": list(manifest.secrets),
        "users": list(manifest.users),
        "recovery_keys": list(manifest.recovery_keys),
    }


def _certificate(certificate: x509.Certificate) -> dict[str, str]:
    return {
        "fingerprint": fingerprint(certificate.public_bytes(Encoding.DER)),
        "not_after": certificate.not_valid_after_utc.isoformat(),
    }
