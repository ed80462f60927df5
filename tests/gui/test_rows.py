"""Tables: what a refresh keeps, what the keyboard does, what a screen reader is told."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from marble_console.parts import Cell, ChipState, Column, Row, Tone
from marble_console.widgets.rows import RowsModel, RowsView

COLUMNS = (Column("Name"), Column("Value", 120))


def row(key, value="1", **more):
    return Row(key, (Cell(key, strong=True), Cell(value)), **more)


def grouped():
    return (
        Row("packages", (Cell("Packages"),), (row("web"), row("db", checked=False)), group=True),
        Row("marbles", (Cell("Marbles"),), (row("front"),), group=True),
    )


@pytest.fixture
def view(theme, qtbot):
    view = RowsView(COLUMNS, name="table", grouped=True)
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show()
    return view


def test_the_model_keeps_the_rules_of_item_models(theme, qapp):
    model = RowsModel(COLUMNS)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for rows in (grouped(), (), (row("a"), row("b")), grouped()):
        model.set_rows(rows)
    assert model.rowCount() == 2
    assert model.rowCount(model.index(0, 0)) == 2
    tester.deleteLater()


def test_equal_rows_change_nothing(theme, qtbot):
    model = RowsModel(COLUMNS)
    assert model.set_rows(grouped())
    with qtbot.assertNotEmitted(model.modelReset):
        assert not model.set_rows(grouped())


def test_a_chip_is_told_to_a_screen_reader():
    model = RowsModel(COLUMNS)
    model.set_rows((Row("a", (Cell("a"), Cell(chip=ChipState("High", Tone.FAILED, "circle-alert")))),))
    assert model.data(model.index(0, 1), Qt.ItemDataRole.AccessibleTextRole) == "High"


def test_a_refresh_keeps_the_current_row_and_reports_no_choice(view, qtbot):
    view.set_rows(grouped())
    view.set_current("db")
    with qtbot.assertNotEmitted(view.chosen):
        view.set_rows((row("new"), *grouped()))
    assert view.current_key() == "db"


def test_a_group_that_was_closed_stays_closed(view):
    view.set_rows(grouped())
    view.collapse(view.rows_model.index_of("packages"))
    view.set_rows((row("new"), *grouped()))
    assert not view.isExpanded(view.rows_model.index_of("packages"))
    assert view.isExpanded(view.rows_model.index_of("marbles"))


def test_groups_cannot_be_chosen(view):
    view.set_rows(grouped())
    assert not view.rows_model.flags(view.rows_model.index_of("packages")) & Qt.ItemFlag.ItemIsSelectable


def test_the_keyboard_chooses_and_opens(view, qtbot):
    view.set_rows(grouped())
    view.set_current("web")
    with qtbot.waitSignal(view.chosen) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert (chosen.args, opened.args) == (["db"], ["db"])


def test_a_row_is_copied_with_tabs(view, qtbot):
    view.set_rows((row("web", "6 → 7"),))
    view.set_current("web")
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "web\t6 → 7"


def test_a_tick_is_reported_and_drawn_only_when_the_rows_say_so(view, qtbot):
    view.set_rows(grouped())
    box = view.rows_model.index_of("db")
    with qtbot.waitSignal(view.rows_model.ticked) as ticked:
        view.rows_model.setData(box, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert ticked.args == ["db", True]
    assert view.rows_model.data(box, Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked


def test_a_spare_column_is_left_out_where_text_is_large(theme, qtbot):
    view = RowsView((Column("Name"), Column("Size", 90, spare=True), Column("Status", 90)), name="table")
    qtbot.addWidget(view)
    hidden = [view.isColumnHidden(at) for at in range(3)]
    font = QFont("Inter")
    font.setPixelSize(26)
    theme.set_base_font(font)
    assert (hidden, [view.isColumnHidden(at) for at in range(3)]) == ([False] * 3, [False, True, False])


def test_rows_are_as_high_as_their_text_at_any_size(large_text, qtbot):
    view = RowsView(COLUMNS, name="table", compact=True)
    qtbot.addWidget(view)
    view.set_rows((row("web"),))
    height = view.sizeHintForIndex(view.rows_model.index(0, 0, QModelIndex())).height()
    assert height >= view.fontMetrics().height()
    assert height == 58
