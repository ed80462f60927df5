"""The small widgets: text stays text, names are given, and what is pressed is reported."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

from marble_console.parts import Action, BannerState, ChipState, Fact, FindingState, Notice, StepState, Tone
from marble_console.widgets.band import Band
from marble_console.widgets.banner import Banner
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import Card
from marble_console.widgets.chip import Chip
from marble_console.widgets.fields import CheckBox, SearchField
from marble_console.widgets.finding import FindingList
from marble_console.widgets.hashlabel import HashLabel
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import CardGrid
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.segments import Segments
from marble_console.widgets.steps import StepList, StepRow
from marble_console.widgets.text import one_line, short_hash, tidy

pytestmark = pytest.mark.usefixtures("theme")
HASH = "".join(f"{byte:02x}" for byte in range(32))


def put(qtbot, widget, width=600):
    qtbot.addWidget(widget)
    widget.resize(width, max(widget.sizeHint().height(), 1))
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\x85", "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{ZERO WIDTH SPACE}"]
)
def test_characters_that_cannot_be_seen_are_shown_as_such(hidden):
    assert tidy(f"a{hidden}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_text_is_cut_where_told_and_lines_are_joined_where_there_is_one():
    assert tidy("x" * 10, 4) == "xxx…"
    assert one_line("a\n b\tc") == "a b c"


def test_a_hash_is_shown_by_both_ends_and_a_short_one_whole():
    assert short_hash(HASH) == "00010203…1c1d1e1f"
    assert short_hash("abc") == "abc"


def test_markup_in_a_label_is_text(qtbot):
    label = put(qtbot, PlainLabel("<b>bold</b>"))
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == "<b>bold</b>"


def test_an_elided_label_keeps_its_whole_text_in_tooltip_and_name(qtbot):
    text = "coordinator.observatory.example " * 9
    label = put(qtbot, PlainLabel(text, elide=Qt.TextElideMode.ElideRight), width=80)
    assert label.text() == one_line(text)
    assert label.toolTip() == label.accessibleName() == label.text()
    assert label.minimumSizeHint().width() < label.sizeHint().width()


def test_an_ampersand_in_a_button_is_no_shortcut(qtbot):
    button = put(qtbot, Button("Replace db&tls"))
    assert button.shortcut().isEmpty()
    assert button.accessibleName() == "Replace db&tls"


def test_a_disabled_action_gives_its_reason(qtbot):
    button = put(qtbot, Button("?"))
    button.set_action(
        Action("deploy", "Set manifest…", "primary", "send", enabled=False, reason="It has errors.")
    )
    assert not button.isEnabled()
    assert button.toolTip() == button.accessibleDescription() == "It has errors."


def test_a_button_can_lose_its_icon(qtbot):
    button = put(qtbot, Button("Go", icon_name="send"))
    button.set_icon_name("")
    assert button.icon().isNull()


def test_an_icon_button_says_what_it_does(qtbot):
    button = put(qtbot, IconButton("refresh-cw", "Refresh", shortcut="F5"))
    assert (button.accessibleName(), button.toolTip()) == ("Refresh", "Refresh (F5)")


def test_a_chip_is_read_with_its_sign(qtbot):
    chip = put(qtbot, Chip(ChipState("3 added", Tone.ADDED, sign="+")))
    assert chip.accessibleName() == "+ 3 added"


def test_the_band_puts_the_environment_in_capitals(qtbot):
    band = put(qtbot, Band())
    band.set(Tone.PRODUCTION, "production", "orders · coordinator.example:4433", "acting as mira")
    assert band.text() == "PRODUCTION orders · coordinator.example:4433 acting as mira"


def test_a_banner_reports_the_action_that_was_pressed(qtbot):
    actions = (Action("why", "Why?", "quiet"), Action("again", "Try again", "primary"))
    banner = put(
        qtbot, Banner(BannerState("stale", Tone.CAUTION, "wifi-off", "No answer.", "", actions)), 900
    )
    with qtbot.waitSignal(banner.chosen) as chosen:
        qtbot.mouseClick(banner.findChild(QPushButton, "again"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["again"]


def test_the_buttons_of_a_banner_go_below_words_that_they_would_squeeze(qtbot):
    actions = (
        Action("a", "Start over with a new manifest"),
        Action("b", "Recover the sealed state", "primary"),
    )
    state = BannerState(
        "recovery", Tone.FAILED, "octagon-alert", "A fact of some length", "What follows.", actions
    )
    banner = put(qtbot, Banner(state), 1200)
    wide = banner.findChild(QPushButton, "a").y(), banner.findChild(QWidget, "b").x()
    banner.resize(500, 200)
    qtbot.waitUntil(lambda: banner.findChild(QPushButton, "a").y() > wide[0] + 10)
    assert banner.findChild(QWidget, "b").x() < wide[1]


def test_a_card_keeps_the_focus_when_only_values_change(qtbot):
    card = put(qtbot, Card("Manifest", "file-code-2"))
    card.set_facts((Fact("Fingerprint", HASH, fingerprint=True), Fact("Contents", "1 package")))
    copy = card.findChild(QWidget, "copy:Fingerprint")
    card.set_facts((Fact("Fingerprint", HASH[::-1], fingerprint=True), Fact("Contents", "2 packages")))
    assert card.findChild(QWidget, "copy:Fingerprint") is copy
    assert card.findChild(PlainLabel, "value:Contents").text() == "2 packages"


def test_copying_a_hash_copies_all_of_it(qtbot):
    label = put(qtbot, HashLabel(HASH, what="Fingerprint"))
    qtbot.mouseClick(label.findChild(QWidget, "copy:Fingerprint"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == HASH


def test_findings_are_counted_and_each_has_its_button(qtbot):
    findings = put(qtbot, FindingList("Findings"), 900)
    findings.set_findings(
        (
            FindingState("expiry", Tone.CAUTION, "clock", "It expires.", "Soon.", "Renew"),
            FindingState("debug", Tone.INFO, "info", "Debug is on."),
        )
    )
    with qtbot.waitSignal(findings.chosen) as chosen:
        qtbot.mouseClick(findings.findChild(QPushButton, "fix:expiry"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["expiry"]
    assert [chip.text() for chip in findings.findChildren(Chip)] == ["2"]
    findings.set_findings(())
    assert findings.isHidden()


def test_segments_hold_exactly_one_choice_and_report_a_new_one(qtbot):
    segments = put(qtbot, Segments([("all", "All"), ("errors", "Errors")], name="Level"))
    with qtbot.waitSignal(segments.chosen) as chosen:
        qtbot.mouseClick(segments.findChild(QPushButton, "Level:errors"), Qt.MouseButton.LeftButton)
    assert (chosen.args, segments.current()) == (["errors"], "errors")


def test_escape_empties_a_search(qtbot):
    field = put(qtbot, SearchField("Search the log", name="search"))
    qtbot.keyClicks(field, "web")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_a_tick_is_set_from_the_keyboard_and_wraps_its_text(qtbot):
    box = put(
        qtbot,
        CheckBox("I have stored the recovery secrets where only their holders can read them.", name="box"),
    )
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked()
    assert box.heightForWidth(150) > box.heightForWidth(900)


def test_the_answer_of_a_server_opens_on_demand_and_stays_text(qtbot):
    notice = Notice("Refused", "Why.", "circle-x", Tone.FAILED, (Action("again", "Try again"),), "<i>no</i>")
    panel = put(qtbot, NoticePanel(notice))
    text = panel.findChild(QWidget, "raw:text")
    assert text.isHidden()
    qtbot.mouseClick(panel.findChild(QPushButton, "raw:toggle"), Qt.MouseButton.LeftButton)
    assert not text.isHidden()
    assert text.toPlainText() == "<i>no</i>"


def test_what_ends_soon_never_shows_that_it_is_loading(qtbot):
    skeleton = put(qtbot, Skeleton())
    before = skeleton.grab().toImage()
    blank = QWidget()
    qtbot.addWidget(blank)
    blank.resize(skeleton.size())
    assert before == blank.grab().toImage()
    qtbot.waitUntil(lambda: skeleton.grab().toImage() != before)


def test_a_failed_step_stands_open_and_the_keyboard_closes_it(qtbot):
    steps = put(qtbot, StepList(), 800)
    steps.set_steps(
        (
            StepState(1, "Resolve", "Pass", Tone.NEUTRAL, "circle-check", "127.0.0.1"),
            StepState(
                2, "Connect", "Failed", Tone.FAILED, "circle-x", "refused", "Nothing listens.", open=True
            ),
        )
    )
    passed, failed = steps.findChildren(StepRow)
    assert (passed.is_open(), failed.is_open()) == (False, True)
    qtbot.keyClick(failed, Qt.Key.Key_Return)
    assert not failed.is_open()
    assert passed.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_cards_fold_into_fewer_columns_and_hidden_ones_leave_no_hole(qtbot):
    cards = [Card(str(number), "info") for number in range(4)]
    grid = put(qtbot, CardGrid(cards), 1200)
    assert len({card.x() for card in cards}) == 3
    grid.resize(500, 900)
    qtbot.waitUntil(lambda: len({card.x() for card in cards}) == 1)
    grid.resize(1200, 900)
    cards[0].hide()
    qtbot.waitUntil(lambda: len({card.y() for card in cards[1:]}) == 1)
