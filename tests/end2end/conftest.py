"""The real window, with the real coordinator as its child, in a folder of its own; and somebody at the keyboard."""

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from marble_console.app import window
from marble_console.coordinators import bundled
from marble_console.coordinators.folders import data_folder, profiles_file
from marble_console.coordinators.profiles import ProfileStore
from marble_console.shell import Shell
from marble_console.single import Start, socket_name
from marble_console.theme import controller
from tests.fakes.canaries import Titles
from tests.fakes.holders import KeyFiles
from tests.fakes.person import Person
from tests.fakes.turns import Turns

PORTS_OF_A_WORKER = 200


@pytest.fixture
def ports(monkeypatch) -> int:
    """The first port that a coordinator of the window looks at: no other process of this run looks at it, too."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    apart = PORTS_OF_A_WORKER * (worker + 1)
    look = bundled.free_port
    monkeypatch.setattr(bundled, "free_port", lambda first: look(first + apart))
    return bundled.CLIENT_PORT + apart


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Where the console keeps everything: empty."""
    folder = tmp_path / "console"
    monkeypatch.setenv("MARBLE_CONSOLE_HOME", str(folder))
    return folder


@pytest.fixture
def console(home, ports, qtbot, qapp, monkeypatch, turns):
    """`with console("--local") as person`: the window as `marble-console --local` opens it, until the block ends."""

    @contextmanager
    def opened(*arguments: str):
        start = Start.of(
            local="--local" in arguments, files=[each for each in arguments if each != "--local"]
        )
        with (
            _theme_put_away(qapp),
            _no_stray_windows(qapp),
            ProfileStore(profiles_file()) as store,
            window(qapp, store, socket_name(data_folder()), start) as shell,
        ):
            try:
                shell.resize(1280, 800)
                person = Person(qtbot, monkeypatch, shell, turns)
                # The window is drawn before it has anything in it; the keyboard goes to the first page.
                person.until(lambda: shell.stack.count() and QApplication.focusWidget())
                yield person
            finally:
                shell.hide()
                shell.deleteLater()

    return opened


@pytest.fixture
def turns(request, qapp, proving):
    """The turns of the event loop; what was measured is printed (`pytest -s`), and judged more strictly by `make prove`."""
    measured = Turns(limit=0.1 if proving else 0.25)
    yield measured
    measured.stop()
    if measured.gaps:
        print(f"\n{request.node.name}: {measured.summary()}")  # noqa: T201 # figures are what it is for


@pytest.fixture
def titles(qapp):
    """Every title that a window has during the test."""
    watch = Titles()
    qapp.installEventFilter(watch)
    yield watch
    qapp.removeEventFilter(watch)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """Where everything else is written: the operator's home with configuration, state and cache, and temporary files."""
    folder = tmp_path / "home"
    temporary = folder / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return folder


@contextmanager
def _theme_put_away(qapp):
    """A program has one look; here comes another program in the same process."""
    try:
        yield
    finally:
        theme = controller()
        qapp.removeEventFilter(theme)
        theme.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class _Windows(QObject):
    """Notes each window that appears."""

    def __init__(self) -> None:
        super().__init__()
        self.stray: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if shown and watched.parent() is None and not isinstance(watched, Shell):
            self.stray.append(f"{type(watched).__name__} {watched.objectName()!r}")
        return False


@contextmanager
def _no_stray_windows(qapp):
    """A part that is shown before it has its place flashes up as a window and takes the keyboard away."""
    windows = _Windows()
    qapp.installEventFilter(windows)
    try:
        yield
    finally:
        qapp.removeEventFilter(windows)
    assert not windows.stray


@pytest.fixture
def keys(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    return KeyFiles(folder)


@pytest.fixture
def saved(tmp_path):
    """Where the recovery secrets are saved."""
    return tmp_path / "recovery-secrets.json"


@pytest.fixture
def older_api(monkeypatch):
    """The coordinator that the console starts knows nothing of version 2."""
    old = [
        sys.executable,
        "-P",
        "-X",
        "utf8",
        str(Path(__file__).parents[1] / "fakes" / "old_coordinator.py"),
    ]
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setattr("marble_console.coordinators.bundled.coordinator_command", lambda: old)
