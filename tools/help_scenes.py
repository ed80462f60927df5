"""The help: a section of the guide, what was found, and the shortcuts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from marble_console.assets import guide_folder
from marble_console.navigation import Place, rail
from marble_console.pages.help.dialog import HelpDialog
from marble_console.pages.help.presenter import HelpPresenter
from marble_console.pages.help.topics import SHORTCUTS, TOPICS, Keys
from marble_console.shell import Shell
from marble_console.shell_state import ShellState
from marble_console.tasks import InlineRunner


class WindowKeys:
    """The keys of the window alone."""

    def known(self) -> tuple[Keys, ...]:
        shell = Shell()
        shell.render_state(ShellState(pages=rail(local=True)))
        keys = shell.shortcuts()
        shell.deleteLater()
        return (Keys("Everywhere", keys),)

    def learn(self) -> bool:
        return True


def helped(topic: str, words: str = "") -> QWidget:
    presenter = HelpPresenter(guide_folder, WindowKeys(), InlineRunner(), topic)
    presenter.search(words)
    return HelpDialog(presenter)


SCENES: dict[str, Callable[[], QWidget]] = {
    "help": lambda: helped(TOPICS[Place.SECRETS]),
    "help-found": lambda: helped(TOPICS[Place.SECRETS], "lost key"),
    "help-shortcuts": lambda: helped(SHORTCUTS),
}
