"""Doubling a connection, writing them to a file and taking them from one. No Qt."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol

from marble_console.coordinators.attested import Terms
from marble_console.coordinators.connectionfile import (
    LARGEST,
    ConnectionsRefused,
    read_connections,
    write_connections,
)
from marble_console.coordinators.profiles import Kind, Profile, ProfileId, ProfilesError
from marble_console.files import read_whole, reason, replace_file
from marble_console.pages.connections.presenter import Store
from marble_console.parts import Tone
from marble_console.tasks import Runner
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError


class TermsStore(Protocol):
    """How each connection is attested. Methods raise ProfilesError, and whatever is wrong with what is kept."""

    def terms(self, connection: ProfileId) -> Terms: ...

    def set_terms(self, connection: ProfileId, terms: Terms) -> None: ...


class Owner(Protocol):
    """The list that this is done for."""

    def changed(self, profile: Profile | None = None) -> None: ...

    def say(self, words: str, tone: Tone | None = None) -> None: ...


Found = tuple[tuple[Profile, Terms], ...]


class Moving:
    """All of it for one list. `owner` shows what came of it."""

    def __init__(
        self,
        store: Store,
        terms: TermsStore,
        runner: Runner,
        owner: Owner,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._terms = terms
        self._runner = runner
        self._owner = owner
        self._now = now

    def duplicate(self, profile: Profile) -> None:
        """Keep a second connection like this one, with its root and its terms, and choose it."""
        self._try(lambda: self._add(replace(profile, kind=Kind.REMOTE), self._terms.terms(profile.id)))

    def write(self, path: Path) -> None:
        """Write all connections but the local one, which belongs to this console."""

        def written() -> None:
            chosen = [each for each in self._store.all() if each.kind is Kind.REMOTE]
            found = tuple((each, self._terms.terms(each.id)) for each in chosen)
            words = ntr(
                "{count} connection written to {name}.",
                "{count} connections written to {name}.",
                len(found),
                name=path.name,
            )
            self._runner.write(
                partial(_write, path, found),
                lane=path,
                then=lambda _: self._owner.say(words),
                failed=self._failed,
            )

        self._try(written)

    def read(self, path: Path) -> None:
        """Take the connections of a file, beside those that are kept."""
        self._runner.read(partial(_read, path, self._now()), then=self._taken, failed=self._failed)

    def _taken(self, found: Found) -> None:
        def taken() -> None:
            for each, terms in found:
                self._add(each, terms)
            self._owner.say(
                ntr("{count} connection imported.", "{count} connections imported.", len(found))
                + (
                    " " + tr("Whom to trust is what the file says: test them before you rely on them.")
                    if found
                    else ""
                )
            )

        self._try(taken)

    def _add(self, profile: Profile, terms: Terms) -> None:
        taken = {each.name for each in self._store.all()}
        name = next(name for name in _names(profile.name) if name not in taken)
        added = self._store.add(
            replace(
                profile,
                name=name,
                created=self._now(),
                last_seen=None,
                manifest_fingerprint="",
                last_state=0,
                id=ProfileId(0),
            )
        )
        self._terms.set_terms(added.id, replace(terms, offered_nonce=False))
        self._owner.changed(added)

    def _try(self, change: Callable[[], None]) -> None:
        try:
            change()
        except (ProfilesError, MarbleError) as error:
            self._failed(error)

    def _failed(self, error: MarbleError) -> None:
        self._owner.say(f"{error.sentence} {error.hint}".strip(), Tone.FAILED)


def _names(name: str) -> Iterator[str]:
    """The name, and others like it with a number."""
    yield name
    bare = re.sub(r" \d+$", "", name)
    for number in count(2):
        yield f"{bare} {number}"


def _write(path: Path, found: Found) -> None:
    try:
        replace_file(path, write_connections(found))
    except OSError as error:
        raise ConnectionsRefused(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another folder."),
        ) from error


def _read(path: Path, now: dt.datetime) -> Found:
    return read_connections(read_whole(path, LARGEST, ConnectionsRefused), now)
