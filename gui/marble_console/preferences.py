"""What the operator can set: the names, what each may be, and what holds until something else is chosen. No Qt.

A choice takes effect at once, for whoever follows it, and is kept beside the connections. What was kept by a newer console
or by somebody else's hand and is not allowed here counts as not chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

ON, OFF = "yes", "no"
NEVER = "0"


@dataclass(frozen=True, slots=True)
class Preference:
    """`name` is what it is kept under, `usual` what holds until something of `allowed` is chosen."""

    name: str
    usual: str
    allowed: tuple[str, ...]


MODE: Final = Preference("window.theme", "system", ("system", "light", "dark"))
TEXT_SIZE: Final = Preference("window.text", "100", ("100", "115", "130", "150", "175", "200"))
COLOURS: Final = Preference("window.colours", "usual", ("usual", "no-red-green", "contrast"))
IDLE_MINUTES: Final = Preference("lock.minutes", "5", ("1", "2", "5", "10", "15", "30", "60", NEVER))
LOCK_WITH_DESKTOP: Final = Preference("lock.desktop", ON, (ON, OFF))
REVEAL_SECONDS: Final = Preference("secrets.reveal", "30", ("10", "20", "30", "60"))
CLIPBOARD_SECONDS: Final = Preference(
    "secrets.clipboard", "20", ("5", "10", "20", "30", "45", "60", "90", "120")
)
HIDE_FROM_CAPTURE: Final = Preference("secrets.capture", ON, (ON, OFF))
REFRESH_SECONDS: Final = Preference("connection.refresh", "5", ("2", "5", "10", "30", "60"))
START_PAGE: Final = Preference(
    "window.start",
    "overview",
    ("overview", "manifest", "compare", "attestation", "secrets", "access", "recovery", "audit"),
)
NEW_PROXY: Final = Preference("connection.proxy", "none", ("none", "system"))
NEW_TIMEOUT: Final = Preference("connection.timeout", "5", ("5", "10", "20", "30", "60"))
JOURNAL: Final = Preference("journal.keep", ON, (ON, OFF))
KEEP_DEPLOYED: Final = Preference("deploy.keep", ON, (ON, OFF))

GROUP_CONNECTIONS: Final = Preference("connections.grouping", "group", ("group", "environment", "none"))


class Store(Protocol):
    """Keeps small texts by name; what cannot be kept is no error."""

    def text(self, name: str) -> str: ...

    def keep(self, name: str, value: str) -> None: ...


class Preferences:
    """What is chosen, and who follows it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._chosen: dict[Preference, str] = {}
        self._followers: dict[Preference, list[Callable[[str], None]]] = {}

    def value(self, preference: Preference) -> str:
        if preference not in self._chosen:
            kept = self._store.text(preference.name)
            self._chosen[preference] = kept if kept in preference.allowed else preference.usual
        return self._chosen[preference]

    def is_on(self, preference: Preference) -> bool:
        return self.value(preference) == ON

    def choose(self, preference: Preference, value: str) -> None:
        """Keep a choice and tell who follows it. It holds until the end of the console even if it cannot be kept."""
        if value not in preference.allowed:
            raise ValueError(f"{preference.name} is never {value}")
        if value == self.value(preference):
            return
        self._chosen[preference] = value
        self._store.keep(preference.name, value)
        for follower in tuple(self._followers.get(preference, ())):
            follower(value)

    def follow(self, preference: Preference, apply: Callable[[str], None]) -> None:
        """Call `apply` now and with every new choice."""
        self._followers.setdefault(preference, []).append(apply)
        apply(self.value(preference))
