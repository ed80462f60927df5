"""The clipboard for secret values: marked so that histories leave it out, cleared after a while and when the console ends.

It is cleared only while it still holds what was put there. What that was is remembered as a hash. The primary selection of
X11, which a click of the middle button pastes, is never used.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QClipboard, QGuiApplication

from marble_core.secretbytes import SecretBytes

_MILLISECONDS = 1000
# What clipboard histories look for: KDE's Klipper and those that follow it, Windows' history and cloud, macOS' managers.
_HINTS = {
    "x-kde-passwordManagerHint": b"secret",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': b"\0\0\0\0",
    "org.nspasteboard.ConcealedType": b"",
}


class GuardedClipboard(QObject):
    """`changed` tells that `seconds_left` is another: 0 while nothing of ours is on the clipboard.

    `seconds` is for how long the next value stays.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None, *, seconds: int) -> None:
        super().__init__(parent)
        self.seconds = seconds
        self._digest = b""
        # A keyed hash: what is remembered must not help whoever wants to guess the value.
        self._key = secrets.token_bytes(32)
        self.seconds_left = 0
        self._timer = QTimer(self, interval=_MILLISECONDS)
        self._timer.timeout.connect(self.tick)

    def put(self, text: SecretBytes) -> None:
        """Put a text (UTF-8) on the clipboard for a while; the buffer is wiped."""
        value = text.reveal().decode()
        text.wipe()
        self._digest = self._hash(value)
        data = QMimeData()
        data.setText(value)
        for kind, content in _HINTS.items():
            data.setData(kind, content)
        QGuiApplication.clipboard().setMimeData(data, QClipboard.Mode.Clipboard)
        self.seconds_left = self.seconds
        self._timer.start()
        self.changed.emit()

    def clear(self) -> None:
        """Clear the clipboard at once, if it still holds our value."""
        self._timer.stop()
        if self._digest:
            clipboard = QGuiApplication.clipboard()
            if hmac.compare_digest(self._hash(clipboard.text(QClipboard.Mode.Clipboard)), self._digest):
                clipboard.clear(QClipboard.Mode.Clipboard)
            self._digest = b""
        if self.seconds_left:
            self.seconds_left = 0
            self.changed.emit()

    def tick(self) -> None:
        """A second has passed."""
        if self.seconds_left <= 1:
            self.clear()
        else:
            self.seconds_left -= 1
            self.changed.emit()

    def _hash(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)
