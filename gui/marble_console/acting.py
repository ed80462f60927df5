"""Who acts on the connection in hand, as the window says it. No Qt."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from marble_console.parts import Tone
from marble_console.times import expiry
from marble_console.widgets.text import short_hash
from marble_console.words import tr
from marble_core.manifest.model import UserName


@dataclass(frozen=True, slots=True)
class Acting:
    """An identity in use. `user` is the manifest's user with this certificate, None while none is known.

    While it `is_locked`, its key is not at hand and nothing is done with it.
    """

    subject: str
    fingerprint: str
    not_after: dt.datetime
    user: UserName | None = None
    is_locked: bool = False

    @property
    def name(self) -> str:
        """The user, or else what the certificate calls itself."""
        return self.user or self.subject

    @property
    def words(self) -> str:
        """For the band: who acts, or that nobody does yet."""
        if self.is_locked:
            return tr("{name} is locked", name=self.name)
        return tr("acting as {name}", name=self.name)

    def is_ending(self, now: dt.datetime) -> bool:
        """Whether the certificate has ended, or ends within 30 days."""
        return expiry(self.not_after, now)[1]

    def tone(self, now: dt.datetime) -> Tone | None:
        return Tone.CAUTION if self.is_ending(now) else None

    def explain(self, now: dt.datetime) -> str:
        """All of it, for a tooltip: certificate, end, and what the manifest knows of it."""
        known = (
            tr("user {user} of the manifest", user=self.user)
            if self.user
            else tr("no user of the manifest has this certificate")
        )
        ends = expiry(self.not_after, now)[0]
        return tr(
            "{subject} · {known}\nSHA-256 {fingerprint} · {ends}",
            subject=self.subject,
            known=known,
            fingerprint=short_hash(self.fingerprint),
            ends=ends,
        )
