"""What a holder has brought, and what the pages for it show, as frozen values. Keys, passphrases and PINs are in none. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from marble_client.tokens import TokenInfo
from marble_console.parts import Fact, Notice
from marble_console.recovering.shares import SavedShares
from marble_console.wizard.presenting import WorkDraft


class Way(StrEnum):
    """How a holder brings their share."""

    SAVED = "saved"
    ANSWER = "answer"
    PLAIN = "plain"


class Place(StrEnum):
    """Where a holder's key is."""

    FILE = "file"
    TOKEN = "token"  # a place, not a password


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """Which key was chosen. `source` is the name of its file. `modules` is None until the computer was searched for them."""

    place: Place = Place.FILE
    source: str = ""
    asks_passphrase: bool = False
    modules: tuple[Path, ...] | None = None
    module: Path | None = None
    tokens: tuple[TokenInfo, ...] | None = None
    slot: int | None = None

    @property
    def token(self) -> TokenInfo | None:
        """The token that was chosen."""
        return next((token for token in self.tokens or () if token.slot == self.slot), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderDraft(WorkDraft):
    """The part of a wizard's draft that is about a holder's share and key."""

    shares: SavedShares | None = None
    key: KeyChoice = field(default_factory=KeyChoice)


@dataclass(frozen=True, slots=True)
class SharePage:
    way: Way = Way.SAVED
    found: str = ""
    purged: str = ""
    secret: str = ""
    signature: str = ""
    wants_signature: bool = True
    request: str = ""
    code: str = ""
    carried: str = ""
    answer: str = ""
    problem: Notice | None = None


@dataclass(frozen=True, slots=True)
class TokenPart:
    """The part of the page about a token: choices as pairs of key and text, and what is said of what was found."""

    modules: tuple[tuple[str, str], ...] = ()
    module: str = ""
    tokens: tuple[tuple[str, str], ...] = ()
    token: str = ""
    said: str = ""
    is_warning: bool = False
    asks_pin: bool = False
    has_pin_pad: bool = False


@dataclass(frozen=True, slots=True)
class KeyPage:
    place: Place = Place.FILE
    source: str = ""
    asks_passphrase: bool = False
    token: TokenPart = field(default_factory=TokenPart)
    found: tuple[Fact, ...] = ()
    problem: Notice | None = None
