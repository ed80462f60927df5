"""What all commands share: the exit codes, reading files, and text that a terminal shows and never obeys."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from marble_client.errors import Refused
from marble_console.words import tr
from marble_core.errors import MarbleError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  argparse gives it no other name

GOOD, BAD, UNASKED, SIMULATED, MORE = 0, 1, 2, 3, 4


class UsageError(MarbleError):
    """The command cannot be carried out as given."""

    code = "usage"


def content(file: Path) -> bytes:
    """The bytes of a file that the operator named, `-` for standard input; raises UsageError."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageError(
            tr("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error),
            hint=tr("Check the name of the file, and your right to read it."),
        ) from error


def say(text: str) -> None:
    """A line of the answer."""
    sys.stdout.write(printable(text) + "\n")


def complain(error: MarbleError) -> None:
    """What stands against it, beside the answer."""
    lines = [error.sentence, error.hint]
    if isinstance(error, Refused) and error.server_text:
        lines.append(tr("The coordinator says: “{text}”", text=error.server_text))
    sys.stderr.write("".join(f"{printable(line)}\n" for line in lines if line))


def printable(text: str) -> str:
    """The text without what a terminal would obey instead of show, line ends included."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
