"""Writing files so that a reader finds the old bytes or the new ones, never a part. For worker threads."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from marble_console.words import tr
from marble_core.errors import MarbleError


def replace_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write `content` to `path`, whole or not at all, and onto the disk.

    `mode` sets the permissions; without it a file keeps those it has, and a new one gets 0644. Raises OSError.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is None:
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def read_whole(path: Path, largest: int, refused: type[MarbleError]) -> bytes:
    """All of a file that an operator chose, of at most `largest` bytes; raises `refused` with the reason."""
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise refused(
            tr("{name} cannot be read: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another file, or change its permissions."),
        ) from error
    if len(content) > largest:
        raise refused(
            tr("{name} is larger than {size} MiB.", name=path.name, size=largest >> 20),
            hint=tr("Choose another file."),
        )
    return content


def reason(error: OSError) -> str:
    """Why the system refused, in the words of its own message: "no space left on device"."""
    return (error.strerror or str(error)).lower()
