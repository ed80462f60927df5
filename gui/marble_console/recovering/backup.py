"""Copies of the seal directory of the local coordinator: made, put back, read back. For worker threads.

A copy holds the key of the state in clear, as the directory itself does: whoever can read it can read every secret.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from marble_console.files import reason
from marble_console.words import tr
from marble_core.errors import MarbleError

STATE, KEY = "sealed_data", "sealed_key"
_LARGEST: Final = 1 << 30  # bytes of one file; a state has some hundred KiB
_TRIES: Final = 3
_REHEARSAL = "rehearsal-"
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


class BackupFailed(MarbleError):
    """The copy could not be made or put back. What was there before is still there."""

    code = "backup_failed"


def back_up(state: Path, into: Path, now: dt.datetime) -> Path:
    """Copy a seal directory into a new folder below `into`, and read it back. The coordinator may run meanwhile."""
    target = into / f"coordinator-backup-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    try:
        for _ in range(_TRIES):
            before = _files(state)
            if STATE not in before:
                raise _failed(
                    tr("There is no sealed state in {folder}.", folder=state),
                    tr("A state is sealed when the first manifest is set."),
                )
            _write(target, before)
            # Two files cannot be read as one: when the coordinator has sealed in between, both are read again.
            if _files(state) == before == _files(target):
                return target
            shutil.rmtree(target)
    except OSError as error:
        raise _failed(
            tr("The copy cannot be made: {reason}.", reason=reason(error)),
            tr("Choose another folder. The state itself was not touched."),
        ) from error
    raise _failed(
        tr("The state changes too often to be copied."), tr("Stop the coordinator, then make the copy.")
    )


def restore(backup: Path, state: Path, now: dt.datetime) -> Path | None:
    """Put a copy in the place of a seal directory; gives where the former content is kept. The coordinator must be down."""
    try:
        content = _files(backup)
        if STATE not in content or KEY not in content:
            raise _failed(
                tr("{folder} is no copy of a seal directory.", folder=backup),
                tr("Choose a folder with the files {state} and {key} in it.", state=STATE, key=KEY),
            )
        aside = _put_aside(state, now)
        _write(state, content)
        if _files(state) != content:
            raise _failed(
                tr("What was put back reads differently from the copy."),
                tr("Check the disk, then try again."),
            )
    except OSError as error:
        raise _failed(
            tr("The copy cannot be put back: {reason}.", reason=reason(error)),
            tr("Check your rights in both folders."),
        ) from error
    return aside


def without_key(state: Path, place: Path) -> Path:
    """A throw-away copy of a seal directory, below `place`, that has lost its key: for a rehearsal. Delete it with `discard`."""
    try:
        content = _files(state)
        if STATE not in content:
            raise _failed(
                tr("There is no sealed state in {folder}.", folder=state),
                tr("Choose a folder that was made by a backup."),
            )
        place.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{_REHEARSAL}{os.getpid()}-", dir=place))
        _write(folder, {name: raw for name, raw in content.items() if not name.startswith(KEY)})
    except OSError as error:
        raise _failed(
            tr("The copy for the rehearsal cannot be made: {reason}.", reason=reason(error)),
            tr("Check the folder, and the space on the disk."),
        ) from error
    return folder


def discard(folder: Path) -> None:
    """Delete a copy made by `without_key`."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(place: Path) -> None:
    """Delete the copies that a console which crashed has left below `place`. Its own process may be at a rehearsal right now.

    There is one console for each data folder, so whatever another process has left there is in nobody's use.
    """
    ours = f"{_REHEARSAL}{os.getpid()}-"
    with contextlib.suppress(OSError):
        for folder in place.iterdir():
            is_copy = folder.name.startswith(_REHEARSAL) and folder.is_dir() and not folder.is_symlink()
            if is_copy and not folder.name.startswith(ours):
                discard(folder)


def _put_aside(state: Path, now: dt.datetime) -> Path | None:
    if not state.exists() or not any(state.iterdir()):
        return None
    stamp = f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    names = (f"{state.name}.replaced-{stamp}", *(f"{state.name}.replaced-{stamp}.{n}" for n in range(1, 100)))
    aside = next(place for name in names if not (place := state.with_name(name)).exists())
    state.rename(aside)
    return aside


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a seal directory. It has no folders of its own."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.is_symlink() and path.suffix != ".tmp":
            if path.stat().st_size > _LARGEST:
                raise _failed(
                    tr("{name} is larger than any sealed state.", name=path.name),
                    tr("Choose another folder."),
                )
            found[path.name] = path.read_bytes()
    return found


def _write(folder: Path, content: dict[str, bytes]) -> None:
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    folder.chmod(_FOLDER_MODE)
    for name, raw in content.items():
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())


def _failed(sentence: str, hint: str) -> BackupFailed:
    return BackupFailed(sentence, hint=hint)
