"""Tab goes in the order of what is seen, whenever the parts were made."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from marble_console.widgets.taborder import move_focus


class Window(QWidget):
    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 # Qt's name
        return move_focus(self, forward=forward) or super().focusNextPrevChild(forward)


def button(name):
    made = QPushButton(name)
    made.setObjectName(name)
    return made


@pytest.fixture
def window(qtbot):
    """Made last to first; laid out a, b, (c, d in a scroll area), e, f in a splitter; only d of c and d is pressed."""
    f, e, d, c, b, a = (button(name) for name in "fedcba")
    for each in (c, d):
        each.setCheckable(True)
        each.setAutoExclusive(True)
    d.setChecked(True)
    inside = QWidget()
    row = QHBoxLayout(inside)
    row.addWidget(c)
    row.addWidget(d)
    area = QScrollArea()
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    area.setWidgetResizable(True)
    splitter = QSplitter()
    splitter.addWidget(e)
    splitter.addWidget(f)
    shown = Window()
    column = QVBoxLayout(shown)
    top = QHBoxLayout()
    top.addWidget(a)
    top.addWidget(b)
    column.addLayout(top)
    column.addWidget(area)
    column.addWidget(splitter)
    qtbot.addWidget(shown)
    with qtbot.waitActive(shown):
        shown.show()
    a.setFocus()
    return shown


def walk(qtbot, key, steps):
    names = []
    for _ in range(steps):
        names.append(QApplication.focusWidget().objectName())
        qtbot.keyClick(QApplication.focusWidget(), key)
    return "".join(names)


def test_tab_follows_the_layout_and_comes_round(qtbot, window):
    assert walk(qtbot, Qt.Key.Key_Tab, 7) == "abdefab"


def test_shift_tab_goes_the_other_way(qtbot, window):
    assert walk(qtbot, Qt.Key.Key_Backtab, 6) == "afedba"


def test_what_is_hidden_or_disabled_is_passed_over(qtbot, window):
    window.findChild(QPushButton, "b").hide()
    window.findChild(QPushButton, "e").setEnabled(False)
    assert walk(qtbot, Qt.Key.Key_Tab, 4) == "adfa"


def test_where_nothing_else_takes_the_keyboard_it_stays(qtbot, window):
    for name in "bdef":
        window.findChild(QPushButton, name).hide()
    window.findChild(QPushButton, "c").hide()
    assert walk(qtbot, Qt.Key.Key_Tab, 2) == "aa"
