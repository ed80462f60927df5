"""`marble-console verify`: whether a coordinator can be trusted, now or by the evidence of a file."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from marble_console.cli.whom import add_address
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.cli.output import Commands


def add(commands: Commands) -> None:
    """Add the command to a parser."""
    verify = commands.add_parser(
        "verify",
        help=tr("verify the attestation of a coordinator"),
        epilog=tr("Exit code: 0 verified, 1 failed, 2 could not be checked, 3 simulated."),
    )
    add_address(verify)
    verify.add_argument(
        "--evidence",
        type=Path,
        metavar="FILE",
        help=tr("verify what a file holds, not a coordinator: saved evidence, or a quote alone; no network"),
    )
    verify.add_argument(
        "--policy", type=Path, metavar="FILE", help=tr("the enclave to expect: a coordinator-era.json")
    )
    verify.add_argument(
        "--root",
        type=Path,
        metavar="FILE",
        help=tr("trust this simulation root, PEM or DER, in place of Intel's"),
    )
    source = verify.add_mutually_exclusive_group()
    source.add_argument("--collateral", type=Path, metavar="FILE", help=tr("collateral from a file"))
    source.add_argument("--pccs", metavar="URL", help=tr("collateral from this service in place of Intel's"))
    verify.add_argument(
        "--at", type=_time, metavar="TIME", help=tr("judge as of this time, ISO 8601 with a zone")
    )
    verify.add_argument("--json", action="store_true", help=tr("print one JSON object"))
    verify.add_argument(
        "--save-evidence", type=Path, metavar="FILE", help=tr("write what was seen to a file")
    )
    verify.set_defaults(command=_verify)


def _verify(options: argparse.Namespace) -> int:
    from marble_console.cli.verification import run  # noqa: PLC0415  other commands need none of what it loads

    return run(options)


def _time(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            tr("“{text}” is no time, such as 2026-03-04T12:00:00Z", text=text)
        ) from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(tr("“{text}” lacks a time zone, such as Z at its end", text=text))
    return moment.astimezone(dt.UTC)
