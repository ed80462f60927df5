"""The journal of what is done from the terminal: the same one as of the window."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

from marble_client.witness import Witness
from marble_console.cli.output import complain
from marble_console.coordinators.folders import profiles_file
from marble_console.coordinators.profiles import ProfilesError, ProfileStore
from marble_console.journal.chain import Where
from marble_console.journal.recorder import Recorder
from marble_console.preferences import JOURNAL


@contextlib.contextmanager
def accounting(where: Where) -> Iterator[Witness]:
    """Account for what is done inside. Where that fails, it is said, and what was to be done is done."""
    recorder = Recorder(
        profiles_file(), clock=lambda: dt.datetime.now(dt.UTC), enabled=_is_wanted(), failed=complain
    )
    try:
        yield recorder.witness(where)
    finally:
        recorder.close()


def _is_wanted() -> bool:
    kept = None
    # Without settings that can be read, what is usual holds.
    with contextlib.suppress(ProfilesError), ProfileStore(profiles_file()) as store:
        kept = store.setting(JOURNAL.name)
    chosen = (kept or b"").decode(errors="replace")
    return (chosen if chosen in JOURNAL.allowed else JOURNAL.usual) == JOURNAL.usual
