"""Why the bundled coordinator does not run, in words for the operator: a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from marble_console.coordinators.logline import LogLevel, LogLine
from marble_console.words import tr
from marble_core.errors import MarbleError


class BundledProblem(MarbleError):
    """Why the bundled coordinator does not run. `detail` is its own last word, if it had one."""

    code = "coordinator_failed"

    def __init__(self, sentence: str, *, hint: str, detail: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.detail = detail


class Crashed(BundledProblem):
    code = "coordinator_crashed"


class PortsTaken(BundledProblem):
    code = "port_in_use"


class FolderForbidden(BundledProblem):
    code = "folder_forbidden"


class StateUnusable(BundledProblem):
    code = "state_unusable"


def forbidden(folder: Path, reason: str) -> FolderForbidden:
    return FolderForbidden(
        tr(
            "The coordinator cannot keep its state in {folder}: {reason}.",
            folder=folder,
            reason=reason.lower(),
        ),
        hint=tr("Give yourself the right to read and write there, or choose another folder."),
    )


def not_executable(error: OSError) -> BundledProblem:
    return BundledProblem(
        tr("The program of the coordinator cannot be started: {reason}.", reason=error.strerror or error),
        hint=tr("Install Marble Console again; a part of it is missing."),
    )


def crashed(code: int) -> Crashed:
    return Crashed(
        tr("The coordinator ended by itself ({how}).", how=_how(code)),
        hint=tr("What it acknowledged is kept. Read the end of its log, then start it again."),
    )


def diagnosis(folder: Path, code: int, log_end: Iterable[LogLine]) -> BundledProblem:
    """Why it never came to run, by its last word: the beginnings of its fatal lines are stable."""
    fatal = next((line.message for line in log_end if line.level is LogLevel.FATAL), "")
    if fatal.startswith("Cannot listen on"):
        return PortsTaken(
            tr("Ports that were free a moment ago are in use, again and again."),
            hint=tr("Start the coordinator again; it looks for other ports."),
            detail=fatal,
        )
    if fatal.startswith("Cannot create or access sealdir."):
        return FolderForbidden(
            tr("The coordinator cannot use the folder {folder}.", folder=folder),
            hint=tr(
                "Stop any other coordinator that uses it, check your rights there, or choose another folder."
            ),
            detail=fatal,
        )
    if fatal.startswith("Cannot read the sealed state"):
        return StateUnusable(
            tr("The state in {folder} is damaged, so the coordinator does not start on it.", folder=folder),
            hint=tr(
                "The files are untouched. Put back a copy of the folder, or choose an empty one for a new state."
            ),
            detail=fatal,
        )
    return BundledProblem(
        tr("The coordinator could not start ({how}).", how=_how(code)),
        hint=tr("Its log tells why. Start it again once the cause is gone."),
        detail=fatal,
    )


def _how(code: int) -> str:
    """An exit code in words; a negative one is the signal that ended the process."""
    return tr("signal {number}", number=-code) if code < 0 else tr("exit code {code}", code=code)
