"""The page of the bundled coordinator: what it says in each situation, and its log."""

import datetime as dt
import json

import pytest

from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.logline import LogLevel, parse_log_line
from marble_console.coordinators.problems import (
    BundledProblem,
    Crashed,
    FolderForbidden,
    PortsTaken,
    StateUnusable,
)
from marble_console.coordinators.ready import Ready
from marble_console.pages.coordinator.presenter import CoordinatorPresenter
from marble_console.pages.coordinator.state import LevelFilter
from marble_console.parts import Tone
from marble_console.tasks import InlineRunner

NOW = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
READY = Ready(4433, 2001, "3b" * 32, 2, "0.1.0", 1)
LINES = [
    parse_log_line(json.dumps({"level": level, "ts": NOW.timestamp(), "msg": f"{level} line", "size": 3}))
    for level in ("debug", "info", "warn", "error")
]


class FakeCoordinator:
    def __init__(self, folder, situation=None):
        self.folder = folder
        self.situation = situation or Situation()
        self.log = ()
        self.done = []

    def start(self):
        self.done.append("start")

    def stop(self):
        self.done.append("stop")

    def restart(self):
        self.done.append("restart")


class View:
    def __init__(self):
        self.lines = []

    def show_state(self, state):
        self.state = state

    def show_log(self, lines):
        self.lines = [line.text for line in lines]

    def append_log(self, lines):
        self.lines += [line.text for line in lines]


@pytest.fixture
def coordinator(tmp_path):
    return FakeCoordinator(tmp_path / "state")


@pytest.fixture
def chosen():
    return []


@pytest.fixture
def page(coordinator, chosen):
    presenter = CoordinatorPresenter(
        coordinator,
        InlineRunner(),
        now=lambda: NOW,
        folder_chosen=chosen.append,
        to_recovery=lambda: chosen.append("recovery"),
    )
    presenter.attach(View())
    return presenter


def goes(page, coordinator, situation):
    coordinator.situation = situation
    page.situation_changed()
    return page.state


def writes(page, coordinator, lines):
    coordinator.log += tuple(lines)
    page.logged(lines)
    return page._view.lines


def test_a_running_coordinator_tells_where_it_is_and_that_nothing_protects_it(page, coordinator):
    facts = {fact.key: fact for fact in goes(page, coordinator, Situation(Stage.RUNNING, READY)).facts}
    assert facts["Client API"].value == "https://127.0.0.1:4433"
    assert facts["Data folder"].value == str(coordinator.folder)
    assert facts["Protection"].tone is Tone.CAUTION


def test_the_time_of_the_start_stays_while_it_runs_and_goes_with_it(page, coordinator):
    running = Situation(Stage.RUNNING, READY)
    first = {fact.key: fact.value for fact in goes(page, coordinator, running).facts}
    again = {fact.key: fact.value for fact in goes(page, coordinator, running).facts}
    assert first["Running since"] == again["Running since"]
    assert "Running since" not in {fact.key for fact in goes(page, coordinator, Situation()).facts}


@pytest.mark.parametrize(
    ("stage", "offered"),
    [
        (Stage.STOPPED, {"start": True}),
        (Stage.STARTING, {"recovery": True, "restart": False, "stop": True}),
        (Stage.RUNNING, {"recovery": True, "restart": True, "stop": True}),
        (Stage.STOPPING, {"recovery": True, "restart": False, "stop": False}),
    ],
)
def test_only_what_can_be_done_now_can_be_pressed(page, coordinator, stage, offered):
    actions = goes(page, coordinator, Situation(stage)).actions
    assert {action.key: action.enabled for action in actions} == offered
    assert all(action.enabled or action.reason for action in actions)


def test_backing_up_and_practising_are_a_button_away(page, coordinator, chosen):
    goes(page, coordinator, Situation(Stage.RUNNING))
    page.act("recovery")
    assert chosen == ["recovery"]


@pytest.mark.parametrize(
    ("problem", "ways_out"),
    [
        (PortsTaken, ["start"]),
        (FolderForbidden, ["choose", "start"]),
        (StateUnusable, ["open", "choose", "start"]),
        (Crashed, ["start", "open"]),
        (BundledProblem, ["start", "open"]),
    ],
)
def test_each_failure_is_explained_and_has_a_way_out(page, coordinator, problem, ways_out):
    situation = Situation(
        Stage.FAILED, problem=problem("It did not start.", hint="Look."), log_end=tuple(LINES)
    )
    state = goes(page, coordinator, situation)
    assert [action.key for action in state.problem.actions] == ways_out
    assert [action.kind for action in state.problem.actions].count("primary") == 1
    assert state.actions == ()
    assert state.problem.raw.endswith("ERROR error line")


def test_another_folder_is_kept_and_used_at_once(page, coordinator, chosen, tmp_path):
    page.choose_folder(tmp_path / "other")
    assert (coordinator.folder, chosen, coordinator.done) == (
        tmp_path / "other",
        [tmp_path / "other"],
        ["start"],
    )


def test_the_folder_of_a_running_coordinator_stays(page, coordinator, chosen, tmp_path):
    goes(page, coordinator, Situation(Stage.RUNNING, READY))
    page.choose_folder(tmp_path / "other")
    assert (coordinator.folder, chosen) == (tmp_path / "state", [])


@pytest.mark.parametrize("level", LevelFilter)
def test_the_filter_holds_for_old_lines_and_new_ones(page, coordinator, level):
    writes(page, coordinator, LINES[:2])
    page.set_level(level)
    shown = writes(page, coordinator, LINES[2:])
    assert shown == [f"{line.message}  size=3" for line in LINES if line.level >= level.lowest]
    assert page.log_text().count("\n") == len(shown)


def test_a_paused_log_counts_what_comes_and_shows_it_afterwards(page, coordinator):
    writes(page, coordinator, LINES[:1])
    page.set_paused(paused=True)
    assert len(writes(page, coordinator, LINES[1:])) == 1
    assert page.state.waiting == 3
    page.set_paused(paused=False)
    assert len(page._view.lines) == 4
    assert page.state.waiting == 0


def test_the_log_is_saved_as_it_came(page, coordinator, tmp_path):
    writes(page, coordinator, LINES)
    page.save_log(tmp_path / "log.jsonl")
    saved = (tmp_path / "log.jsonl").read_text().splitlines()
    assert saved == [line.raw for line in LINES]
    assert str(tmp_path / "log.jsonl") in page.state.saved


def test_a_log_that_cannot_be_saved_says_why(page, tmp_path):
    page.save_log(tmp_path / "missing" / "log.jsonl")
    assert "cannot be written" in page.state.saved


def test_a_line_that_is_no_record_is_shown_as_an_error(page, coordinator):
    line = parse_log_line("Traceback (most recent call last):\n")
    assert line.level is LogLevel.ERROR
    assert writes(page, coordinator, [line]) == ["Traceback (most recent call last):"]
