"""What the window knows of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from marble_console.shell_state import StatusText
from marble_console.widgets.button import Button
from marble_console.widgets.layout import PageHeader


class Offered(NamedTuple):
    """Something that a page can do now, or cannot for a reason."""

    text: str
    icon: str
    do: Callable[[], object]
    shortcut: str = ""
    enabled: bool = True
    reason: str = ""


class Page(QWidget):
    """A page of the window. It is built when it is first opened, and lives as long as the window.

    `status_changed` tells that `status_left` or `status_right` is another: the page's own texts of the status bar.
    """

    status_changed = Signal()

    def in_the_next_turn(self, do: Callable[[], None]) -> None:
        """Do something in a turn of its own: to build a page and to fill it may together take too long for one."""
        # A timer without an interval is a posted event, which belongs to the turn that posts it.
        QTimer.singleShot(1, self, do)

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

    def shortcuts(self) -> tuple[tuple[str, str], ...]:
        """The keys of the page and what they do, as its own actions say."""
        found = [(action.shortcut(), action.text()) for action in self.findChildren(QAction)]
        found += [(shortcut.key(), shortcut.whatsThis()) for shortcut in self.findChildren(QShortcut)]
        native = QKeySequence.SequenceFormat.NativeText
        told = (
            (keys.toString(native), does.replace("&&", "&").removesuffix("…")) for keys, does in found if does
        )
        return tuple(dict.fromkeys(entry for entry in told if entry[0]))

    def offers(self) -> Sequence[Offered]:
        """What can be done here, for the palette: the buttons of the header, then the actions with their keys."""
        found = {
            button.accessibleName(): Offered(
                button.accessibleName(),
                button.icon_name,
                button.click,
                enabled=button.isEnabled(),
                reason=button.accessibleDescription(),
            )
            for header in self.findChildren(PageHeader)
            for button in header.findChildren(Button)
            if button.isVisibleTo(self)
        }
        for action in self.actions():
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            text = action.text()
            if text in found:
                found[text] = found[text]._replace(shortcut=keys)
            elif text:
                found[text] = Offered(text, "", action.trigger, keys, action.isEnabled())
        return tuple(found.values())
