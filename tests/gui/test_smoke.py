"""The console's own smoke test, and what it stands on."""

import os
import subprocess
import sys

import pytest
from PySide6.QtWidgets import QWidget

from marble_console.first_paint import FirstPaint
from tests.fakes.patience import PATIENCE


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return window


def test_what_waits_for_the_first_paint_runs_once(qtbot, window):
    calls = []
    FirstPaint(window, lambda: calls.append("painted"))
    window.show()
    qtbot.waitUntil(lambda: bool(calls))
    window.repaint()
    qtbot.waitUntil(lambda: not window.findChildren(FirstPaint))
    assert calls == ["painted"]


def test_a_window_that_is_not_painted_does_not_hold_up_its_content(qtbot, window, monkeypatch):
    monkeypatch.setattr("marble_console.first_paint.PATIENCE_MILLISECONDS", 10)
    calls = []
    FirstPaint(window, lambda: calls.append("not painted"))
    qtbot.waitUntil(lambda: bool(calls))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], ["visible", "usable"]), (["--local"], ["visible", "usable", "connected"])],
    ids=["alone", "local"],
)
def test_the_window_comes_first_and_the_connection_last(tmp_path, arguments, words):
    done = subprocess.run(
        [sys.executable, "-m", "marble_console.main", *arguments, "--smoke-test"],
        env=os.environ | {"MARBLE_CONSOLE_HOME": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == words
