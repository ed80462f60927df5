"""The record of a complete update that waits for acknowledgements (spec: multi-party.md, section 4)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from marble_coordinator.records.fields import Fields, explaining
from marble_core.manifest.model import UserName


@dataclass(frozen=True)
class PendingUpdate:
    """A manifest to come, byte for byte; who may acknowledge it and who has; how many more have to."""

    raw: bytes = field(repr=False)
    users: Mapping[UserName, bool]
    missing: int

    @classmethod
    def asking(cls, raw: bytes, entitled: Iterable[UserName], needed: int) -> PendingUpdate:
        """An update that nobody has acknowledged yet."""
        return cls(raw, dict.fromkeys(sorted(entitled), False), needed)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the exact bytes, in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def missing_users(self) -> list[UserName]:
        """All who have not acknowledged, even where fewer are needed."""
        return [name for name, acknowledged in self.users.items() if not acknowledged]

    def acknowledged_by(self, name: UserName) -> PendingUpdate:
        """The same update with one acknowledgement more. Each user counts once."""
        if self.users[name]:
            return self
        return replace(self, users={**self.users, name: True}, missing=max(self.missing - 1, 0))


def write_pending(pending: PendingUpdate) -> bytes:
    return json.dumps(
        {
            "manifestRaw": base64.b64encode(pending.raw).decode("ascii"),
            "requiredUsers": dict(pending.users),
            "missingAcknowledgments": pending.missing,
        },
        separators=(",", ":"),
    ).encode("ascii")


def read_pending(record: bytes) -> PendingUpdate:
    """Raises MalformedStateError."""
    with explaining("The pending update of the sealed state cannot be read"):
        fields = Fields(json.loads(record))
        users = fields.object("requiredUsers")
        return PendingUpdate(
            fields.octets("manifestRaw"),
            {UserName(name): users.flag(name) for name in users},
            fields.number("missingAcknowledgments"),
        )
