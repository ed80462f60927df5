"""Writing files so that a reader finds the old bytes or the new ones, never a part. For worker threads."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


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


def reason(error: OSError) -> str:
    """Why the system refused, in the words of its own message: "no space left on device"."""
    return (error.strerror or str(error)).lower()
