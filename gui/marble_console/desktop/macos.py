"""The notification of macOS that the screen is locked, which a sleep brings too. Tried on no Mac yet."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Final

_CORE_FOUNDATION: Final = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"
_UTF8: Final = 0x08000100
_AT_ONCE: Final = 4
_CALLBACK = ctypes.CFUNCTYPE(None, *([ctypes.c_void_p] * 5))


class ScreenNotifications:
    """Calls `heard` at each lock of the screen, on the thread of the window, whose run loop delivers it."""

    def __init__(self, heard: Callable[[], None]) -> None:
        library = ctypes.CDLL(_CORE_FOUNDATION)
        library.CFNotificationCenterGetDistributedCenter.restype = ctypes.c_void_p
        library.CFStringCreateWithCString.restype = ctypes.c_void_p
        library.CFStringCreateWithCString.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32]
        library.CFNotificationCenterAddObserver.argtypes = [
            ctypes.c_void_p,
            ctypes.c_void_p,
            _CALLBACK,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_long,
        ]
        library.CFNotificationCenterRemoveEveryObserver.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        self._library = library
        self._centre = library.CFNotificationCenterGetDistributedCenter()
        # Kept: the centre calls it as long as it is registered.
        self._callback = _CALLBACK(lambda *_: heard())
        name = library.CFStringCreateWithCString(None, b"com.apple.screenIsLocked", _UTF8)
        library.CFNotificationCenterAddObserver(self._centre, id(self), self._callback, name, None, _AT_ONCE)

    def stop(self) -> None:
        self._library.CFNotificationCenterRemoveEveryObserver(self._centre, id(self))
