"""The help in the real window: on the page in front, and the keys of every page without opening one."""

from PySide6.QtGui import QKeySequence

from marble_console.navigation import Place
from marble_console.pages.help.topics import SHORTCUTS


def test_f1_opens_the_section_of_the_page_and_the_list_of_keys_is_that_of_all_pages(console):
    with console("--local") as person:
        person.until_shown("State 2 · Waiting for a manifest", "Simulated")
        person.go_to("Recovery")
        person.press("F1")
        person.until(lambda: person.dialog("help"))
        text = person.dialog("help").text
        person.until(lambda: text.toPlainText().startswith("Recovery\n"))
        person.dialog(
            "help"
        ).reject()  # it is no dialog in the way: the person's keys go to the window behind it
        person.until(lambda: not person.dialog("help"))
        assert not person.shell.has_page(Place.COMPARE)
        person.command("keyboard shortcuts")
        person.until(lambda: person.dialog("help"))
        help_window = person.dialog("help")
        person.until(lambda: "Mark as reviewed" in help_window.text.toPlainText())
        person.until(lambda: "Being put together" not in help_window.text.toPlainText())
        assert person.shell.state.page == Place.RECOVERY
        told = help_window.text.toPlainText()
        native = QKeySequence("Ctrl+Shift+D").toString(QKeySequence.SequenceFormat.NativeText)
        for expected in (
            native,
            "Find in changes",
            "Verify now",
            "Open the page Settings",
            "Lock: forget keys",
        ):
            assert expected in told
        assert help_window._presenter.state.chapter == SHORTCUTS
