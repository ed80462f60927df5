"""The console without a window: `marble-console status | check | diff | verify | recover | journal`. Loads neither Qt nor anything that draws.

Exit codes: 0 when all is well, 1 when the answer is bad news (unreachable, manifest refused, files differ), 2 when the
question could not be asked (usage, unreadable file). `verify` tells three outcomes apart: 0 verified, 1 failed, 3
simulated; with 2 it could not be checked. `recover` answers 4 when a share was accepted and more are needed. Text from files and servers is printed without control characters.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from marble_client.errors import AddressInvalid, CertificateUnreadable, ClientError
from marble_console.cli.output import BAD, GOOD, SIMULATED, UNASKED, complain
from marble_console.words import tr
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    from marble_console.cli.output import Commands

__all__ = ["BAD", "GOOD", "SIMULATED", "UNASKED", "main"]


def main(arguments: Sequence[str]) -> int:
    """Carry out one subcommand; `arguments` begins with its name. Returns the exit code."""
    options = _parser(arguments[0] if arguments else "").parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
        sys.stdout.flush()
    except BrokenPipeError:
        return _unheard()
    except (AddressInvalid, CertificateUnreadable) as error:
        complain(error)
        return UNASKED
    except ClientError as error:
        complain(error)
        return BAD
    except MarbleError as error:
        complain(error)
        return UNASKED
    return code


def _unheard() -> int:
    """Who read the answer has left, as `head` does. Python would try once more at its end to write what is left, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return UNASKED


_COMMANDS = ("status", "check", "diff", "verify", "recover", "journal")


def _parser(wanted: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("marble-console", description=tr("Marble Console in the terminal."))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (wanted,) if wanted in _COMMANDS else _COMMANDS:
        _add(command, commands)
    return parser


def _add(command: str, commands: Commands) -> None:
    """Add one command. Only its module is loaded: those that speak to coordinators take longer to load than a check."""
    # ruff: noqa: PLC0415 -- as the docstring says; named here one by one, so that a bundle has them all
    match command:
        case "check":
            from marble_console.cli import checking as part
        case "diff":
            from marble_console.cli import manifests as part  # type: ignore[no-redef] # one module or another
        case "verify":
            from marble_console.cli import verifying as part  # type: ignore[no-redef] # as above
        case "recover":
            from marble_console.cli import recovering as part  # type: ignore[no-redef] # as above
        case "journal":
            from marble_console.cli import journal as part  # type: ignore[no-redef] # as above
        case _:
            from marble_console.cli import status as part  # type: ignore[no-redef] # as above
    part.add(commands)
