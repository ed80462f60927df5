"""Ties the help into the console: where it begins, and the keys of every page as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marble_console.assets import guide_folder
from marble_console.autolock import AutoLock
from marble_console.navigation import Place
from marble_console.pages.help.guide import FIRST
from marble_console.pages.help.topics import SHORTCUTS, TOPICS, Keys
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.console import Console
    from marble_console.pages.help.dialog import HelpDialog
    from marble_console.pages.help.presenter import HelpPresenter
    from marble_console.shell import Shell
    from marble_console.tasks import Runner


class Help:
    """One window of help at most, which stays open beside the console."""

    def __init__(self, console: Console, shell: Shell, runner: Runner) -> None:
        self._console = console
        self._shell = shell
        self._runner = runner
        self._presenter: HelpPresenter | None = None
        self._dialog: HelpDialog | None = None

    def open(self) -> None:
        """Show the section about the page in front."""
        page = self._shell.state.page
        self._open(TOPICS[Place(page)] if page else FIRST)

    def open_shortcuts(self) -> None:
        """Show the list of shortcuts."""
        self._open(SHORTCUTS)

    def known(self) -> tuple[Keys, ...]:
        """The keys of the window, and of each page that is built, in the order of the navigation."""
        window = (
            *self._shell.shortcuts(),
            (AutoLock.keys(), tr("Lock: forget keys, passphrases and values")),
        )
        groups = [Keys(tr("Everywhere"), window)]
        for title, place in self._places():
            if self._shell.has_page(place) and (entries := self._shell.page(place).shortcuts()):
                groups.append(Keys(title, entries))
        return tuple(groups)

    def learn(self) -> bool:
        """Build one more page; says whether none is left."""
        missing = [place for _, place in self._places() if not self._shell.has_page(place)]
        if missing:
            self._console.build(missing[0])
        return len(missing) <= 1

    def _places(self) -> list[tuple[str, Place]]:
        listed = [(item.title, Place(item.key)) for item in self._shell.state.pages]
        return [(tr("Connections"), Place.CONNECTIONS), *listed]

    def _open(self, topic: str) -> None:
        from marble_console.pages.help.dialog import HelpDialog  # noqa: PLC0415  loads when it is opened
        from marble_console.pages.help.presenter import HelpPresenter  # noqa: PLC0415  as above

        if self._presenter is not None:
            self._presenter.show(topic)
        else:
            self._presenter = HelpPresenter(guide_folder, self, self._runner, topic)
            self._dialog = HelpDialog(self._presenter, self._shell)
            self._dialog.finished.connect(self._closed)
            self._dialog.show()
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()

    def _closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
        self._presenter = self._dialog = None
