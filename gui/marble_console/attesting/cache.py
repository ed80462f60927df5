"""Collateral that was seen to hold, in files: one for each platform and root. Nothing in them is secret.

Each file is also one that the console and others can import. A file that cannot be read counts as none, and the next
fetch replaces it. For worker threads: every method reads or writes a disk.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from marble_client.collateral import Platform
from marble_console.files import replace_file
from marble_core.attestation.anchors import TrustAnchor
from marble_core.attestation.collateral import MAX_COLLATERAL, Collateral, collateral_from
from marble_core.attestation.errors import CollateralUnreadable

FRESH = dt.timedelta(days=1)
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Cached:
    """`until` is when the first part of it ends."""

    collateral: Collateral
    fetched: dt.datetime
    until: dt.datetime

    def is_fresh(self, now: dt.datetime) -> bool:
        """Whether there is no need to ask for newer: reference values change rarely, revocations count at once."""
        return self.is_usable(now) and dt.timedelta() <= now - self.fetched < FRESH

    def is_usable(self, now: dt.datetime) -> bool:
        return now < self.until


class CollateralCache:
    """The files of one folder, which is made when it is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, platform: Platform, anchor: TrustAnchor) -> Cached | None:
        try:
            with self._file(platform, anchor).open("rb") as file:
                given = json.loads(file.read(MAX_COLLATERAL))
            return Cached(collateral_from(given), _time(given["fetched"]), _time(given["until"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError, CollateralUnreadable):
            return None

    def put(self, platform: Platform, anchor: TrustAnchor, cached: Cached) -> None:
        """Keep it in the place of what was there. A disk that does not let us only costs the next fetch."""
        record = {
            "fetched": cached.fetched.isoformat(),
            "until": cached.until.isoformat(),
            **cached.collateral.as_json(),
        }
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            content = json.dumps(record, indent=1).encode() + b"\n"
            replace_file(self._file(platform, anchor), content, mode=_OWNER_ONLY)

    def clear(self) -> None:
        """Forget everything; raises OSError."""
        for file in self._folder.glob("*.json"):
            file.unlink(missing_ok=True)

    def _file(self, platform: Platform, anchor: TrustAnchor) -> Path:
        return self._folder / f"{platform}-{anchor.fingerprint[:16]}.json"


def _time(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
