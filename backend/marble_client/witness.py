"""What a client is about to change, told to whoever keeps account of it before anything is sent, and what came of it afterwards.

Names and digests only: no value ever reaches a witness. A witness must not raise, whatever becomes of its account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol


class Sent(StrEnum):
    """The kinds of changes that a client sends."""

    SET_MANIFEST = "set-manifest"
    RAISE_PACKAGES = "raise-packages"
    BEGIN_UPDATE = "begin-update"
    ACKNOWLEDGE_UPDATE = "acknowledge-update"
    CANCEL_UPDATE = "cancel-update"
    SET_SECRETS = "set-secrets"
    RECOVER = "recover"


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done, to `objects` by their names. `digest` is SHA-256 of the manifest or update, in hex; empty for others."""

    action: str
    objects: tuple[str, ...] = ()
    digest: str = ""

    @classmethod
    def of(cls, action: str, objects: Iterable[str] = (), content: bytes | None = None) -> Deed:
        return cls(action, tuple(objects), "" if content is None else hashlib.sha256(content).hexdigest())


class Witness(Protocol):
    """Keeps account of deeds."""

    def during(self, deed: Deed) -> AbstractContextManager[None]:
        """Account for a deed that is done inside: before it begins, and again with what came of it. For worker threads."""
        ...

    def note(self, deed: Deed) -> None:
        """Account for a deed that is done already. Returns at once."""
        ...


class Nobody:
    """Keeps account of nothing."""

    def during(self, deed: Deed) -> AbstractContextManager[None]:
        del deed
        return nullcontext()

    def note(self, deed: Deed) -> None:
        del deed


NOBODY: Final = Nobody()
