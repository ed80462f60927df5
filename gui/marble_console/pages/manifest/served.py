"""What the coordinator has, in tabs that follow it: the manifest as it was submitted, and as it is in force by now. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from marble_console.pages.manifest.desk import EFFECTIVE, RUNNING, Desk
from marble_console.pages.manifest.documents import running_document
from marble_console.pages.manifest.inforce import InForce, in_force
from marble_console.target import Target
from marble_console.tasks import Generation, Runner
from marble_console.words import tr
from marble_core.errors import MarbleError


class Host(Protocol):
    """What is wanted of the presenter."""

    def put_served(self, found: InForce, key: str, *, focus: bool) -> None: ...

    def close(self, key: str) -> None: ...

    def failed(self, error: MarbleError, *, icon: str) -> None: ...


class Served:
    """The tabs are `RUNNING` and `EFFECTIVE`; one that is open changes with what is in force, and goes when nothing is."""

    def __init__(self, runner: Runner, desk: Desk, host: Host) -> None:
        self._runner = runner
        self._desk = desk
        self._host = host
        self._target: Target | None = None
        self._reading = {RUNNING: Generation(), EFFECTIVE: Generation()}

    def follow(self, target: Target | None) -> None:
        """Take note of the coordinator in hand."""
        before, self._target = self._target, target
        for key in self._reading:
            if self._desk.get(key) is None:
                continue
            if target is None or target.running is None:
                self._host.close(key)
            elif _seen(before, key) != _seen(target, key):
                self.show(key, focus=False)

    def show(self, key: str, *, focus: bool = True, then: Callable[[], None] = lambda: None) -> None:
        """Open one of the two; `then` is called once it is there."""
        target = self._target
        if target is None or target.running is None:
            return
        raw, log = target.running.raw, target.log

        def read() -> InForce:
            if key == RUNNING:
                return InForce(running_document(tr("Running"), raw), ())
            return in_force(tr("Effective"), raw, log)

        def put(found: InForce) -> None:
            self._host.put_served(found, key=key, focus=focus)
            then()

        self._runner.read(
            read,
            then=self._reading[key].next()(put),
            failed=partial(self._host.failed, icon="circle-x"),
        )


def _seen(target: Target | None, key: str) -> object:
    """What a tab is made of."""
    if target is None:
        return None
    return (target.running, target.log) if key == EFFECTIVE else target.running
