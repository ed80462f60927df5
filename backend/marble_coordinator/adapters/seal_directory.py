"""The file system calls of the file store, one method each, so that tests can fail or crash every single one.

Nothing here decides anything; the order of calls that makes a write safe is in `file_store`.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Protocol

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "lock"


class SealDirectory(Protocol):
    """One directory and the files in it. Every method may raise OSError."""

    path: Path

    def lock(self) -> None:
        """Keep other processes out; raises BlockingIOError when one is in."""
        ...

    def unlock(self) -> None: ...

    def read(self, name: str) -> bytes: ...

    def create(self, name: str) -> int:
        """Open a new file for writing, mode 0600; raises FileExistsError rather than touch one that is there."""
        ...

    def write(self, file: int, content: memoryview) -> int:
        """Write and return how many bytes were taken."""
        ...

    def sync(self, file: int) -> None:
        """Bring the file's content to the disk."""
        ...

    def close(self, file: int) -> None: ...

    def rename(self, name: str, to: str) -> None:
        """Give a file another name, replacing what bears it."""
        ...

    def link(self, name: str, to: str) -> None:
        """Give a file a second name; raises FileExistsError when that is taken."""
        ...

    def remove(self, name: str) -> None: ...

    def sync_names(self) -> None:
        """Bring all renames, links and removals to the disk."""
        ...


class NotARegularFileError(OSError):
    """Something else than a file bears the name: a directory, a symbolic link, a device."""


class LocalDirectory:
    """A real directory. `make` creates it first, mode 0700, its parents too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @classmethod
    def make(cls, path: Path) -> LocalDirectory:
        """The directory at `path`, made when missing, and surely there after a crash."""
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(folder.parent)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return cls(path)

    def lock(self) -> None:
        lock = os.open(self.path / LOCK_FILE, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o600)
        try:
            _lock_file(lock)
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock

    def unlock(self) -> None:
        # The lock file stays: removing it would let two waiting processes lock two different files.
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read(self, name: str) -> bytes:
        path = self.path / name
        # Looked at before it is opened: opening a named pipe would wait for a writer.
        if not stat.S_ISREG(path.lstat().st_mode):
            raise NotARegularFileError(f"{name} is not a regular file")
        with os.fdopen(os.open(path, os.O_RDONLY | _NO_FOLLOW | _BINARY), "rb") as file:
            return file.read()

    def create(self, name: str) -> int:
        return os.open(self.path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW | _BINARY, 0o600)

    def write(self, file: int, content: memoryview) -> int:
        return os.write(file, content)

    def sync(self, file: int) -> None:
        _sync(file)

    def close(self, file: int) -> None:
        os.close(file)

    def rename(self, name: str, to: str) -> None:
        (self.path / name).replace(self.path / to)

    def link(self, name: str, to: str) -> None:
        os.link(self.path / name, self.path / to)

    def remove(self, name: str) -> None:
        (self.path / name).unlink()

    def sync_names(self) -> None:
        _sync_folder(self.path)


_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


if sys.platform == "win32":

    def _lock_file(file: int) -> None:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error

    def _sync(file: int) -> None:
        os.fsync(file)

    def _sync_folder(path: Path) -> None:
        """Windows offers no way to sync a directory; NTFS keeps a journal of names."""

else:

    def _lock_file(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _sync(file: int) -> None:
        if sys.platform == "darwin":
            # There fsync stops at the drive's own cache.
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
        else:
            os.fsync(file)

    def _sync_folder(path: Path) -> None:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
