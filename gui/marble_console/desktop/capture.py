"""Keeps a window out of pictures, recordings and shared screens while it shows a value, where the platform can.

Windows and macOS take a mark at the window; on Linux there is none. Tried on neither yet.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_AFFINITY_NONE: Final = 0x00
_EXCLUDE_FROM_CAPTURE: Final = 0x11
_SHARING_NONE: Final = 0
_SHARING_READ_ONLY: Final = 1


def is_possible() -> bool:
    """Whether this platform can; without a display there is nothing to keep a window out of."""
    return sys.platform in {"win32", "darwin"} and QGuiApplication.platformName() in {"windows", "cocoa"}


def _mark(handle: int, excluded: bool) -> None:
    """Mark the window with this handle, or take the mark away."""
    if sys.platform == "win32":
        affinity = _EXCLUDE_FROM_CAPTURE if excluded else _AFFINITY_NONE
        ctypes.windll.user32.SetWindowDisplayAffinity(ctypes.c_void_p(handle), affinity)
    elif sys.platform == "darwin":
        _set_sharing(handle, _SHARING_NONE if excluded else _SHARING_READ_ONLY)


def _set_sharing(view: int, sharing: int) -> None:
    """`[[view window] setSharingType: sharing]`, by the runtime of Objective-C."""
    runtime: Any = ctypes.CDLL("/usr/lib/libobjc.A.dylib")
    runtime.sel_registerName.restype = ctypes.c_void_p
    runtime.sel_registerName.argtypes = [ctypes.c_char_p]
    ask = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(("objc_msgSend", runtime))
    tell = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)(("objc_msgSend", runtime))
    window = ask(view, runtime.sel_registerName(b"window"))
    if window:
        tell(window, runtime.sel_registerName(b"setSharingType:"), sharing)


class Capture:
    """Marks the windows in which values are to be seen, while it is `wanted`."""

    def __init__(
        self, mark: Callable[[int, bool], None] = _mark, can: Callable[[], bool] = is_possible
    ) -> None:
        self.wanted = True
        self._mark = mark
        self._can = can
        self._marked: set[int] = set()

    def show(self, widget: QWidget, *, value: bool) -> None:
        """A part of a window is about to show a value, or no longer does."""
        if not self._can() or not (value or self._marked):
            return  # to ask for the handle of a part that has no window yet would make it one
        handle = int(widget.window().winId())
        excluded = value and self.wanted
        if excluded != (handle in self._marked):
            (self._marked.add if excluded else self._marked.discard)(handle)
            self._mark(handle, excluded)


CAPTURE: Final = Capture()
"""Of this process."""
