"""A directory in memory that knows what is on disk and what is only promised, and that can fail at any step.

Follows what POSIX grants and no more: content counts once its file was synced, names count once the directory was, and a
crash keeps any subset of the names that were changed since. `survivors` gives every disk that a crash could leave.
"""

import contextlib
import errno
import itertools
import os
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

CHUNK = 16  # bytes taken by one write, so that every file needs several


class PowerCut(BaseException):
    """The process ends here. No `except OSError` may catch it, and nothing happens afterwards."""


class Fault(Enum):
    FAIL = "the step reports an error and has no effect"
    FAIL_LATE = "the step has its effect and reports an error all the same"
    FAIL_ON = "this step and all that follow report errors"
    CUT = "the power is cut before the step"
    CUT_LATE = "the power is cut after the step"


class SimulatedDirectory:
    """The SealDirectory of a test. `step` counts the calls that could fail, from 0."""

    path = Path("seal")

    def __init__(self, files: dict[str, bytes] | None = None, *, hard_links: bool = True) -> None:
        self._numbers = itertools.count()
        self._contents: dict[int, bytes] = {}
        self._names: dict[str, int] = {}
        for name, content in (files or {}).items():
            number = next(self._numbers)
            self._names[name], self._contents[number] = number, content
        self._synced_contents = dict(self._contents)
        self._synced_names = dict(self._names)
        self._changed_names: list[dict[str, int | None]] = []
        self._hard_links = hard_links
        self._is_off = False
        self._locked = False
        self._faults: dict[int, tuple[Fault, int]] = {}
        self.step = 0
        self.open_files = 0

    def plan(self, step: int, fault: Fault, error: int = errno.EIO) -> None:
        """Let `fault` happen so many steps from now. Several may be planned."""
        self._faults[self.step + step] = (fault, error)

    def repair(self) -> None:
        """From now on everything works."""
        self._faults.clear()

    @property
    def files(self) -> dict[str, bytes]:
        """What a reader sees, as long as there is no crash."""
        return {name: self._contents[number] for name, number in self._names.items()}

    def survivors(self) -> Iterator["SimulatedDirectory"]:
        """Every directory that may be found after a crash now."""
        promised = [n for n, content in self._contents.items() if self._synced_contents.get(n) != content]
        for kept in _subsets(self._changed_names):
            names = dict(self._synced_names)
            for change in kept:
                for name, number in change.items():
                    if number is None:
                        names.pop(name, None)
                    else:
                        names[name] = number
            for lost in _subsets([n for n in promised if n in names.values()]):
                contents = self._contents | {n: self._synced_contents.get(n, b"") for n in lost}
                yield SimulatedDirectory(
                    {name: contents[number] for name, number in names.items()}, hard_links=self._hard_links
                )

    def _do(self, effect: Callable[[], int | bytes | None]) -> int | bytes | None:
        if self._is_off:
            raise PowerCut
        fault, error = self._faults.pop(self.step, (None, 0))
        self.step += 1
        if fault is Fault.FAIL_ON:
            self._faults[self.step] = (fault, error)
        match fault:
            case None:
                return effect()
            case Fault.FAIL | Fault.FAIL_ON:
                raise OSError(error, os.strerror(error))
            case Fault.FAIL_LATE:
                with contextlib.suppress(OSError):
                    effect()
                raise OSError(error, os.strerror(error))
            case Fault.CUT_LATE:
                with contextlib.suppress(OSError):
                    effect()
        self._is_off = True
        raise PowerCut

    def lock(self) -> None:
        if self._locked:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self._locked = True

    def unlock(self) -> None:
        self._locked = False

    def read(self, name: str) -> bytes:
        return self._do(lambda: self._contents[self._number(name)])

    def create(self, name: str) -> int:
        def effect() -> int:
            if name in self._names:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            number = next(self._numbers)
            self._contents[number] = b""
            self._rename({name: number})
            return number

        file = self._do(effect)
        self.open_files += 1
        return file

    def write(self, file: int, content: memoryview) -> int:
        def effect() -> int:
            self._contents[file] += bytes(content[:CHUNK])
            return len(content[:CHUNK])

        return self._do(effect)

    def sync(self, file: int) -> None:
        self._do(lambda: self._synced_contents.__setitem__(file, self._contents[file]))

    def close(self, file: int) -> None:
        del file
        self.open_files -= 1  # closed, whatever close reports
        self._do(lambda: None)

    def rename(self, name: str, to: str) -> None:
        def effect() -> None:
            number = self._number(name)
            if self._names.get(to) != number:  # two names of one file: POSIX lets nothing happen
                self._rename({name: None, to: number})

        self._do(effect)

    def link(self, name: str, to: str) -> None:
        def effect() -> None:
            number = self._number(name)
            if not self._hard_links:
                raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
            if to in self._names:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            self._rename({to: number})

        self._do(effect)

    def remove(self, name: str) -> None:
        def effect() -> None:
            self._number(name)
            self._rename({name: None})

        self._do(effect)

    def sync_names(self) -> None:
        def effect() -> None:
            self._synced_names = dict(self._names)
            self._changed_names.clear()

        self._do(effect)

    def _number(self, name: str) -> int:
        try:
            return self._names[name]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None

    def _rename(self, change: dict[str, int | None]) -> None:
        self._changed_names.append(change)
        for name, number in change.items():
            if number is None:
                del self._names[name]
            else:
                self._names[name] = number


class ForgetfulDirectory(SimulatedDirectory):
    """Leaves out one kind of call, as a store with a mistake would; what it harms must show."""

    def __init__(self, forgotten: str, files: dict[str, bytes] | None = None) -> None:
        super().__init__(files)
        setattr(self, forgotten, lambda *_: None)


def _subsets(things: list) -> Iterator[list]:
    for size in range(len(things) + 1):
        yield from map(list, itertools.combinations(things, size))
