"""`marble-console --smoke-test`: show the window, say how far it came, and quit. It tries bundles out and measures starts.

A word a line on standard output: `visible` after the window was painted, `usable` when the first page stands and all
that was due is done, and, with `--local`, `connected` when the local coordinator was seen.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QWidget

from marble_console.first_paint import FirstPaint

if TYPE_CHECKING:  # what is measured must not load what a window does without
    from marble_console.console import Console
    from marble_console.session import SessionState

LIMIT_MILLISECONDS = 30_000
TOOK_TOO_LONG = 3


class SmokeTest(QObject):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._connected = False
        FirstPaint(window, lambda: self._say("visible"))
        QTimer.singleShot(LIMIT_MILLISECONDS, self, lambda: QCoreApplication.exit(TOOK_TOO_LONG))

    def begun(self, console: Console, *, connects: bool) -> None:
        """The first page is built; go on to the connection if there is to be one."""
        QTimer.singleShot(0, self, lambda: self._usable(console, connects=connects))

    def _usable(self, console: Console, *, connects: bool) -> None:
        self._say("usable")
        if connects:
            console.session.listen(self._session_changed)
        else:
            QCoreApplication.exit(0)

    def _session_changed(self, session: SessionState) -> None:
        # The session may tell of more, such as a verdict, before the event loop comes to its end.
        if session.watch.observation is not None and not self._connected:
            self._connected = True
            self._say("connected")
            QCoreApplication.exit(0)

    @staticmethod
    def _say(word: str) -> None:
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()
