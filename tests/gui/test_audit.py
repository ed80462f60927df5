"""The audit log: newest first, filtered, what is new since the last visit, and what a log that only grows would not show."""

import csv
import dataclasses
import datetime as dt
import hashlib
import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from marble_client.address import Address
from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.errors import TimedOut
from marble_console.coordinators.profiles import Kind as ProfileKind
from marble_console.coordinators.profiles import Profile, ProfileStore
from marble_console.coordinators.visits import Visit, VisitStore
from marble_console.coordinators.watch import Observation, WatchState
from marble_console.pages.audit.actions.presenter import ActionsPresenter
from marble_console.pages.audit.exporting import Export
from marble_console.pages.audit.page import AuditPage
from marble_console.pages.audit.presenter import AuditPresenter
from marble_console.pages.audit.state import Tab
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.effective import effective
from marble_core.updatelog import Entry, format_line, parse_log
from tests.fakes.manifests import encoded, observatory
from tools.journal_scenes import Keeper

NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)
SUBMITTED = encoded(observatory())


def line(days, update, **fields):
    return format_line(NOW - dt.timedelta(days=days), update, **fields)


def raised(days, version, user="vera", package="dome"):
    return line(days, "SecurityVersion increased", user=user, package=package, **{"new version": version})


FIRST = line(40, "initial manifest set")
LOG = (
    FIRST
    + line(12, "secret set", user="mira", secret="note", type="plain")  # a name
    + "not a line of the log\n"
    + raised(3, 6)
    + raised(1, 8, user="carl")
)


def observed(log=LOG, state=CoordinatorState.RUNNING):
    lines = parse_log(log)
    served = ServedManifest(SUBMITTED, hashlib.sha256(SUBMITTED).hexdigest(), b"")
    entries = [each for each in lines if isinstance(each, Entry)]
    manifest = effective(decode_manifest(SUBMITTED).manifest, entries)
    if state is not CoordinatorState.RUNNING:
        return Observation(NOW, Status(state, ""))
    return Observation(
        NOW, Status(state, ""), served=served, manifest=manifest, log_text=log, log=lines, has_raised=True
    )


class View:
    def __init__(self):
        self.said = []

    def show_state(self, state):
        self.state = state

    def told(self, sentence):
        self.said.append(sentence)


class Elsewhere:
    def __init__(self):
        self.done = []

    def go_to(self, page):
        self.done.append(page)

    def connect(self):
        self.done.append("connect")

    def retry(self):
        self.done.append("retry")

    def compare_effective(self):
        self.done.append("effective")


@pytest.fixture
def kept(tmp_path):
    """A connection that is kept, and the place of its visits."""
    path = tmp_path / "console.sqlite3"
    with ProfileStore(path) as store:
        owner = store.add(Profile("hill", ProfileKind.REMOTE, Address("coordinator.example", 4433), NOW))
    return owner, VisitStore(path)


@pytest.fixture
def presenter(kept):
    _, visits = kept
    presenter = AuditPresenter(Elsewhere(), InlineRunner(), visits, now=lambda: NOW)
    presenter.attach(View())
    return presenter


def session(owner, log=LOG, **more):
    return SessionState(owner, WatchState(observed(log, **more)))


@pytest.fixture
def shown(presenter, kept):
    """The page in front, with the log."""
    presenter.activated()
    presenter.set_session(session(kept[0]))
    return presenter


def keys(presenter):
    return [row.key for group in presenter.state.rows for row in group.children]


def visited(kept, log):
    owner, visits = kept
    visits.keep(owner.id, Visit.of(parse_log(log), NOW - dt.timedelta(days=2)))


def test_the_newest_line_comes_first_with_who_what_and_both_versions(shown):
    assert keys(shown) == ["5", "4", "3", "2", "1"]
    rows = [row for group in shown.state.rows for row in group.children]
    assert [cell.text for cell in rows[0].cells][1:] == ["carl", "Package raised", "package dome", "6 → 8"]
    assert rows[1].cells[4].text == "5 → 6"
    assert rows[2].cells[0].text == "Line 3"
    assert shown.state.subtitle == "5 lines · 4 read, 1 unreadable"


@pytest.mark.parametrize(
    ("choose", "left"),
    [
        (lambda it: it.search("DOME"), ["5", "4"]),
        (lambda it: it.choose_user("mira"), ["2"]),
        (lambda it: it.choose_kind("PACKAGE_RAISED"), ["5", "4"]),
        (lambda it: (it.choose_user("mira"), it.search("dome")), []),
        (lambda it: (it.choose_user("mira"), it.choose_user("")), ["5", "4", "3", "2", "1"]),
    ],
    ids=["text", "user", "action", "both", "lifted"],
)
def test_lines_are_filtered(shown, choose, left):
    choose(shown)
    assert keys(shown) == left
    assert bool(shown.state.nothing_left) is not bool(left)
    assert shown.state.can_export is bool(left)


def test_the_choices_are_what_the_log_holds(shown):
    assert [choice.title for choice in shown.state.users] == ["carl", "mira", "vera"]
    assert [choice.title for choice in shown.state.kinds] == ["Manifest set", "Secret set", "Package raised"]


def test_a_row_leads_to_its_line_as_it_was_received(shown):
    shown.choose_line("4")
    assert (shown.state.raw_title, shown.state.raw) == (
        "Raw line 4 · UTC 2031-05-03 14:03:22.000",
        raised(3, 6).rstrip(),
    )


# since the last visit


def test_at_a_first_visit_nothing_is_marked_as_new(shown):
    assert shown.state.since is None
    assert shown.state.notes == ()


def test_what_came_since_the_last_visit_is_above_a_mark_and_can_be_had_alone(kept, presenter):
    visited(kept, "".join(LOG.splitlines(keepends=True)[:3]))
    presenter.activated()
    presenter.set_session(session(kept[0]))
    assert [row.key for row in presenter.state.rows if not row.children] == ["since"]
    above = [row for row in presenter.state.rows if row.key.startswith("new-")]
    assert [row.key for group in above for row in group.children] == ["5", "4"]
    assert (presenter.state.since.text, presenter.state.since.enabled) == ("Since last visit 2", True)
    presenter.choose_new(True)
    assert keys(presenter) == ["5", "4"]


def test_the_mark_stays_while_the_page_is_in_front_and_moves_when_it_is_left(kept, presenter):
    visited(kept, FIRST)
    presenter.set_session(session(kept[0]))
    presenter.activated()
    assert presenter.state.since.text == "Since last visit 4"
    presenter.set_session(session(kept[0], LOG + raised(0, 9)))
    assert presenter.state.since.text == "Since last visit 5"
    presenter.deactivated()
    presenter.activated()
    assert (presenter.state.since.text, presenter.state.since.enabled) == ("Since last visit 0", False)


def test_what_was_not_in_front_does_not_count_as_read(kept, presenter):
    presenter.set_session(session(kept[0]))
    assert kept[1].of(kept[0].id) is None


def test_old_data_does_not_count_as_read(kept, presenter):
    presenter.activated()
    presenter.set_session(SessionState(kept[0], WatchState(observed(), TimedOut("No answer."), 1)))
    assert kept[1].of(kept[0].id) is None
    assert presenter.state.stale_since


def test_visits_belong_to_their_connection_and_go_with_it(kept, tmp_path):
    visited(kept, LOG)
    owner, visits = kept
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        other = store.add(dataclasses.replace(owner, name="valley", id=type(owner.id)(0)))
        assert visits.of(other.id) is None
        store.remove(owner.id)
    assert visits.of(owner.id) is None


# what a log that only grows would not show


@pytest.mark.parametrize(
    ("log", "fact"),
    [
        (FIRST, "The log is shorter than at your last visit, 4 May"),
        (LOG.replace("mira", "nora"), "Lines that you have seen at your last visit, 4 May"),
        ("".join(LOG.splitlines(keepends=True)[1:]) + raised(0, 9), "Lines that you have seen"),
    ],
    ids=["shorter", "changed", "beginning cut off"],
)
def test_a_log_that_is_not_the_one_that_was_read_is_told(kept, presenter, log, fact):
    visited(kept, LOG)
    presenter.activated()
    presenter.set_session(session(kept[0], log))
    assert presenter.state.notes[0].fact.startswith(fact)
    presenter.deactivated()
    presenter.activated()
    assert "another" not in {note.key for note in presenter.state.notes}  # it counts from then on


def test_a_log_that_has_grown_is_nothing_to_tell(kept, presenter):
    visited(kept, LOG)
    presenter.activated()
    presenter.set_session(session(kept[0], LOG + raised(0, 9)))
    assert presenter.state.notes == ()


def test_lines_older_than_those_before_them_are_told(kept, presenter):
    presenter.set_session(session(kept[0], LOG + raised(20, 9) + raised(30, 10)))
    (note,) = presenter.state.notes
    assert note.fact == "2 lines are older than the one before them, the first is line 6"


def test_a_log_without_its_beginning_is_told(kept, presenter):
    presenter.set_session(session(kept[0], raised(3, 6)))
    (note,) = presenter.state.notes
    assert note.fact == "The log does not begin with a first manifest"


# export


def test_the_lines_go_out_as_they_were_received(shown, tmp_path):
    shown.export(Export.JSON_LINES, tmp_path / "log.jsonl")
    assert (tmp_path / "log.jsonl").read_text("utf-8") == LOG
    assert shown._view.said == [f"Saved as {tmp_path / 'log.jsonl'}"]


def test_a_table_has_the_lines_that_the_filter_leaves(shown, tmp_path):
    shown.choose_kind("PACKAGE_RAISED")
    shown.export(Export.CSV, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading[:4] == ["line", "time (UTC)", "user", "action"]
    assert [(row[0], row[2], row[5]) for row in rows] == [("4", "vera", "6"), ("5", "carl", "8")]


def test_no_spreadsheet_takes_a_name_for_a_formula(kept, presenter, tmp_path):
    presenter.set_session(session(kept[0], FIRST + raised(1, 9, user="=HYPERLINK(1)", package="+1")))
    presenter.export(Export.CSV, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        row = list(csv.reader(file))[2]
    assert row[2] == "'=HYPERLINK(1)"
    assert not any(cell[:1] in "=+-@" for cell in row if cell)


def test_a_place_that_cannot_be_written_is_said(shown, tmp_path):
    shown.export(Export.CSV, tmp_path / "nowhere" / "log.csv")
    assert shown._view.said == ["log.csv cannot be written: no such file or directory. Choose another place."]


# other states


@pytest.mark.parametrize(
    ("session_of", "title"),
    [
        (lambda _: SessionState(), "No coordinator is connected"),
        (lambda it: session(it, state=CoordinatorState.WAITING_FOR_MANIFEST), "The log is available once"),
        (
            lambda it: session(it, state=CoordinatorState.RECOVERY),
            "The log is available once a manifest is set.",
        ),
        (lambda it: SessionState(it, WatchState(None, TimedOut("No answer."), 1)), "No answer."),
    ],
    ids=["nothing", "waiting", "recovery", "unreachable"],
)
def test_where_there_is_no_log_the_page_says_why_and_leads_on(presenter, kept, session_of, title):
    presenter.set_session(session_of(kept[0]))
    assert presenter.state.notice.title.startswith(title)
    (action,) = presenter.state.notice.actions
    presenter.act(action.key)
    assert len(presenter._elsewhere.done) == 1


def test_the_effective_manifest_tells_who_raised_what(shown):
    shown.choose_tab(Tab.EFFECTIVE)
    assert [[cell.text for cell in row.cells[:4]] for row in shown.state.packages] == [
        ["dome", "5", "8", "carl"],
        ["camera", "by UniqueID", "by UniqueID", ""],
    ]
    shown.act(shown.state.compare.key)
    assert shown._elsewhere.done == ["effective"]


def test_names_of_any_kind_are_shown_as_text(kept, presenter):
    strange = FIRST + json.dumps({"time": "2031-05-06T00:00:00Z", "update": "x" * 9, "user": ["<b>", None]})
    presenter.set_session(session(kept[0], strange))
    assert (
        next(row.cells[1].text for group in presenter.state.rows for row in group.children) == '["<b>", null]'
    )


# the page


def test_ctrl_f_searches_and_a_row_shows_its_line(qtbot, theme, presenter, kept):
    page = AuditPage(presenter, ActionsPresenter(Keeper(NOW), InlineRunner()))
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    presenter.set_session(session(kept[0]))
    page.activated()
    page.timeline.table.set_current("4")
    assert presenter.state.raw == raised(3, 6).rstrip()
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page.timeline._search, "mira")
    assert keys(presenter) == ["2"]
