"""How far a recovery is: who has given a share, who is missing, what was refused. Frozen; holds no secret.

The coordinator counts recovery keys that were not used yet; how many are needed is sealed with the rest. So what is told to
the operator comes from the last known manifest, and the coordinator's number shows when it has forgotten something.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import Enum

from marble_console.recovering.known import Deployment
from marble_console.recovering.opening import Contributed, Where
from marble_console.words import ntr, tr


@dataclass(frozen=True, slots=True)
class GivenShare:
    """A share that the coordinator has accepted; `digest` may be empty, as in Contributed."""

    holder: str
    source: str
    where: Where
    at: dt.datetime
    key_fingerprint: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class RefusedShare:
    """A share that was not taken: `sentence` tells why, `server_text` is the coordinator's own words, if it was asked."""

    holder: str
    source: str
    at: dt.datetime
    sentence: str
    hint: str = ""
    server_text: str = ""


class Lost(Enum):
    """Why shares that were given count no more."""

    RESTARTED = "restarted"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Progress:
    """One attempt at one coordinator, known by its temporary root. `lost` says that an earlier attempt came to nothing."""

    root: str = ""
    given: tuple[GivenShare, ...] = ()
    refused: tuple[RefusedShare, ...] = ()
    remaining: int | None = None
    done: bool = False
    lost: Lost | None = None
    lost_count: int = 0

    @property
    def keys(self) -> dict[str, str]:
        """What tells a repeated share: digests and key fingerprints, with the holder of each."""
        found = {share.digest: share.holder for share in self.given if share.digest}
        return found | {share.key_fingerprint: share.holder for share in self.given if share.key_fingerprint}

    def under(self, root: str) -> Progress:
        """The progress at a coordinator that shows this temporary root: another one means that it was restarted."""
        if root == self.root or self.done:
            return self
        if not self.given:
            return replace(self, root=root)
        return Progress(root, lost=Lost.RESTARTED, lost_count=len(self.given))

    def accepted(
        self, share: Contributed, at: dt.datetime, remaining: int | None, known: Deployment | None
    ) -> Progress:
        """One more was accepted. `remaining` is the coordinator's number; None where the older API tells none."""
        new = GivenShare(share.holder, share.source, share.where, at, share.key_fingerprint, share.digest)
        progress = replace(
            self, given=(*self.given, new), remaining=remaining, done=remaining == 0, lost=None, lost_count=0
        )
        count = progress.count(known)
        if not progress.done and self.given and count is not None and count < len(progress.given):
            # It counts fewer than it had accepted: what came before was dropped.
            return replace(progress, given=(new,), lost=Lost.DROPPED, lost_count=len(self.given))
        return progress

    def was_refused(self, refused: RefusedShare) -> Progress:
        return replace(self, refused=(*self.refused, refused))

    def count(self, known: Deployment | None) -> int | None:
        """How many shares the coordinator has, by its own number; None where that cannot be told."""
        if known is None or self.remaining is None or not known.holders:
            return None
        return max(0, len(known.holders) - self.remaining)

    def accepted_count(self, known: Deployment | None) -> int:
        """How many count: more than were given here, when somebody else gives some too."""
        if self.done and known is not None and known.holders:
            return max(known.needed, len(self.given))
        return max(len(self.given), self.count(known) or 0)

    def elsewhere(self, known: Deployment | None) -> int:
        """How many of them were given by somebody else, as far as can be told."""
        return 0 if self.done else self.accepted_count(known) - len(self.given)

    def headline(self, known: Deployment | None) -> str:
        """The number that everybody looks at: "2 of 3"."""
        count = self.accepted_count(known)
        if known is None or not known.holders:
            return str(count)
        return tr("{count} of {needed}", count=count, needed=known.needed)

    def missing(self, known: Deployment | None) -> str:
        """What is still wanted, in a sentence."""
        if self.done:
            return tr("The state is open.")
        if known is None or not known.holders:
            return tr("Nobody here knows how many are needed: this console has not seen the manifest.")
        left = max(0, known.needed - self.accepted_count(known))
        need = tr("This manifest needs {need}.", need=known.need)
        if not left:
            return tr("As many as the last known manifest needs, yet the state is not open.")
        return f"{ntr('One more.', '{count} more.', left)} {need}"
