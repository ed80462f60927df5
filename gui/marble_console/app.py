"""The process of the window: Qt, the look, one instance, and the order in which things begin and end.

What is needed to see a window is loaded before it, everything else after it: `console` brings the pages, the client and
the coordinator.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from marble_console.composition.settings import Settings
from marble_console.coordinators.folders import data_folder, profiles_file
from marble_console.coordinators.profiles import (
    ProfilesDamaged,
    ProfilesError,
    ProfilesNewer,
    ProfileStore,
    set_aside,
)
from marble_console.first_paint import FirstPaint
from marble_console.navigation import rail
from marble_console.preferences import COLOURS, MODE, TEXT_SIZE, Preferences
from marble_console.shell import Shell
from marble_console.shell_state import ShellState
from marble_console.single import FirstWindow, Start, hand_over, socket_name
from marble_console.theme import Mode, Palette, install, pixmap
from marble_console.words import tr

if TYPE_CHECKING:
    from marble_console.console import Console
    from marble_console.smoke import SmokeTest

GEOMETRY_SETTING = "window.geometry"
_ICON_SIZES = (16, 32, 48, 128)
_NO_STORE = 1


def run(options: argparse.Namespace) -> int:
    """Open the window, or raise the one that is open already; returns the exit code. `main` has checked the display."""
    QGuiApplication.setDesktopFileName("org.marble_console.MarbleConsole")
    app = QApplication([sys.argv[0]])
    app.setApplicationName("marble-console")
    app.setApplicationDisplayName(tr("Marble Console"))
    start = Start.of(local=options.local, files=[options.manifest] if options.manifest else [])
    name = socket_name(data_folder())
    if hand_over(name, start):
        return 0
    store = _open_store(app, profiles_file())
    if store is None:
        return _NO_STORE
    with store, window(app, store, name, start, smoke_test=options.smoke_test):
        return app.exec()


@contextlib.contextmanager
def window(
    app: QApplication, store: ProfileStore, name: str, start: Start, *, smoke_test: bool = False
) -> Iterator[Shell]:
    """The window and all that is behind it; `name` is where it listens for later starts.

    The pages come once the window was painted. With the context everything ends, the local coordinator too.
    """
    chosen = Preferences(Settings(store))
    mode, palette = Mode(chosen.value(MODE)), Palette(chosen.value(COLOURS))
    install(app, mode, int(chosen.value(TEXT_SIZE)), palette)
    shell = Shell()
    shell.restore(store.setting(GEOMETRY_SETTING))
    profiles = store.all()
    framed = bool(start.local or start.files or profiles)
    shell.render_state(ShellState(tr("Marble Console"), framed, pages=rail(local=store.local() is not None)))
    shell.show()
    first = FirstWindow(name, app)
    consoles: list[Console] = []

    def begin() -> None:
        from marble_console.console import Console  # noqa: PLC0415  loads while the window is on the screen already

        console = Console(shell, store)
        consoles.append(console)
        first.started.connect(console.start_again)
        console.begin(start)
        app.setWindowIcon(_window_icon())
        if smoke is not None:
            smoke.begun(console, connects=start.local)

    FirstPaint(shell, begin)
    # Qt asks the newest filter first: the smoke test says "visible" before the rest is loaded.
    smoke = _smoke_test(shell) if smoke_test else None
    try:
        with _quitting_on_signals(shell):
            yield shell
    finally:
        first.close()
        for console in consoles:
            console.close()
        # A full disk is no reason to end with an error: the window opens in its usual place next time.
        with contextlib.suppress(ProfilesError):
            store.set_setting(GEOMETRY_SETTING, shell.geometry_bytes())


@contextlib.contextmanager
def _quitting_on_signals(shell: Shell) -> Iterator[None]:
    """Ctrl+C in the terminal closes the window as the operator would; SIGTERM, and a second Ctrl+C, quit at once."""
    if sys.platform == "win32":  # no descriptor wakes its event loop
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)  # the parameter has no name
    notifier = QSocketNotifier(reading, QSocketNotifier.Type.Read, shell)
    interrupted = False

    def arrived() -> None:
        nonlocal interrupted
        numbers = os.read(reading, 64)
        if interrupted or signal.SIGTERM in numbers:
            QApplication.quit()
        else:
            interrupted = True
            shell.close()

    notifier.activated.connect(arrived)
    # Qt's event loop runs no Python handler; the descriptor wakes it, the handler only keeps the process alive.
    wakeup_before = signal.set_wakeup_fd(writing)
    before = {number: signal.signal(number, _nothing) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup_before)
        notifier.setEnabled(False)
        notifier.deleteLater()
        os.close(reading)
        os.close(writing)


def _nothing(number: int, frame: FrameType | None) -> None:
    pass


def _smoke_test(shell: Shell) -> SmokeTest:
    from marble_console.smoke import SmokeTest  # noqa: PLC0415  for bundles and measurements only

    return SmokeTest(shell)


def _open_store(app: QApplication, path: Path) -> ProfileStore | None:
    """The connections and settings; asks what to do with a file that cannot be used. None: the operator gave up."""
    while True:
        try:
            return ProfileStore(path)
        except ProfilesError as error:
            from marble_console.dialogs import ask, tell  # noqa: PLC0415  seldom needed

            install(app)
            if not isinstance(error, ProfilesDamaged | ProfilesNewer):
                tell(None, error.sentence, error.hint, title=tr("Marble Console"))
                return None
            if not ask(
                None, error.sentence, error.hint, do=tr("Set the file aside"), leave=tr("Leave it, quit")
            ):
                return None
            try:
                set_aside(path, dt.datetime.now(dt.UTC))
            except OSError as problem:
                tell(None, tr("The file cannot be renamed."), str(problem), title=tr("Marble Console"))
                return None


def _window_icon() -> QIcon:
    icon = QIcon()
    for size in _ICON_SIZES:
        icon.addPixmap(pixmap("app", "", size, 1.0))
    return icon
