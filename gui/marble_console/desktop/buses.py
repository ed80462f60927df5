"""The signals of Linux desktops: logind's on the system bus, screen savers' on the session bus.

Anybody on a bus can send them. All they do here is lock, which whoever sits at the bus could do as well by a key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBusConnection

_LOGIN: Final = "org.freedesktop.login1"
_SCREEN_SAVERS: Final = (
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
)


class BusSignals(QObject):
    """Calls `heard` when the session is locked, a screen saver begins, or the computer is about to sleep.

    A bus that is not connected tells nothing. `session_id` is logind's name of the session, empty if that is unknown: then the
    lock of any session on the computer counts.
    """

    def __init__(
        self, heard: Callable[[], None], system: QDBusConnection, session: QDBusConnection, session_id: str
    ) -> None:
        super().__init__()
        self._heard = heard
        own = f"/org/freedesktop/login1/session/{_label(session_id)}" if session_id else ""
        self._signals: tuple[tuple[QDBusConnection, str, str, str, str], ...] = (
            (system, own, f"{_LOGIN}.Session", "Lock", "locked()"),
            (system, "/org/freedesktop/login1", f"{_LOGIN}.Manager", "PrepareForSleep", "begins(bool)"),
            *((session, "", interface, "ActiveChanged", "begins(bool)") for interface in _SCREEN_SAVERS),
        )
        for bus, path, interface, name, slot in self._signals:
            if bus.isConnected():
                bus.connect("", path, interface, name, self, SLOT(slot))  # type: ignore[call-overload] # it takes a str

    @classmethod
    def of_this_desktop(cls, heard: Callable[[], None]) -> BusSignals:
        session_id = os.environ.get("XDG_SESSION_ID", "")
        return cls(heard, QDBusConnection.systemBus(), QDBusConnection.sessionBus(), session_id)

    def stop(self) -> None:
        for bus, path, interface, name, slot in self._signals:
            if bus.isConnected():
                bus.disconnect("", path, interface, name, self, SLOT(slot))  # type: ignore[call-overload] # as above

    @Slot()
    def locked(self) -> None:
        """The session is being locked."""
        self._heard()

    @Slot(bool)
    def begins(self, begins: bool) -> None:
        """A screen saver or a sleep begins, or ends."""
        if begins:
            self._heard()


def _label(name: str) -> str:
    """A name as part of an object path, as systemd escapes it: what is no letter or digit, and a digit at the start."""
    return re.sub(r"^[0-9]|[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):02x}", name)
