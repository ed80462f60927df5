"""The entry point: a window, or a subcommand that answers in the terminal. Loads no more than the one asked for needs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from marble_console.words import tr

COMMANDS = ("status", "check", "diff", "verify", "recover", "journal")
CANNOT_OPEN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the console with these arguments, or those of the process; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments and arguments[0] in COMMANDS:
        from marble_console import cli  # noqa: PLC0415  a window needs none of it

        return cli.main(arguments)
    options = parser().parse_args(arguments)
    if options.version:
        import importlib.metadata  # noqa: PLC0415  costs time that a window does not have

        sys.stdout.write(f"marble-console {importlib.metadata.version('marble-console')}\n")
        return 0

    from marble_console.preflight import obstacle  # noqa: PLC0415  the terminal needs none of it

    if reason := obstacle():
        sys.stderr.write(reason + "\n")
        return CANNOT_OPEN

    from marble_console.app import run  # noqa: PLC0415  Qt aborts the process where a display or a library is missing

    return run(options)


def parser() -> argparse.ArgumentParser:
    """The arguments of the window: `local` (bool) and `manifest` (a path, or None)."""
    result = argparse.ArgumentParser(
        "marble-console",
        description=tr("Admin console for MarbleRun coordinators."),
        epilog=tr(
            "In the terminal, without a window: marble-console {commands} --help.",
            commands="|".join(COMMANDS),
        ),
        allow_abbrev=False,
    )
    result.add_argument("--local", action="store_true", help=tr("start the local coordinator and open on it"))
    result.add_argument("manifest", nargs="?", metavar="FILE", help=tr("manifest file to open"))
    result.add_argument("--smoke-test", action="store_true", help=argparse.SUPPRESS)
    result.add_argument("--version", action="store_true", help=tr("print the version and end"))
    return result


if __name__ == "__main__":
    sys.exit(main())
