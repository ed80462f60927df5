"""The window around the pages: it shows a state, reports what is done, and can be used from the keyboard alone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from marble_console.navigation import Place, rail
from marble_console.page import Page
from marble_console.parts import Action, BannerState, ChipState, Tone
from marble_console.shell import Shell
from marble_console.shell_state import BandState, PickerItem, ShellState, StatusText

STATE = ShellState(
    title="orders",
    band=BandState(Tone.PRODUCTION, "production", "orders · orders.example:4433"),
    connection="7",
    connections=(
        PickerItem("7", "orders", "orders.example:4433"),
        PickerItem("8", "stage", "stage.example:4433"),
    ),
    trust=ChipState("Not verified", Tone.CAUTION, "shield-question-mark"),
    status=ChipState("State 3 · Running", Tone.NEUTRAL, "circle-dot"),
    pages=rail(local=True),
    page=Place.OVERVIEW,
    banners=(
        BannerState("stale", Tone.CAUTION, "wifi-off", "No answer.", "", (Action("retry", "Try again"),)),
    ),
    left=(StatusText("Refreshed 14:03:22", "refresh-cw"), StatusText("one"), StatusText("two")),
    right=(StatusText("2 warnings"),),
    can_refresh=True,
)


@pytest.fixture
def shell(theme, qtbot):
    shell = Shell()
    qtbot.addWidget(shell)
    for place in Place:
        shell.add_page(place, Page())
    shell.resize(1280, 800)
    shell.render_state(STATE)
    with qtbot.waitExposed(shell):
        shell.show()
    return shell


def test_the_same_state_twice_gives_the_same_picture(shell):
    first = shell.grab().toImage()
    shell.render_state(STATE)
    assert shell.grab().toImage() == first


def test_another_state_and_back_gives_the_same_picture(shell):
    first = shell.grab().toImage()
    shell.render_state(ShellState("nothing", pages=STATE.pages))
    assert shell.grab().toImage() != first
    shell.render_state(STATE)
    shell.rail.focus_current()
    shell.rail.clearFocus()
    shell.setFocus()
    assert shell.grab().toImage().size() == first.size()
    assert shell.status.texts() == ("Refreshed 14:03:22", "one", "two", "2 warnings")


@pytest.mark.parametrize(
    ("digit", "place"),
    [
        (1, Place.OVERVIEW),
        (2, Place.MANIFEST),
        (5, Place.SECRETS),
        (6, Place.ACCESS),
        (7, Place.RECOVERY),
        (0, Place.SETTINGS),
        (8, Place.AUDIT),
        (9, Place.COORDINATOR),
    ],
)
def test_ctrl_and_a_digit_jump_to_a_page(shell, qtbot, digit, place):
    with qtbot.waitSignal(shell.page_chosen) as chosen:
        qtbot.keyClick(shell, Qt.Key(Qt.Key.Key_0 + digit), Qt.KeyboardModifier.ControlModifier)
    assert chosen.args == [place]


def test_the_list_of_connections_is_none_of_the_pages_in_the_navigation(shell):
    shell.render_state(
        replace(STATE, page=Place.CONNECTIONS, connection="", nowhere=PickerItem("", "All", "2 of them"))
    )
    assert not any(button.isChecked() for button in shell.rail.findChildren(QAbstractButton))
    assert shell.header.picker.accessibleName() == "Connection: All 2 of them"
    shell.render_state(STATE)
    assert shell.findChild(QAbstractButton, "rail:overview").isChecked()


def test_a_digit_without_a_page_does_nothing(shell, qtbot):
    shell.render_state(replace(STATE, pages=STATE.pages[:4]))
    with qtbot.assertNotEmitted(shell.page_chosen):
        qtbot.keyClick(shell, Qt.Key.Key_9, Qt.KeyboardModifier.ControlModifier)


def test_ctrl_comma_asks_for_the_settings(shell, qtbot):
    with qtbot.waitSignal(shell.settings_wanted):
        qtbot.keyClick(shell, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)


def test_the_arrow_keys_walk_the_pages_and_space_opens_one(shell, qtbot):
    shell.rail.focus_current()
    qtbot.keyClick(shell.focusWidget(), Qt.Key.Key_Down)
    with qtbot.waitSignal(shell.page_chosen) as chosen:
        qtbot.keyClick(shell.focusWidget(), Qt.Key.Key_Space)
    assert chosen.args == [Place.MANIFEST]


def test_f5_refreshes_only_what_can_be_refreshed(shell, qtbot):
    with qtbot.waitSignal(shell.refresh_wanted):
        qtbot.keyClick(shell, Qt.Key.Key_F5)
    shell.render_state(ShellState(pages=STATE.pages))
    with qtbot.assertNotEmitted(shell.refresh_wanted):
        qtbot.keyClick(shell, Qt.Key.Key_F5)


def test_a_banner_action_tells_which_banner_it_was_of(shell, qtbot):
    with qtbot.waitSignal(shell.banner_chosen) as chosen:
        qtbot.mouseClick(shell.findChild(QPushButton, "retry"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["stale", "retry"]


def test_no_more_than_two_banners_are_shown(shell):
    many = tuple(BannerState(str(at), Tone.INFO, "info", str(at)) for at in range(4))
    shell.render_state(ShellState(pages=STATE.pages, banners=many))
    shown = [
        banner.objectName()
        for banner in shell.findChildren(QWidget)
        if banner.objectName().startswith("banner:")
    ]
    assert shown == ["banner:0", "banner:1"]


def test_the_menu_of_the_picker_offers_the_other_connections(shell, qtbot):
    menu = shell.header.picker.menu()
    menu.aboutToShow.emit()
    stage = next(action for action in menu.actions() if action.text().startswith("stage"))
    with qtbot.waitSignal(shell.connection_chosen) as chosen:
        stage.trigger()
    assert chosen.args == ["8"]


def test_the_appearance_is_chosen_from_the_menu(shell, qtbot):
    dark = shell.header.findChild(object, "mode:dark")
    with qtbot.waitSignal(shell.mode_chosen) as chosen:
        dark.trigger()
    assert chosen.args == ["dark"]


def test_a_narrow_window_shows_icons_with_names_in_tooltips(shell):
    wide = shell.rail.width()
    shell.resize(1000, 700)
    assert shell.rail.width() < wide / 2
    assert shell.findChild(QWidget, "rail:manifest").toolTip() == "Manifest (Ctrl+2)"


def test_texts_of_the_page_give_way_in_a_narrow_status_bar(shell, qtbot):
    shell.resize(shell.minimumWidth(), 700)
    long = tuple(StatusText(f"{'x' * 60} {at}") for at in range(3))
    shell.render_state(ShellState(pages=STATE.pages, left=(STATE.left[0], *long), right=STATE.right))
    labels = [
        label for label in shell.status.findChildren(QWidget) if label.isVisible() and hasattr(label, "text")
    ]
    assert {label.text() for label in labels if label.text()} == {"Refreshed 14:03:22", "2 warnings"}


def test_what_runs_is_named_and_can_be_cancelled(shell, qtbot):
    shell.render_state(ShellState(pages=STATE.pages, task="Asking orders…"))
    assert shell.status.texts() == ("Asking orders…",)
    with qtbot.waitSignal(shell.cancel_wanted):
        qtbot.mouseClick(shell.findChild(QWidget, "statusbar:cancel"), Qt.MouseButton.LeftButton)


def test_the_welcome_page_stands_alone(shell):
    shell.render_state(ShellState(framed=False, page=Place.WELCOME))
    assert shell.header.isHidden()
    assert shell.rail.isHidden()
    assert shell.band.isHidden()


def test_a_page_can_keep_the_window_open(shell):
    shell.may_close = lambda: False
    assert not shell.close()
    shell.may_close = lambda: True
    assert shell.close()


def test_every_part_that_takes_the_keyboard_has_a_name(shell):
    nameless = [
        widget
        for widget in shell.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and not (widget.accessibleName() and widget.objectName())
    ]
    assert nameless == []


def test_place_and_size_are_given_back(shell):
    shell.resize(711, 600)
    kept = shell.geometry_bytes()
    shell.resize(760, 500)
    shell.restore(kept)
    assert (shell.width(), shell.height()) == (711, 600)


def test_a_damaged_note_of_the_place_is_ignored(shell):
    shell.restore(b"no geometry")
    assert shell.width() >= shell.minimumWidth()
