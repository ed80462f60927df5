"""The console locks by itself: after a time without use, and after a sleep with the first sign of life."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from marble_console.autolock import AutoLock


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def lock(qtbot, clock):
    lock = AutoLock(seconds=60, clock=lambda: clock[0])
    yield lock
    lock.deleteLater()


def press(lock):
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)
    assert lock.eventFilter(QLineEdit(), key) is False


def test_it_is_due_when_the_time_is_over(lock, qtbot):
    with qtbot.waitSignal(lock.due):
        lock._timer.setInterval(1)


def test_use_begins_the_time_anew(lock, clock):
    due = []
    lock.due.connect(lambda: due.append(1))
    for _ in range(5):
        clock[0] += 59
        press(lock)
    assert due == []
    assert lock._timer.remainingTime() > 50_000


def test_after_a_sleep_the_first_key_locks(lock, clock):
    due = []
    lock.due.connect(lambda: due.append(1))
    clock[0] += 3600  # the timer stood still meanwhile
    press(lock)
    press(lock)
    assert due == [1]


def test_ctrl_l_locks_wherever_the_keyboard_is(lock, qtbot):
    line = QLineEdit()
    qtbot.addWidget(line)
    with qtbot.waitSignal(lock.due):
        qtbot.keyClick(line, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(line, "L")
    assert line.text() == "L"
