"""The compare page at the keyboard: the way through the changes, marks, search, and values on demand."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from marble_console.pages.compare.page import ComparePage
from marble_console.pages.compare.views.meaning import EffectRow
from marble_console.pages.manifest.documents import Document, Origin
from tests.gui.test_compare import NEW, OLD, OTHER_SECRET, SECRET, document, make_presenter, raw, running


@pytest.fixture
def presenter():
    return make_presenter()


@pytest.fixture
def page(qtbot, theme, presenter):
    page = ComparePage(presenter)
    qtbot.addWidget(page)
    page.resize(1100, 760)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    return page


@pytest.fixture
def compared(qtbot, page, presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    # The parts of the page come one after the other.
    qtbot.waitUntil(lambda: page.tree.isVisible() and page._pane.isVisible())
    return page


def test_alt_and_arrows_go_through_the_changes_and_space_marks_them(compared, presenter):
    first, second, *_ = presenter.state.keys
    for key in (first, second):
        QTest.keyClick(compared, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        assert compared.tree.current_key() == key
    QTest.keyClick(compared.tree, Qt.Key.Key_Space)
    assert presenter.state.reviewed == "Reviewed 1 of 4"
    assert compared.tree.current_key() == second
    QTest.keyClick(compared, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert compared.tree.current_key() == first


def test_the_way_goes_round(compared, presenter):
    QTest.keyClick(compared, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(compared, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert compared.tree.current_key() == presenter.state.keys[-1]


def test_a_row_marks_its_line_in_both_forms_of_the_text(compared, presenter):
    compared.tree.set_current(presenter.state.keys[0])
    lines = presenter.state.lines[presenter.state.keys[0]]
    text = compared.text
    assert text._shown.rows[text._current].right.number == lines.after
    text.set_unified(True)
    assert text._shown.rows[text._current].right.number == lines.after


def test_a_click_into_the_text_leads_to_the_row(compared, presenter):
    key = presenter.state.keys[1]
    lines = presenter.state.lines[key]
    compared.text.chosen.emit(lines.before, 0)
    assert compared.tree.current_key() == key


def test_an_impact_leads_to_the_row_that_brings_it_about(compared, presenter):
    row = next(each for each in compared.findChildren(EffectRow) if each._effect.keys)
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert compared.tree.current_key() == row._effect.keys[0]


def test_ctrl_f_finds_rows(compared, presenter):
    QTest.keyClick(compared, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(compared._toolbar.search, "argv")
    assert len(presenter.state.keys) == 1
    QTest.keyClick(compared._toolbar.search, Qt.Key.Key_Escape)
    assert len(presenter.state.keys) == 4


def test_a_masked_value_is_shown_on_demand_and_hidden_when_the_page_is_left(page, presenter):
    presenter.compare(document(SECRET, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(OTHER_SECRET, "new.json"))
    page.tree.set_current(presenter.state.keys[0])
    assert page._toolbar.reveal.isEnabled()
    assert page._toolbar._ring.isHidden()
    page._toolbar.reveal.click()
    assert presenter.state.revealed
    assert not page._toolbar._ring.isHidden()
    assert page._second.isActive()
    page.tree.copy_current()
    assert not any(value in QGuiApplication.clipboard().text() for value in ("aHVudGVyMg", "czNjcjN0"))
    page.deactivated()
    assert not presenter.state.revealed
    assert not page._second.isActive()


def test_a_value_is_masked_when_another_window_gets_the_keyboard(page, presenter, qtbot):
    presenter.compare(document(SECRET, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(OTHER_SECRET, "new.json"))
    presenter.toggle_revealed(presenter.state.keys[0])
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not presenter.state.revealed)


def test_what_is_copied_is_masked(page, presenter):
    presenter.compare(document(SECRET, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(OTHER_SECRET, "new.json"))
    page.tree.set_current(presenter.state.keys[0])
    page.tree.copy_current()
    assert "••••" in QGuiApplication.clipboard().text()
    assert "aHVudGVyMg" not in page.text.as_text()


def test_a_side_is_taken_from_the_clipboard(page, presenter):
    QGuiApplication.clipboard().setText(raw(NEW).decode())
    presenter.set_target(running(OLD))
    page._choose("running", on_before=True)
    page._choose("ask:clipboard", on_before=False)
    assert len(presenter.state.keys) == 4


def test_a_broken_document_keeps_the_texts(qtbot, page, presenter):
    presenter.set_target(running(OLD))
    presenter.compare(Document("new.json", raw(NEW)[:-9], Origin.FILE))
    qtbot.waitUntil(page.text.isVisible)
    assert not page.tree.isVisible()
    assert "no JSON from line" in presenter.state.banner.fact


def test_changes_texts_and_summary_take_turns_where_there_is_little_room(compared):
    compared.resize(600, 700)
    assert (compared.tree.isVisible(), compared._pane.isVisible()) == (True, False)
    compared._tabs.set_current("meaning")
    compared._tabs.chosen.emit("meaning")
    assert (compared.tree.isVisible(), compared._pane.isVisible()) == (False, True)


def test_five_thousand_rows_are_listed_and_the_rest_is_counted(page, presenter):
    def marbles(argument):
        entry = {"Package": "web", "Parameters": {"Argv": [argument]}}
        return {"Marbles": {f"web-{n}": entry for n in range(5100)}}

    presenter.set_target(running(marbles("a")))
    presenter.compare(Document("new.json", json.dumps(marbles("b")).encode(), Origin.FILE))
    assert len(presenter.state.keys) == 5000
    assert presenter.state.left_out == "100 more changes are not listed."
