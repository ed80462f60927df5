"""Settings are chosen by keyboard, take effect at once in every part of the window, and are there again next time."""

import pytest

from marble_console.console import Console
from marble_console.preferences import START_PAGE
from marble_console.theme import current

pytestmark = pytest.mark.slow


def test_what_is_chosen_takes_effect_and_stays(console):
    with console() as person:
        person.press("Ctrl+,")
        person.until_shown("Lock when idle", "Where things are kept")
        person.tab_to("Theme")
        for _ in range(2):
            person.press("Down")
        person.until(lambda: current().roles.dark)
        person.tab_to("Lock when idle")
        person.press("End")
        person.until_shown("Whoever comes to this computer can act as you")
        parts = person.shell.findChild(Console)
        assert not parts._auto_lock._timer.isActive()
        person.tab_to("lock.desktop")
        person.press("Space")
        assert not parts._desktop_lock.enabled
        person.tab_to("Clear the clipboard after")
        person.press("Home")
        assert parts.secrets.clipboard.seconds == 5
    with console() as person:
        parts = person.shell.findChild(Console)
        assert current().roles.dark
        assert not parts._auto_lock._timer.isActive()
        assert not parts._desktop_lock.enabled
        assert parts.secrets.clipboard.seconds == 5
        person.press("Ctrl+,")
        person.until_shown("Whoever comes to this computer can act as you")
        person.push("settings:restore:security")
        person.until(parts._auto_lock._timer.isActive)
        assert parts.secrets.clipboard.seconds == 20


def test_the_window_opens_with_the_page_that_was_chosen(console):
    with console("--local") as person:
        person.until_shown("State 2")
        person.shell.findChild(Console)._choices.preferences.choose(START_PAGE, "audit")
    with console() as person:
        person.until(lambda: person.shell.state.page == "audit")
