"""The palette over a window: keys, pointer, and where the keyboard goes."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from marble_console.palette.commands import Command, Group
from marble_console.palette.overlay import Palette

KEYS = Qt.Key


@pytest.fixture
def ran():
    return []


@pytest.fixture
def palette(qtbot, theme, ran):
    window = QWidget()
    qtbot.addWidget(window)
    window.entry = QLineEdit(window)
    QVBoxLayout(window).addWidget(window.entry)
    window.resize(900, 600)

    def command(title, group, **more):
        return Command(title, group, title, "send", lambda: ran.append(title), **more)

    offered = [
        command("Verify now", Group.PAGE, shortcut="Ctrl+R"),
        command("Overview", Group.PAGES),
        command("Recovery", Group.PAGES),
        command("Identities…", Group.ACTIONS, detail="needs a connection", enabled=False),
        command("<b>db_tls</b>", Group.SECRETS),
    ]
    palette = Palette(window, lambda: offered)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.entry.setFocus()
    palette.open()
    qtbot.waitUntil(palette.field.hasFocus)
    return palette


def titles(palette):
    return [command.title for command in palette.shown]


def chosen(palette):
    return palette.list.currentIndex().data()


def test_typing_finds_and_return_runs_the_first(palette, ran, qtbot):
    qtbot.keyClicks(palette.field, "rec")
    assert titles(palette) == ["Recovery"]
    qtbot.keyClick(palette.field, KEYS.Key_Return)
    assert (ran, palette.isVisible()) == (["Recovery"], False)
    assert palette.parentWidget().entry.hasFocus()


def test_the_arrows_pass_over_headings_and_go_round(palette, qtbot):
    seen = [chosen(palette)]
    for _ in range(3):
        qtbot.keyClick(palette.field, KEYS.Key_Down)
        seen.append(chosen(palette))
    assert seen == ["Verify now", "Overview", "Recovery", "Identities… needs a connection"]
    qtbot.keyClick(palette.field, KEYS.Key_Down)
    assert chosen(palette) == "Verify now"
    qtbot.keyClick(palette.field, KEYS.Key_Up)
    assert chosen(palette) == "Identities… needs a connection"
    qtbot.keyClick(palette.field, KEYS.Key_PageUp)
    assert chosen(palette) == "Verify now"
    assert palette.field.accessibleDescription() == "Verify now"


def test_what_cannot_be_done_now_is_not_done(palette, ran, qtbot):
    qtbot.keyClicks(palette.field, "identities")
    qtbot.keyClick(palette.field, KEYS.Key_Return)
    assert (ran, palette.isVisible()) == ([], True)


def test_escape_and_a_click_beside_it_leave_and_give_the_keyboard_back(palette, ran, qtbot):
    qtbot.keyClick(palette.field, KEYS.Key_Escape)
    assert not palette.isVisible()
    assert palette.parentWidget().entry.hasFocus()
    palette.open()
    qtbot.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(5, 590))
    assert (palette.isVisible(), ran) == (False, [])


def test_another_part_that_takes_the_keyboard_closes_it(palette):
    palette.parentWidget().entry.setFocus()
    assert not palette.isVisible()
    assert palette.parentWidget().entry.hasFocus()


def test_tab_does_not_leave_it(palette, qtbot):
    qtbot.keyClick(palette.field, KEYS.Key_Tab)
    assert palette.field.hasFocus()


def test_a_click_runs_too_and_the_name_is_plain_text(palette, ran, qtbot):
    qtbot.keyClicks(palette.field, "db")
    row = palette.list.visualRect(palette.list.model().index(1, 0))
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    qtbot.waitUntil(lambda: ran == ["<b>db_tls</b>"])


def test_what_was_run_last_stands_first_the_next_time(palette, qtbot):
    qtbot.keyClicks(palette.field, "recovery")
    qtbot.keyClick(palette.field, KEYS.Key_Return)
    palette.open()
    assert titles(palette)[0] == "Recovery"
    assert palette.list.model().entries[0] == "Recent"


def test_nothing_found_is_said_and_return_does_nothing(palette, ran, qtbot):
    qtbot.keyClicks(palette.field, "frobnicate")
    assert palette.shown == []
    assert palette._nothing.text() == "Nothing is called “frobnicate”."
    qtbot.keyClick(palette.field, KEYS.Key_Return)
    assert (ran, palette.isVisible()) == ([], True)


def test_it_follows_the_window(palette):
    palette.parentWidget().resize(500, 400)
    assert palette.size() == palette.parentWidget().size()
    assert palette.rect().contains(palette._card.geometry())
