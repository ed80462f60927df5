"""Keeps the sealed state in a directory (spec: state-and-sealing.md, section 3).

    sealed_data      the state in force               sealed_data.old   the one before it
    sealed_key       the key in force, wrapped        sealed_key.new    a key change under way
    sealed_data.tmp, sealed_data.old.tmp              unfinished writes, never read

A write is in force at one moment: when the directory is synced after `sealed_data` was renamed into place. Before it
every failure is undone; after it only the new key's name is left to settle, and `read` does that as well. Syncs stand
between any two steps whose order counts, so nothing relies on a file system keeping renames in order. The key's
predecessor is not kept: whoever removes `sealed_key` must find the coordinator in recovery mode.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator
from pathlib import Path

from marble_coordinator.adapters.seal_directory import LocalDirectory, SealDirectory
from marble_coordinator.logs import get_logger
from marble_coordinator.ports import StorageError, StoredState

DATA = "sealed_data"
KEY = "sealed_key"
PREVIOUS_DATA = "sealed_data.old"
NEW_KEY = "sealed_key.new"
_UNFINISHED_DATA = "sealed_data.tmp"
_UNFINISHED_COPY = "sealed_data.old.tmp"

_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

log = get_logger()


class SealDirectoryInUse(StorageError):
    """Another process has the directory."""


class FileStore:
    """ports.Store over one directory. Not thread-safe: the lifecycle lets one change in at a time."""

    def __init__(self, directory: SealDirectory) -> None:
        """Lock the directory and clear away what a crash left unfinished. Raises StorageError, SealDirectoryInUse."""
        self._directory = directory
        # What a former write could not bring to its end. It runs before anything else is written.
        self._unfinished: Callable[[], None] | None = None
        with self._reporting("use the seal directory"):
            try:
                directory.lock()
            except BlockingIOError as error:
                raise SealDirectoryInUse(f"Another coordinator is using {directory.path}.") from error
            try:
                self._remove(_UNFINISHED_DATA)
                self._remove(_UNFINISHED_COPY)
            except OSError:
                directory.unlock()
                raise

    @classmethod
    def open(cls, path: Path) -> FileStore:
        """The store in the directory at `path`, which is made when missing. Raises as the constructor does."""
        try:
            directory = LocalDirectory.make(path)
        except OSError as error:
            raise StorageError(f"Cannot make the seal directory {path}: {_reason(error)}.") from error
        return cls(directory)

    def read(self, opens: Callable[[bytes, bytes], bool]) -> StoredState | None:
        """As ports.Store says. A key of which `opens` says that it fits decides an interrupted key change."""
        with self._reporting("read the sealed state"):
            data, key, new_key = self._content(DATA), self._content(KEY), self._content(NEW_KEY)
            if data is None:
                return None
            if new_key is not None:
                if opens(data, new_key):
                    self._put_new_key_in_place()
                    key = new_key
                elif key is not None and opens(data, key):
                    self._remove(NEW_KEY)
                # Else neither fits, and who mends the data by hand may need either.
            return StoredState(data, key)

    def write(self, data: bytes, key: bytes | None = None) -> None:
        """As ports.Store says. A key that is stored already is not written again."""
        with self._reporting("write the sealed state"):
            self._finish()
            if key is None or key == self._content(KEY):
                self._replace_data(data)
            else:
                self._replace_both(data, key)

    def close(self) -> None:
        """Release the directory. Whatever is left to settle, `read` settles at the next start."""
        with contextlib.suppress(OSError):
            self._finish()
        self._directory.unlock()

    def _finish(self) -> None:
        if self._unfinished is not None:
            self._unfinished()
            self._unfinished = None

    def _replace_both(self, data: bytes, key: bytes) -> None:
        try:
            self._write_file(NEW_KEY, key)
            self._directory.sync_names()
            self._replace_data(data)
        except OSError:
            # As long as the new data may come back after a crash, its key must stay; `_undo` drops it later.
            if self._unfinished is None:
                self._discard(NEW_KEY)
            raise
        try:
            self._put_new_key_in_place()
        except OSError as error:
            self._unfinished = self._put_new_key_in_place
            log.warning(
                "The new state key could not get its final name. Trying again at the next write.", error=error
            )

    def _replace_data(self, data: bytes) -> None:
        try:
            self._write_file(_UNFINISHED_DATA, data)
            has_previous = self._keep_previous()
        except OSError:
            self._discard(_UNFINISHED_DATA)
            raise
        try:
            self._directory.rename(_UNFINISHED_DATA, DATA)
            self._directory.sync_names()
        except OSError:
            self._unfinished = self._undo if has_previous else self._undo_first
            self._finish()
            raise

    def _keep_previous(self) -> bool:
        """Give the data in force its second name. `sealed_data` itself is there at every moment."""
        try:
            try:
                self._directory.link(DATA, PREVIOUS_DATA)
            except FileExistsError:
                self._remove(PREVIOUS_DATA)
                self._directory.link(DATA, PREVIOUS_DATA)
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            return self._copy_previous()
        return True

    def _copy_previous(self) -> bool:
        data = self._content(DATA)
        if data is None:
            return False
        self._write_file(_UNFINISHED_COPY, data)
        self._directory.rename(_UNFINISHED_COPY, PREVIOUS_DATA)
        return True

    def _undo(self) -> None:
        # Where the rename had not happened both names mean one file, and this rename changes nothing. Where the second
        # name is gone, an earlier attempt got this far.
        with contextlib.suppress(FileNotFoundError):
            self._directory.rename(PREVIOUS_DATA, DATA)
        self._settle_undone()

    def _undo_first(self) -> None:
        self._remove(DATA)
        self._settle_undone()

    def _settle_undone(self) -> None:
        self._directory.sync_names()
        self._discard(_UNFINISHED_DATA)
        self._discard(NEW_KEY)

    def _put_new_key_in_place(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # an earlier attempt got this far
            self._directory.rename(NEW_KEY, KEY)
        self._directory.sync_names()

    def _write_file(self, name: str, content: bytes) -> None:
        self._remove(name)
        file = self._directory.create(name)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[self._directory.write(file, rest) :]
            self._directory.sync(file)
        finally:
            self._directory.close(file)

    def _content(self, name: str) -> bytes | None:
        try:
            return self._directory.read(name)
        except FileNotFoundError:
            return None

    def _remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._directory.remove(name)

    def _discard(self, name: str) -> None:
        """Remove what nobody reads: that may fail, and whoever needs the name clears it first."""
        with contextlib.suppress(OSError):
            self._directory.remove(name)

    @contextlib.contextmanager
    def _reporting(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(f"Cannot {doing} in {self._directory.path}: {_reason(error)}.") from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
