"""Qt reads a tooltip as markup where it looks like it; other people's text must not become any."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtGui import QTextDocument

from marble_console.parts import Cell, ChipState, Column, Row
from marble_console.widgets.chip import Chip
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.rows import RowsModel
from marble_console.widgets.text import LONGEST_TOOLTIP, tooltip

HOSTILE = '<img src="file:///etc/passwd"><b>bold</b>\nsecond & last'


def as_shown(text):
    if not GuiQt.mightBeRichText(text):
        return text
    document = QTextDocument()
    document.setHtml(text)
    return document.toPlainText()


@pytest.mark.parametrize("text", ["plain", "5 < 6 & 7 > 6", HOSTILE, "<?xml", "&lt;b&gt;", "<qt>x"])
def test_a_tooltip_shows_its_text_and_no_markup(text):
    assert as_shown(tooltip(text)) == text


def test_a_tooltip_has_an_end():
    assert len(tooltip("x" * 10 * LONGEST_TOOLTIP)) == LONGEST_TOOLTIP


@pytest.mark.usefixtures("theme")
def test_chips_elided_labels_and_cells_use_it(qtbot):
    chip = Chip(ChipState("word", tooltip=HOSTILE))
    label = PlainLabel("<b>one line</b>", elide=Qt.TextElideMode.ElideRight)
    for widget in (chip, label):
        qtbot.addWidget(widget)
    model = RowsModel((Column("Column"),), label)
    model.set_rows((Row("key", (Cell(HOSTILE),)),))
    cell = model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert [as_shown(each) for each in (chip.toolTip(), cell)] == [HOSTILE, HOSTILE]
    assert as_shown(label.toolTip()) == "<b>one line</b>"
