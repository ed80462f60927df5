"""The console without a window: `marble-console status | check | diff | verify | recover`. Loads neither Qt nor anything that draws.

Exit codes: 0 when all is well, 1 when the answer is bad news (unreachable, manifest refused, files differ), 2 when the
question could not be asked (usage, unreadable file). `verify` tells three outcomes apart: 0 verified, 1 failed, 3
simulated; with 2 it could not be checked. `recover` answers 4 when a share was accepted and more are needed. Text from files and servers is printed without control characters.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module

from marble_client.errors import AddressInvalid, CertificateUnreadable, ClientError
from marble_console.cli.output import BAD, GOOD, SIMULATED, UNASKED, complain
from marble_console.words import tr
from marble_core.errors import MarbleError

__all__ = ["BAD", "GOOD", "SIMULATED", "UNASKED", "main"]

# The module of each command, by name: a comparison of two files need not wait until a network client is loaded.
_MODULES = {
    "status": "status",
    "check": "checking",
    "diff": "manifests",
    "verify": "verifying",
    "recover": "recovering",
}


def main(arguments: Sequence[str]) -> int:
    """Carry out one subcommand; `arguments` begins with its name. Returns the exit code."""
    options = _parser(arguments[:1]).parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (AddressInvalid, CertificateUnreadable) as error:
        complain(error)
        return UNASKED
    except ClientError as error:
        complain(error)
        return BAD
    except MarbleError as error:
        complain(error)
        return UNASKED


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows the commands of these names, or all where one is no command."""
    parser = argparse.ArgumentParser("marble-console", description=tr("Marble Console in the terminal."))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    wanted = names if names and all(name in _MODULES for name in names) else _MODULES
    for name in wanted:
        import_module(f"marble_console.cli.{_MODULES[name]}").add(commands)
    return parser
