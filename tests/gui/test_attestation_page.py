"""The attestation page as it is seen and used: by keyboard, by click, on paper."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from marble_console.pages.attestation.page import AttestationPage
from marble_console.pages.attestation.state import Tab
from marble_console.parts import Tone
from marble_console.theme import current
from marble_console.widgets.bytesrows import ByteRows
from marble_console.widgets.hexview import HexView
from marble_console.widgets.pdf import NotPrinted, print_pdf
from marble_core.attestation.report import render_html
from tools import attestation_scenes, scenes

GREEN = {Tone.VERIFIED}


@pytest.fixture
def opened(theme, qtbot):
    """Opens a scene and gives its page; the window goes with the test."""
    contexts = []

    def open_scene(name, width=1280, height=800):
        context = scenes.shown(name, width, height)
        window = context.__enter__()
        contexts.append(context)
        qtbot.waitUntil(window.isVisible)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        page = window.findChild(AttestationPage)
        qtbot.waitUntil(
            lambda: page.steps.is_complete and all(row.isVisibleTo(page.steps) for row in page.steps.rows)
        )
        return page

    yield open_scene
    for context in contexts:
        context.__exit__(None, None, None)


def row(page, key):
    return next(row for row in page.steps.rows if row.line.key == key)


def pixels(widget):
    image = widget.grab().toImage()
    return {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(0, image.height(), 2)
    }


@pytest.mark.parametrize(
    "name", ["attestation-simulated", "attestation-failed", "attestation-not-verified", "attestation-offline"]
)
def test_no_header_but_that_of_verified_has_a_trace_of_green(opened, name):
    page = opened(name)
    green = current().tone(Tone.VERIFIED)
    assert not pixels(page.verdict) & {green.fg, green.solid, green.tint, green.edge}


def test_the_header_of_verified_is_green(opened):
    green = current().tone(Tone.VERIFIED)
    assert pixels(opened("attestation").verdict) >= {green.tint, green.solid}


def test_the_failing_step_stands_open_and_the_others_open_by_key(opened, qtbot):
    page = opened("attestation-failed")
    assert [row.line.key for row in page.steps.rows if row.is_open()] == ["11"]
    nonce = row(page, "13")
    nonce.setFocus()
    qtbot.keyClick(nonce, Qt.Key.Key_Space)
    assert nonce.is_open()
    qtbot.keyClick(nonce, Qt.Key.Key_Return)
    assert not nonce.is_open()
    qtbot.keyClick(nonce, Qt.Key.Key_Down)
    assert row(page, "14").hasFocus()


def test_the_folded_row_unfolds_by_click_and_keeps_the_keyboard(opened, qtbot):
    page = opened("attestation-failed")
    folded = row(page, "1-8")
    folded.setFocus()
    qtbot.mouseClick(folded, Qt.MouseButton.LeftButton, pos=QPoint(60, 10))
    assert [row.line.key for row in page.steps.rows][:3] == ["1-8", "1", "2"]
    assert row(page, "1-8").hasFocus()


def test_the_details_of_a_step_go_to_the_clipboard(opened, qtbot):
    page = opened("attestation-failed-binding")
    qtbot.mouseClick(page.findChild(object, "copy:12"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("12 Root certificate binding: Fail [binding.other_certificate]")
    assert "1 of 32 bytes differs" in copied


def test_the_filter_shows_problems_alone(opened, qtbot):
    page = opened("attestation-failed")
    qtbot.mouseClick(page.findChild(object, "Steps shown:problems"), Qt.MouseButton.LeftButton)
    assert [row.line.key for row in page.steps.rows] == ["9", "11"]


def test_an_edit_in_the_form_is_in_the_text_and_the_other_way_round(opened, qtbot):
    page = opened("attestation-policy")
    field, text = page.findChild(QLineEdit, "policy:ProductID"), page.findChild(QPlainTextEdit, "policy:text")
    field.selectAll()
    qtbot.keyClicks(field, "7")
    assert '"ProductID": 7' in text.toPlainText()
    text.setPlainText('{"ProductID": 8}')
    assert field.text() == "8"


def test_typing_in_the_text_keeps_the_cursor_where_it_is(opened, qtbot):
    page = opened("attestation-policy")
    text = page.findChild(QPlainTextEdit, "policy:text")
    text.setFocus()
    cursor = text.textCursor()
    cursor.setPosition(1)
    text.setTextCursor(cursor)
    qtbot.keyClicks(text, "   ")
    assert text.textCursor().position() == 4


def test_a_byte_chooses_its_field_and_a_field_its_bytes(opened, qtbot):
    page = opened("attestation-quote")
    assert page.view(Tab.QUOTE).hex.marked == range(112, 144)
    page.view(Tab.QUOTE).hex.setFocus()
    qtbot.keyClick(page.view(Tab.QUOTE).hex, Qt.Key.Key_Home)
    assert page.view(Tab.QUOTE).fields.current_key() == "0:version"
    page.view(Tab.QUOTE).fields.set_current("176:mr_signer")
    assert page.view(Tab.QUOTE).hex.marked == range(176, 208)


def test_an_acceptance_needs_a_reason(opened, qtbot):
    page = opened("attestation-tcb")
    accept, reason = page.findChild(object, "tcb:accept"), page.findChild(QLineEdit, "tcb:reason")
    assert not accept.isEnabled()
    qtbot.keyClicks(reason, "patched by Friday")
    assert accept.isEnabled()


def test_two_results_stand_under_their_times(opened):
    page = opened("attestation-history")
    header = page.view(Tab.HISTORY).compared.header().model()
    titles = [header.headerData(at, Qt.Orientation.Horizontal) for at in range(5)]
    assert titles[3:] == ["Today 12:03:22", "Today 14:03:22"]


@pytest.mark.parametrize("width", [1920, 1280, 760, 460])
def test_every_compared_byte_has_room_at_any_width(theme, qtbot, width):
    rows = ByteRows(["00"] * 64, ["ff"] * 64, frozenset(range(64)), whole=True)
    qtbot.addWidget(rows)
    rows.resize(width, rows.heightForWidth(width))
    per_line = rows._per_line(width, current())  # how it is drawn
    lines = -(-64 // per_line)
    assert rows.height() >= lines * 2 * rows._line(current())
    assert rows._x(per_line - 1, current()) + 2 * rows._digit(current()) <= width


def test_compared_bytes_keep_their_room_in_the_page_at_large_text(large_text, opened, qtbot):
    page = opened("attestation-failed")
    compared = page.findChildren(ByteRows)
    assert compared
    qtbot.waitUntil(lambda: all(rows.height() >= rows.heightForWidth(rows.width()) for rows in compared))


def test_hex_is_chosen_by_mouse_too(theme, qtbot):
    view = HexView(name="bytes")
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    view.set_data(bytes(range(256)))
    x, y = view._x(3, current()) + 2, view._line(current()) * 2 + 3
    with qtbot.waitSignal(view.byte_chosen) as chosen:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    assert chosen.args == [2 * view._per_line() + 3]


def test_ctrl_r_verifies(opened, qtbot):
    page = opened("attestation-none")
    asked = []
    page._presenter.act = asked.append
    qtbot.keyClick(page, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["verify"]


def test_a_report_is_printed_as_pdf_on_a_worker(theme, tmp_path):
    html = render_html(attestation_scenes.simulated())
    with ThreadPoolExecutor(1) as worker:
        path = worker.submit(print_pdf, html, tmp_path / "report.pdf").result()
    assert path.read_bytes().startswith(b"%PDF-1.")
    assert len(path.read_bytes()) > 5000


def test_a_pdf_that_cannot_be_written_is_told(theme, tmp_path):
    with pytest.raises(NotPrinted, match=r"report\.pdf cannot be written"):
        print_pdf("<p>text</p>", tmp_path / "gone" / "report.pdf")


def test_every_tab_is_reached_by_keyboard(opened, qtbot):
    page = opened("attestation")
    page.tabs.setFocus()
    for tab in list(Tab)[1:]:
        qtbot.keyClick(page.tabs, Qt.Key.Key_Right)
        assert page._presenter.state.tab is tab
