"""Ties the command palette into the console: what can be opened or begun at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from marble_console.navigation import Place, page_keys
from marble_console.palette.commands import Command, Group
from marble_console.shell_state import ShellState
from marble_console.theme import Mode
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.console import Console
    from marble_console.shell import Shell


class Offer:
    """Gathers the commands, each time anew. None of them sends: what changes a coordinator opens its review."""

    def __init__(self, console: Console, shell: Shell) -> None:
        self._console = console
        self._shell = shell

    def __call__(self) -> list[Command]:
        state = self._shell.state
        return [
            *self._of_page(state),
            *self._pages(state),
            *self._actions(),
            *self._secrets(),
            *self._identities(state),
            *self._connections(state),
        ]

    def _of_page(self, state: ShellState) -> Iterator[Command]:
        if not self._shell.has_page(state.page):
            return
        for offered in self._shell.page(state.page).offers():
            yield Command(
                f"{state.page}:{offered.text}", Group.PAGE, offered.text, offered.icon or "chevron-right",
                offered.do, offered.reason, offered.shortcut, offered.enabled,
            )  # fmt: skip

    def _pages(self, state: ShellState) -> Iterator[Command]:
        for at, page in enumerate(state.pages):
            open_page = partial(self._console.show_page, Place(page.key))
            keys = page_keys(at)
            yield Command(f"page:{page.key}", Group.PAGES, page.title, page.icon, open_page, shortcut=keys)

    def _actions(self) -> Iterator[Command]:
        console = self._console
        has_connection = console.session.state.profile is not None
        needs = "" if has_connection else tr("needs a connection")

        def command(key: str, title: str, icon: str, run: Callable[[], object], keys: str = "") -> Command:
            return Command(f"do:{key}", Group.ACTIONS, title, icon, run, shortcut=keys)

        yield command("open", tr("Open a manifest file…"), "folder-open", console.ask_for_file, "Ctrl+O")
        yield command("local", tr("Start the local coordinator"), "play", console.connections.open_local)
        yield command("manage", tr("All connections…"), "server", console.connections.manage)
        yield command("test-all", tr("Test all connections"), "list-checks", console.connections.test_all)
        yield command(
            "attention", tr("Show what needs attention"), "circle-alert", console.connections.show_attention
        )
        for key, title, icon, run in (
            ("identities", tr("Identities…"), "user", console.identities.manage),
            ("certificate", tr("New user certificate…"), "stamp", console.make_certificate),
            ("running", tr("Edit the manifest in force"), "file-code-2", console.manifests.edit_running),
            (
                "effective",
                tr("Show the effective manifest"),
                "arrow-up",
                console.manifests.show_effective,
            ),
            ("pending", tr("Pending update…"), "hourglass", console.recoveries.pending),
            ("leave", tr("Disconnect"), "plug", console.session.leave),
        ):
            yield Command(f"do:{key}", Group.ACTIONS, title, icon, run, needs, enabled=has_connection)
        yield command("key", tr("New recovery key…"), "key-round", console.recoveries.new_key)
        yield command("offline", tr("Offline desk…"), "qr-code", console.recoveries.offline_desk)
        yield command("lock", tr("Lock: forget keys, passphrases and values"), "lock", console.lock, "Ctrl+L")
        for mode, title in (
            (Mode.LIGHT, tr("Light appearance")),
            (Mode.DARK, tr("Dark appearance")),
            (Mode.SYSTEM, tr("Appearance of the system")),
        ):
            yield command(f"mode:{mode.value}", title, "settings", partial(console.choose_mode, mode.value))
        yield command("help", tr("Help on this page"), "info", console.help.open, "F1")
        yield command("shortcuts", tr("Keyboard shortcuts"), "list-checks", console.help.open_shortcuts)
        yield command("about", tr("About Marble Console"), "info", console.about)

    def _secrets(self) -> Iterator[Command]:
        seen = self._console.session.state.watch.observation
        if seen is None or seen.manifest is None:
            return
        for name, definition in seen.manifest.secrets.items():
            show = partial(self._console.secrets.show, name)
            yield Command(f"secret:{name}", Group.SECRETS, name, "key-round", show, definition.type)

    def _identities(self, state: ShellState) -> Iterator[Command]:
        for choice in state.identity.choices if state.identity is not None else ():
            act = partial(self._console.identities.choose, choice.key)
            yield Command(
                f"act:{choice.key}", Group.IDENTITIES, choice.name, choice.icon, act, choice.address
            )

    def _connections(self, state: ShellState) -> Iterator[Command]:
        for item in state.connections:
            connect = partial(self._console.connections.open_kept, item.key)
            yield Command(
                f"connection:{item.key}", Group.CONNECTIONS, item.name, item.icon, connect, item.address
            )
