"""What the operator can set: what is allowed, what is kept, what takes effect; and the page for it."""

import pytest
from PySide6.QtCore import Qt

from marble_console.autolock import AutoLock
from marble_console.composition.choices import Choices
from marble_console.composition.settings import Settings
from marble_console.coordinators.profiles import ProfileStore
from marble_console.coordinators.watch import Observation, Watch
from marble_console.pages.settings.page import SettingsPage
from marble_console.pages.settings.presenter import SettingsPresenter
from marble_console.pages.settings.support import SupportPresenter
from marble_console.parts import Fact, Tone
from marble_console.preferences import (
    CLIPBOARD_SECONDS,
    COLOURS,
    HIDE_FROM_CAPTURE,
    IDLE_MINUTES,
    KEEP_DEPLOYED,
    MODE,
    NEVER,
    OFF,
    TEXT_SIZE,
    Preferences,
)
from marble_console.support.bundle import Bundle
from marble_console.tasks import InlineRunner
from marble_console.theme import current
from marble_console.widgets.button import Button
from marble_console.widgets.fields import CheckBox, Select


@pytest.fixture
def kept(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield Settings(store)


@pytest.fixture
def preferences(kept):
    return Preferences(kept)


@pytest.fixture
def presenter(preferences):
    reason = {HIDE_FROM_CAPTURE: "Not here."}
    return SettingsPresenter(preferences, unavailable=reason, places=(Fact("Drafts", "/some/drafts"),))


def of(presenter, key):
    return next(each for section in presenter.state.sections for each in section.settings if each.key == key)


# What is chosen


def test_a_choice_is_told_at_once_and_still_holds_next_time(preferences, kept):
    told = []
    preferences.follow(CLIPBOARD_SECONDS, told.append)
    preferences.choose(CLIPBOARD_SECONDS, "60")
    preferences.choose(CLIPBOARD_SECONDS, "60")
    assert told == ["20", "60"]
    assert Preferences(kept).value(CLIPBOARD_SECONDS) == "60"


@pytest.mark.parametrize("found", ["600", "", "sixty", "-1"])
def test_what_is_kept_but_not_allowed_counts_as_not_chosen(kept, found):
    kept.keep(IDLE_MINUTES.name, found)
    assert Preferences(kept).value(IDLE_MINUTES) == "5"


def test_what_is_not_allowed_is_never_chosen(preferences):
    with pytest.raises(ValueError, match=r"lock\.minutes"):
        preferences.choose(IDLE_MINUTES, "1000000")


def test_a_choice_that_cannot_be_kept_holds_for_now(tmp_path):
    store = ProfileStore(tmp_path / "console.sqlite3")
    preferences = Preferences(Settings(store))
    preferences.value(KEEP_DEPLOYED)
    store.close()
    preferences.choose(KEEP_DEPLOYED, OFF)
    assert not preferences.is_on(KEEP_DEPLOYED)


def test_the_bounds_of_the_clipboard_are_those_that_are_promised():
    seconds = [int(each) for each in CLIPBOARD_SECONDS.allowed]
    assert (min(seconds), max(seconds), CLIPBOARD_SECONDS.usual) == (5, 120, "20")


# What it does


def test_the_look_follows(theme, kept):
    choices = Choices(kept, InlineRunner(), tuple)
    choices.preferences.choose(MODE, "dark")
    assert current().roles.dark
    choices.preferences.choose(TEXT_SIZE, "200")
    assert (current().k, current().large) == (pytest.approx(2.0), True)
    green = current().tone(Tone.VERIFIED).fg
    choices.preferences.choose(COLOURS, "no-red-green")
    assert current().tone(Tone.VERIFIED).fg not in {green, current().tone(Tone.FAILED).fg}
    for preference in (MODE, TEXT_SIZE, COLOURS):
        choices.preferences.choose(preference, preference.usual)
    assert current().k == pytest.approx(1.0)


def test_the_time_until_the_lock_counts_from_the_choice(qtbot):
    clock = [0.0]
    lock = AutoLock(seconds=60, clock=lambda: clock[0])
    due = []
    lock.due.connect(lambda: due.append(1))
    clock[0] = 50
    lock.set_seconds(120)
    assert lock._timer.interval() == 120_000
    assert lock._timer.remainingTime() > 110_000
    lock.set_seconds(0)
    assert not lock._timer.isActive()
    clock[0] = 1e6
    widget = Select(name="any")
    qtbot.addWidget(widget)
    qtbot.keyClick(widget, Qt.Key.Key_Down)
    assert due == []
    qtbot.keyClick(widget, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert due == [1]
    lock.deleteLater()


def test_the_coordinator_is_asked_as_often_as_is_chosen():
    pauses = []
    watch = Watch(
        lambda _: Observation(None, None), InlineRunner(), show=lambda _: None, schedule=pauses.append
    )
    watch.refresh()
    watch.set_every(60)
    watch.refresh()
    assert pauses[-3:] == [60, None, 60]
    watch.set_hidden(hidden=True)
    assert pauses[-1] == 60
    watch.set_every(2)
    assert pauses[-1] == 30  # nobody looks


# The page


def test_what_is_chosen_is_said_in_words_and_what_it_costs(presenter):
    assert ("5", "after 5 minutes") in of(presenter, IDLE_MINUTES.name).choices
    presenter.choose(IDLE_MINUTES.name, NEVER)
    assert (
        of(presenter, IDLE_MINUTES.name).chosen,
        "act as you" in of(presenter, IDLE_MINUTES.name).caution,
    ) == (
        NEVER,
        True,
    )


def test_what_means_nothing_here_says_why(presenter):
    capture = of(presenter, HIDE_FROM_CAPTURE.name)
    assert (capture.is_on, capture.reason) == (False, "Not here.")


def test_the_defaults_of_a_section_come_back_and_others_stay(presenter, preferences):
    presenter.choose(CLIPBOARD_SECONDS.name, "90")
    presenter.choose(MODE.name, "dark")
    assert [each.can_restore for each in presenter.state.sections] == [False, True, True, False, False]
    presenter.restore("security")
    assert (preferences.value(CLIPBOARD_SECONDS), preferences.value(MODE)) == ("20", "dark")
    assert [each.can_restore for each in presenter.state.sections] == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("text", "sections", "places"),
    [("CLIPBOARD", ["security"], 0), ("drafts", [], 1), ("appearance", ["appearance"], 0), ("xyzzy", [], 0)],
)
def test_settings_are_found_by_their_words(presenter, text, sections, places):
    presenter.search(text)
    shown = [each.key for each in presenter.state.sections if each.is_shown]
    assert (shown, len(presenter.state.places)) == (sections, places)
    assert presenter.state.finds_nothing == (not sections and not places)


@pytest.fixture
def page(theme, qtbot, presenter):
    page = SettingsPage(presenter, "/some", lambda: SupportPresenter(lambda: Bundle(()), InlineRunner()))
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    qtbot.waitUntil(lambda: len(page._sections) == 5)
    return page


def test_the_keyboard_chooses(page, preferences, qtbot):
    select = page.findChild(Select, "Clear the clipboard after")
    qtbot.keyClick(select, Qt.Key.Key_Down)
    assert preferences.value(CLIPBOARD_SECONDS) == "30"
    tick = page.findChild(CheckBox, KEEP_DEPLOYED.name)
    qtbot.keyClick(tick, Qt.Key.Key_Space)
    assert not preferences.is_on(KEEP_DEPLOYED)
    qtbot.keyClick(page.findChild(Button, "settings:restore:security"), Qt.Key.Key_Return)
    assert preferences.value(CLIPBOARD_SECONDS) == "20"


def test_a_choice_made_elsewhere_is_shown(page, preferences):
    preferences.choose(KEEP_DEPLOYED, OFF)
    assert not page.findChild(CheckBox, KEEP_DEPLOYED.name).isChecked()


def test_a_search_hides_the_rest(page, qtbot):
    qtbot.keyClicks(page._search, "clipboard")
    shown = [each.objectName() for each in page.findChildren(Select) if each.isVisible()]
    assert shown == ["Clear the clipboard after"]
    qtbot.keyClick(page._search, Qt.Key.Key_Escape)
    assert len([each for each in page.findChildren(Select) if each.isVisible()]) == 10
