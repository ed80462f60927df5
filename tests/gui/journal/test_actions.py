"""My actions: what the journal says is listed, filtered, shown whole, exported and cleared; and what is wrong with it is said."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from marble_console.coordinators.profiles import ProfilesError
from marble_console.journal.files import read_lines
from marble_console.pages.audit.actions.presenter import ActionsPresenter
from marble_console.pages.audit.exporting import Export
from marble_console.pages.audit.state import Tab
from marble_console.parts import Tone
from marble_console.tasks import InlineRunner
from tools import scenes
from tools.journal_scenes import Keeper
from tools.scenes import NOW


class View:
    def __init__(self):
        self.said, self.drawn = [], 0

    def show_state(self, state):
        self.state = state
        self.drawn += 1

    def told(self, sentence):
        self.said.append(sentence)


class Unreadable:
    is_kept = True

    def read(self):
        raise ProfilesError("The file cannot be read.", hint="Check the disk.")

    def clear(self):
        raise ProfilesError("The file cannot be written.")


@pytest.fixture
def keeper():
    return Keeper(NOW)


@pytest.fixture
def presenter(keeper):
    presenter = ActionsPresenter(keeper, InlineRunner())
    presenter.attach(View())
    presenter.set_in_front(True)
    return presenter


def actions(state):
    return [row.cells[1].text for day in state.rows for row in day.children]


def test_the_newest_comes_first_by_day_with_what_came_of_it(presenter):
    assert actions(presenter.state)[:4] == [
        "Set secrets",
        "Copy a secret",
        "Reveal a secret",
        "Raise packages",
    ]
    outcomes = [row.cells[4].text for row in presenter.state.rows[0].children]
    assert outcomes == [
        "outcome unknown",
        "succeeded",
        "succeeded",
        "answer lost",
        "refused (400)",
        "succeeded",
    ]
    assert len(presenter.state.rows) == 2


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"text": "mail_TOKEN"}, 3),
        ({"connection": "Local coordinator"}, 1),
        ({"action": "raise-packages"}, 2),
        ({"outcome": "open"}, 1),
        ({"outcome": "refused", "text": "dome"}, 1),
        ({"text": "nothing like it"}, 0),
    ],
)
def test_deeds_are_filtered(presenter, wanted, count):
    presenter.want(**wanted)
    assert len(actions(presenter.state)) == count
    assert bool(presenter.state.nothing_left) == (count == 0)


def test_a_row_leads_to_the_whole_entry(presenter, keeper):
    presenter.want(chosen="11")
    facts = {fact.key: fact.value for fact in presenter.state.detail}
    assert facts["Object"] == "dome, camera"
    assert facts["Hash of this entry"] == keeper.read().entries[10].hash
    assert facts["Hash of the one before"] == keeper.read().entries[9].hash
    assert facts["Outcome"].startswith("answer lost · outcome_unknown · entry 12, ")


def test_an_intact_chain_gives_its_end_to_note(presenter, keeper):
    assert presenter.state.verdict.head == keeper.read().head.hash
    assert presenter.state.verdict.tone is not Tone.VERIFIED  # green is for coordinators


def test_a_broken_chain_is_said_with_the_entry_and_what_came_later_is_dimmed():
    presenter = ActionsPresenter(Keeper(NOW, edited=13), InlineRunner())
    presenter.set_in_front(True)
    assert presenter.state.verdict.fact == "The chain is broken at entry 13: it was edited."
    assert presenter.state.verdict.head == ""
    rows = {row.key: row for day in presenter.state.rows for row in day.children}
    assert rows["13"].tint is Tone.FAILED
    assert rows["15"].dimmed
    assert not rows["11"].dimmed


def test_it_is_read_when_it_is_in_front_and_again_with_each_entry(keeper):
    presenter, view = ActionsPresenter(keeper, InlineRunner()), View()
    presenter.attach(view)
    presenter.written()
    assert view.drawn == 1
    presenter.set_in_front(True)
    presenter.written()
    assert view.drawn == 3
    presenter.set_in_front(False)
    presenter.written()
    assert view.drawn == 3


def test_all_entries_go_out_whatever_the_filter(presenter, keeper, tmp_path):
    presenter.want(text="nothing like it")
    presenter.export(Export.JSON_LINES, tmp_path / "mine.jsonl")
    assert read_lines((tmp_path / "mine.jsonl").read_text()) == keeper.read()
    presenter.export(Export.CSV, tmp_path / "nowhere" / "mine.csv")
    assert "cannot be written" in presenter._view.said[-1]


def test_only_the_word_clears(presenter):
    presenter.clear("yes")
    assert actions(presenter.state)
    presenter.clear(" Clear ")
    assert not actions(presenter.state)
    assert presenter._view.said == ["The journal was cleared."]


def test_a_journal_that_cannot_be_read_says_why():
    presenter = ActionsPresenter(Unreadable(), InlineRunner())
    presenter.attach(View())
    presenter.set_in_front(True)
    assert presenter.state.problem == "The file cannot be read. Check the disk."
    presenter.clear("clear")
    assert presenter._view.said == ["The file cannot be written."]


def test_a_journal_that_is_off_and_empty_says_where_it_is_turned_on():
    keeper = Keeper(NOW, empty=True)
    keeper.is_kept = False
    presenter = ActionsPresenter(keeper, InlineRunner())
    presenter.set_in_front(True)
    assert "Settings, Security" in presenter.state.nothing_left


def test_entries_of_any_shape_are_shown_as_they_are():
    keeper = Keeper(NOW)
    chain = keeper.read()
    odd = ["", "[]", "{", json.dumps({"kind": "begun", "time": "then"}),
           json.dumps({"kind": "begun", "time": "2031-05-06T12:00:00Z", "objects": 7, "connection": 3, "sha256": []})]  # fmt: skip
    forged = [replace(entry, text=text) for entry, text in zip(chain.entries, odd, strict=False)]
    keeper._chain = replace(chain, entries=(*forged, *chain.entries[len(forged) :]))
    presenter = ActionsPresenter(keeper, InlineRunner())
    presenter.set_in_front(True)
    for number in range(1, 6):
        presenter.want(chosen=str(number))
        assert presenter.state.detail
    assert actions(presenter.state).count("unreadable") == 4


def test_the_tab_is_there_without_a_connection_exports_and_clears(qtbot, theme, tmp_path, monkeypatch):
    shell = scenes.audited(tab=Tab.MINE)
    qtbot.addWidget(shell)
    shell.show()
    page = shell.page("audit")
    assert page.actions_view.isVisible()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.csv"), ""))
    page._exports[Export.CSV].trigger()
    assert (tmp_path / "mine.csv").read_text().startswith("entry,time (UTC),action")
    page.actions_view.findChild(QPushButton, "actions:clear").click()
    dialog = page.actions_view.findChild(object, "actions:clearing")
    do = dialog.findChild(QPushButton, "actions:clear-now")
    assert not do.isEnabled()
    dialog._word.setText("clear")
    qtbot.mouseClick(do, Qt.MouseButton.LeftButton)
    assert page.actions_view.table.rows_model.rowCount() == 0
