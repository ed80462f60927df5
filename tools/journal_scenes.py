"""An invented journal: what a console did over two days, whole or with an entry that somebody changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

from marble_client.witness import Sent
from marble_console.journal.chain import Chain, Head, Kind, Outcome, Sealed, seal
from marble_console.journal.deeds import Done
from marble_console.journal.store import noted, stamp

_MIRA = hashlib.sha256(b"mira").hexdigest()
_ROOT = hashlib.sha256(b"root").hexdigest()
_SHIP = {"name": "Observatory", "address": "coordinator.observatory.example:4433", "root": _ROOT}
_LOCAL = {"name": "Local coordinator", "address": "", "root": ""}


class Keeper:
    """Answers as the journal of a console."""

    is_kept = True

    def __init__(self, now: dt.datetime, *, edited: int = 0, empty: bool = False) -> None:
        self._chain = Chain() if empty else _chain(now)
        if edited:
            entries = self._chain.entries
            forged = replace(entries[edited - 1], text=entries[edited - 1].text.replace("token", "other"))
            self._chain = replace(self._chain, entries=(*entries[: edited - 1], forged, *entries[edited:]))

    def read(self) -> Chain:
        return self._chain

    def clear(self) -> None:
        self._chain = Chain()


def _chain(now: dt.datetime) -> Chain:
    made = _Making()
    day = now - dt.timedelta(days=1)
    made.deed(day, Done.ROOT_ACCEPTED, objects=[_ROOT])
    made.deed(day, Done.IDENTITY_CHOSEN, objects=["mira"])
    made.deed(
        day, Sent.SET_MANIFEST, sha256=hashlib.sha256(b"manifest").hexdigest(), outcome=Outcome.SUCCEEDED
    )
    made.deed(day, Sent.SET_SECRETS, objects=["mail_token", "license"], outcome=Outcome.SUCCEEDED)
    hour = now - dt.timedelta(hours=2)
    made.deed(hour, Done.START_LOCAL, where=_LOCAL, outcome=Outcome.SUCCEEDED)
    made.deed(hour, Sent.RAISE_PACKAGES, objects=["dome"], sha256=hashlib.sha256(b"update").hexdigest(),
              outcome=Outcome.REFUSED, status=400, code="refused")  # fmt: skip
    made.deed(hour, Sent.RAISE_PACKAGES, objects=["dome", "camera"],
              sha256=hashlib.sha256(b"other update").hexdigest(), outcome=Outcome.ANSWER_LOST, code="outcome_unknown")  # fmt: skip
    made.deed(hour, Done.REVEAL, objects=["mail_token"], outcome=Outcome.SUCCEEDED)
    made.deed(hour, Done.COPY, objects=["mail_token"])
    made.deed(now - dt.timedelta(minutes=4), Sent.SET_SECRETS, objects=["license"], begun=True)
    return Chain(tuple(made.entries), made.head)


class _Making:
    def __init__(self) -> None:
        self.entries: list[Sealed] = []
        self.head = Head()
        self._seconds = 0

    def deed(
        self,
        at: dt.datetime,
        action: str,
        *,
        where: dict[str, str] = _SHIP,
        objects: list[str] | None = None,
        sha256: str = "",
        outcome: Outcome | None = None,
        status: int = 0,
        code: str = "",
        begun: bool = False,
    ) -> None:
        self._seconds += 37
        at += dt.timedelta(seconds=self._seconds)
        kind = Kind.BEGUN if begun or outcome is not None else Kind.NOTED
        first = self._add(
            noted(str(action), at)
            | {
                "kind": kind.value,
                "connection": where,
                "identity": _MIRA,
                "objects": objects or [],
                "sha256": sha256,
            }
        )
        if outcome is not None:
            self._add(
                {
                    "kind": Kind.ENDED.value,
                    "time": stamp(at + dt.timedelta(milliseconds=340)),
                    "of": first.hash,
                    "outcome": outcome.value,
                    "status": status,
                    "code": code,
                }
            )

    def _add(self, fields: dict[str, object]) -> Sealed:
        entry = seal(fields, self.head)
        self.entries.append(entry)
        self.head = Head(entry.number, entry.hash)
        return entry
