"""Wizards: a table of steps with gates, and the one dialog that shows them."""

from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from marble_console.parts import Action, Fact
from marble_console.widgets.label import PlainLabel
from marble_console.wizard.dialog import WizardDialog
from marble_console.wizard.flow import OPEN, Flow, Gate, Progress, Step, WizardState, shut


@dataclass(frozen=True)
class Draft:
    encrypted: bool = False
    ticked: bool = True
    sent: bool = False


STEPS = {
    "share": Step("Share", lambda draft: "key" if draft.encrypted else "send"),
    "key": Step("Key", lambda _: "send", lambda draft: OPEN if draft.ticked else shut("Tick the box.")),
    "send": Step("Send", lambda _: None, may_return=lambda draft: not draft.sent),
}


@pytest.fixture
def flow():
    return Flow(STEPS, "share", Draft())


def progress(flow):
    return [(mark.key, mark.progress) for mark in flow.outline()]


def test_what_was_entered_decides_which_steps_follow(flow):
    assert [key for key, _ in progress(flow)] == ["share", "send"]
    flow.update(replace(flow.draft, encrypted=True))
    assert progress(flow) == [
        ("share", Progress.CURRENT),
        ("key", Progress.AHEAD),
        ("send", Progress.AHEAD),
    ]


def test_a_shut_gate_keeps_the_step_and_says_what_is_missing(flow):
    flow.update(Draft(encrypted=True, ticked=False))
    assert flow.forward()
    assert not flow.forward()
    assert (flow.step, flow.gate.text) == ("key", "Tick the box.")


def test_going_back_follows_the_way_that_was_taken(flow):
    flow.update(Draft(encrypted=True))
    flow.forward()
    flow.forward()
    assert flow.is_last
    assert flow.back()
    assert flow.step == "key"


def test_there_is_no_way_back_from_what_was_sent(flow):
    flow.update(Draft(sent=True))
    flow.forward()
    assert not flow.back()
    assert flow.step == "send"


def test_the_last_step_leads_nowhere(flow):
    flow.forward()
    assert not flow.forward()


@pytest.fixture
def pages():
    page = QWidget()
    page.field = QLineEdit(page)
    return {"confirm": page, "save": QWidget()}


@pytest.fixture
def dialog(theme, qtbot, pages):
    dialog = WizardDialog(pages)
    qtbot.addWidget(dialog)
    yield dialog
    dialog.done(0)


STATE = WizardState(
    title="Set the first manifest",
    page="confirm",
    heading="Confirm what is sent",
    steps=Flow(STEPS, "share", Draft()).outline(),
    side=(Fact("Sending", "a.json", strong=True), Fact("", "ab" * 32, fingerprint=True)),
    gate=shut("2 of 3 rows ticked"),
    primary=Action("forward", "Set manifest", "primary"),
    back=Action("back", "Back"),
    leave=Action("leave", "Cancel", "quiet"),
)


def shown(dialog, qtbot, state=STATE):
    dialog.show_wizard(state)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def test_a_shut_gate_shuts_the_primary_button_and_stands_beside_it(dialog, qtbot):
    shown(dialog, qtbot)
    assert not dialog.primary.isEnabled()
    assert dialog.findChild(PlainLabel, "wizard:gate").text() == "2 of 3 rows ticked"
    dialog.show_wizard(replace(STATE, gate=Gate(is_open=True)))
    assert dialog.primary.isEnabled()


def test_each_button_is_reported(dialog, qtbot):
    shown(dialog, qtbot, replace(STATE, gate=OPEN))
    for signal, name in ((dialog.forward, "forward"), (dialog.back, "back"), (dialog.leave, "leave")):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(dialog.findChild(QPushButton, f"wizard:{name}"), Qt.MouseButton.LeftButton)


def test_return_in_a_field_sends_nothing(dialog, qtbot, pages):
    shown(dialog, qtbot, replace(STATE, gate=OPEN))
    pages["confirm"].field.setFocus()
    with qtbot.assertNotEmitted(dialog.forward):
        qtbot.keyClick(pages["confirm"].field, Qt.Key.Key_Return)
    assert dialog.isVisible()


def test_escape_leaves_as_the_button_does(dialog, qtbot):
    shown(dialog, qtbot)
    with qtbot.waitSignal(dialog.leave):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.parametrize("way", ["escape", "close"])
def test_a_wizard_that_must_not_be_left_says_why(dialog, qtbot, way):
    shown(dialog, qtbot, replace(STATE, leave=None, must_stay="The secrets are shown only once."))
    with qtbot.assertNotEmitted(dialog.leave):
        if way == "escape":
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            dialog.close()
    assert dialog.isVisible()
    assert dialog.findChild(PlainLabel, "wizard:gate").text() == "The secrets are shown only once."


def test_what_is_waited_for_shuts_the_way_on(dialog, qtbot):
    shown(dialog, qtbot, replace(STATE, gate=OPEN, busy="Sending the manifest…"))
    assert not dialog.primary.isEnabled()
    assert dialog.findChild(PlainLabel, "wizard:gate").text() == "Sending the manifest…"


def test_the_page_in_front_is_read_with_its_heading(dialog, qtbot, pages):
    shown(dialog, qtbot)
    assert pages["confirm"].accessibleName() == "Confirm what is sent"
    dialog.show_wizard(replace(STATE, page="save", heading="Save"))
    assert pages["save"].isVisible()
