"""The users of the manifest in force."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from marble_coordinator.errors import Unauthorized
from marble_coordinator.records import UserRecord
from marble_core.manifest.model import Action, UserName


@dataclass(frozen=True)
class User:
    """Whoever holds the key of `record.certificate`."""

    name: UserName
    record: UserRecord

    def may(self, action: Action, names: Iterable[str] = ()) -> bool:
        """Whether the action is allowed on every one of `names`; without names, on anything at all."""
        allowed = self.record.permissions.get(action)
        return allowed is not None and allowed.issuperset(names)


class Users:
    """The users of a manifest, found by their certificate. Immutable."""

    def __init__(self, users: Mapping[UserName, UserRecord]) -> None:
        self._by_digest = {
            hashlib.sha256(record.certificate).digest(): User(name, record) for name, record in users.items()
        }

    def find(self, certificate: bytes | None) -> User:
        """The user with exactly this certificate (DER); raises Unauthorized."""
        if certificate is not None:
            user = self._by_digest.get(hashlib.sha256(certificate).digest())
            if user is not None and hmac.compare_digest(user.record.certificate, certificate):
                return user
        raise Unauthorized

    def allowed_to(self, action: Action) -> list[UserName]:
        """Those to whom an action is allowed on something, in name order."""
        return sorted(user.name for user in self._by_digest.values() if user.may(action))
