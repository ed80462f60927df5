"""What the window remembers of itself: small texts by name, kept beside the connections."""

from __future__ import annotations

import contextlib

from marble_console.coordinators.profiles import ProfilesError, ProfileStore

LAST_CONNECTION = "connection.last"
COORDINATOR_FOLDER = "coordinator.folder"


class Settings:
    """Reads and keeps settings. What cannot be kept, on a full disk, is asked again next time; nothing depends on it."""

    def __init__(self, store: ProfileStore) -> None:
        self._store = store

    def text(self, name: str) -> str:
        """The setting, or an empty text where there is none."""
        with contextlib.suppress(ProfilesError, UnicodeDecodeError):
            return (self._store.setting(name) or b"").decode()
        return ""

    def keep(self, name: str, value: str) -> None:
        with contextlib.suppress(ProfilesError):
            self._store.set_setting(name, value.encode())
