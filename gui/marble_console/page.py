"""What the window knows of a page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from marble_console.shell_state import StatusText


class Page(QWidget):
    """A page of the window. It is built when it is first opened, and lives as long as the window.

    `status_changed` tells that `status_left` or `status_right` is another: the page's own texts of the status bar.
    """

    status_changed = Signal()

    def activated(self) -> None:
        """The page has come to the front."""

    def deactivated(self) -> None:
        """Another page has come to the front, or the window is hidden."""

    def refresh(self) -> None:
        """The operator asked for fresh data (F5)."""

    def may_close(self) -> bool:
        """Whether the window may close now; asks the operator where something would be lost."""
        return True

    def status_left(self) -> Sequence[StatusText]:
        return ()

    def status_right(self) -> Sequence[StatusText]:
        return ()
