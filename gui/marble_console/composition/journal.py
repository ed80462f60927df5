"""Ties the journal of what this console does into it: who keeps account for whom, and what is said where that fails."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable

from marble_client.witness import Deed
from marble_console.coordinators.profiles import ProfileId, ProfilesError, ProfileStore
from marble_console.journal.chain import Chain, Where
from marble_console.journal.recorder import BoundWitness, Recorder, Ticket
from marble_console.journal.store import JournalStore
from marble_console.parts import Action, BannerState, Tone
from marble_console.preferences import JOURNAL, ON, Preferences
from marble_console.tasks import Runner
from marble_console.words import tr
from marble_core.errors import MarbleError

_LOCAL = Where(tr("Local coordinator"))


class Journal:
    """`banner` is set while an entry could not be written, and the operator has not seen that."""

    def __init__(
        self,
        store: ProfileStore,
        runner: Runner,
        preferences: Preferences,
        *,
        clock: Callable[[], dt.datetime],
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._preferences = preferences
        self._changed = changed
        self._listeners: list[Callable[[], None]] = []
        self.banner: BannerState | None = None
        told = runner.relay(lambda _: self._written())
        self.recorder = Recorder(
            store.path,
            clock=clock,
            enabled=preferences.is_on(JOURNAL),
            failed=runner.relay(self._failed),
            written=lambda: told(None),
        )
        store.database.tell = self._kept
        preferences.follow(JOURNAL, lambda chosen: self.recorder.set_enabled(chosen == ON))

    def close(self) -> None:
        """Write what is still to be written; returns when that is done."""
        self.recorder.close()

    @property
    def is_kept(self) -> bool:
        return self._preferences.is_on(JOURNAL)

    def read(self) -> Chain:
        """All that is kept, for a worker. Raises ProfilesError."""
        return JournalStore(self._store.path).read()

    def clear(self) -> None:
        """Delete all entries, for a worker. Raises ProfilesError."""
        self.recorder.clear()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever an entry was written."""
        self._listeners.append(listener)

    @property
    def local(self) -> BoundWitness:
        """For what is done to the state of the local coordinator."""
        return self.recorder.witness(_LOCAL)

    def begin_local(self, deed: Deed) -> Ticket:
        """For what is done with the process of the local coordinator."""
        return self.recorder.begin(deed, _LOCAL)

    def seen(self) -> None:
        """The operator knows that an entry is missing."""
        self.banner = None
        self._changed()

    def _kept(self, deed: Deed, connection: int, identity: str) -> None:
        """Something that decides on trust was kept for a connection."""
        profile = None
        with contextlib.suppress(ProfilesError):
            profile = self._store.get(ProfileId(connection))
        if profile is not None:
            root = profile.trust.fingerprint if profile.trust is not None else ""
            self.recorder.witness(Where(profile.name, str(profile.address), root), identity).note(deed)

    def _written(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _failed(self, error: MarbleError) -> None:
        self.banner = BannerState(
            "journal",
            Tone.CAUTION,
            "triangle-alert",
            tr("An entry of the journal could not be written. What you did was done all the same."),
            f"{error.sentence} {error.hint}".strip(),
            (Action("journal-seen", tr("Dismiss")),),
        )
        self._changed()
