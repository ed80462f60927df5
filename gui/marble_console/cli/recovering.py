"""`marble-console recover`: give one holder's share to a coordinator whose state is sealed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from marble_console.cli.whom import add_address
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.cli.output import Commands


def add(commands: Commands) -> None:
    """Add the command to a parser."""
    recover = commands.add_parser(
        "recover",
        help=tr("give one holder's share to a coordinator in recovery state"),
        epilog=tr(
            "Exit code: 0 the state is open and as before, 1 refused or not as before, 2 nothing was sent, "
            "4 accepted, and more holders are needed."
        ),
    )
    add_address(recover)
    share = recover.add_argument_group(tr("the share"))
    share.add_argument(
        "--share", type=Path, metavar="FILE", help=tr("saved recovery secret: JSON, base64 or bytes")
    )
    share.add_argument(
        "--key", type=Path, metavar="FILE", help=tr("the holder's private key: PEM, DER or PKCS #12")
    )
    share.add_argument(
        "--passphrase-fd",
        type=int,
        metavar="N",
        help=tr("read the passphrase of the key from this file descriptor, up to the end of a line"),
    )
    share.add_argument(
        "--token-module",
        type=Path,
        metavar="FILE",
        help=tr("a PKCS #11 library, for a key on a token in place of --key; its PIN is asked for"),
    )
    share.add_argument(
        "--token", metavar="LABEL", help=tr("the label of the token, where the library sees several")
    )
    share.add_argument(
        "--pin-fd",
        type=int,
        metavar="N",
        help=tr("read the PIN of the token from this file descriptor, up to the end of a line"),
    )
    share.add_argument(
        "--secret",
        type=Path,
        metavar="FILE",
        help=tr("a secret that was decrypted elsewhere, in place of a share"),
    )
    share.add_argument("--signature", type=Path, metavar="FILE", help=tr("the holder's signature over it"))
    trust = recover.add_argument_group(
        tr("the temporary root"),
        tr("Without these the coordinator is attested by what is kept for the connection."),
    )
    only = trust.add_mutually_exclusive_group()
    only.add_argument("--root", type=Path, metavar="FILE", help=tr("its certificate, PEM or DER"))
    only.add_argument("--root-sha256", metavar="HEX", help=tr("its fingerprint, compared by other means"))
    recover.add_argument("--json", action="store_true", help=tr("print one JSON object"))
    recover.set_defaults(command=_recover)


def _recover(options: argparse.Namespace) -> int:
    from marble_console.cli.recovery import run  # noqa: PLC0415  other commands need none of what it loads

    return run(options)
