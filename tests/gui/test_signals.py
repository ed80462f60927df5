"""Ctrl+C and SIGTERM end the console as its window does, with the coordinator and all."""

import os
import signal
import sys

import pytest
from PySide6.QtWidgets import QApplication

from marble_console.app import window
from marble_console.coordinators.profiles import ProfileStore
from marble_console.single import Start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture
def shell(qapp, tmp_path, monkeypatch):
    monkeypatch.setenv("MARBLE_CONSOLE_HOME", str(tmp_path / "console"))
    with (
        ProfileStore(tmp_path / "console.sqlite3") as store,
        window(qapp, store, str(tmp_path / "s"), Start()) as shell,
    ):
        yield shell
    shell.close()
    shell.deleteLater()


def test_ctrl_c_closes_the_window(shell, qtbot):
    os.kill(os.getpid(), signal.SIGINT)
    qtbot.waitUntil(lambda: not shell.isVisible())


def test_a_page_may_keep_the_window_open_at_first_but_not_twice(shell, qtbot, monkeypatch):
    quits = []
    monkeypatch.setattr(QApplication, "quit", lambda: quits.append(True))
    asked = []
    qtbot.waitUntil(lambda: shell.stack.count() > 0)  # the console is there, and asks by itself from now on
    shell.may_close = lambda: bool(asked.append(True))
    os.kill(os.getpid(), signal.SIGINT)
    qtbot.waitUntil(lambda: asked == [True])
    assert shell.isVisible()
    os.kill(os.getpid(), signal.SIGINT)
    qtbot.waitUntil(lambda: quits == [True])
    shell.may_close = lambda: True


def test_sigterm_quits_without_asking(shell, qtbot, monkeypatch):
    quits = []
    monkeypatch.setattr(QApplication, "quit", lambda: quits.append(True))
    os.kill(os.getpid(), signal.SIGTERM)
    qtbot.waitUntil(lambda: quits == [True])
