"""The messages of Windows about the session and about sleep. Tried on no Windows yet; what they mean is tested everywhere."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes import wintypes
from typing import Final

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication
from PySide6.QtWidgets import QWidget

_POWER_BROADCAST: Final = 0x0218
_SUSPEND: Final = 0x0004
_SESSION_CHANGE: Final = 0x02B1
_SESSION_LOCK: Final = 0x0007


def locks(message: int, parameter: int) -> bool:
    """Whether a message says that the session is being locked or the computer goes to sleep."""
    return (message, parameter) in {(_SESSION_CHANGE, _SESSION_LOCK), (_POWER_BROADCAST, _SUSPEND)}


class WindowMessages(QAbstractNativeEventFilter):
    """Calls `heard` at each message that says so. The window is registered for those about the session."""

    def __init__(self, window: QWidget, heard: Callable[[], None]) -> None:
        super().__init__()
        self._heard = heard
        self._window = int(window.winId())
        if sys.platform == "win32":
            ctypes.windll.wtsapi32.WTSRegisterSessionNotification(wintypes.HWND(self._window), 0)
        application = QCoreApplication.instance()
        if application is not None:
            application.installNativeEventFilter(self)

    def stop(self) -> None:
        application = QCoreApplication.instance()
        if application is not None:
            application.removeNativeEventFilter(self)
        if sys.platform == "win32":
            ctypes.windll.wtsapi32.WTSUnRegisterSessionNotification(wintypes.HWND(self._window))

    def nativeEventFilter(self, kind: QByteArray, message: int) -> tuple[bool, int]:  # type: ignore[override] # noqa: N802 # Qt's name; what PySide takes
        if kind.startsWith(b"windows_"):
            told = wintypes.MSG.from_address(int(message))
            if locks(told.message, told.wParam):
                self._heard()
        return False, 0
