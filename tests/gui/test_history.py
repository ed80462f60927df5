"""The manifests that were deployed: kept by connection, chosen to compare with, forgotten."""

import datetime as dt

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from marble_client.address import Address
from marble_console.coordinators.history import DeployedHistory, DeployedKind
from marble_console.coordinators.profiles import Kind, Profile, ProfilesError, ProfileStore
from marble_console.coordinators.schema import MIGRATIONS
from marble_console.pages.history.dialog import HistoryDialog
from marble_console.pages.history.presenter import HistoryPresenter
from marble_console.tasks import InlineRunner

FULL_UPDATES = 6  # the version of the schema before it knew of them
NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path):
    with ProfileStore(tmp_path / "console.sqlite3") as store:
        yield store


@pytest.fixture
def owner(store):
    return store.add(Profile("orders", Kind.REMOTE, Address("coordinator.example", 4433), NOW))


@pytest.fixture
def history(store, owner):
    """Two manifests of one connection."""
    history = DeployedHistory(store.path)
    history.add(owner.id, NOW - dt.timedelta(days=3), DeployedKind.FIRST, b"first")
    history.add(owner.id, NOW, DeployedKind.PACKAGES, b"second", identity="vera", note="CHANGE-1")
    return history


def test_the_newest_comes_first_and_bytes_come_back_as_they_were(history, owner):
    newest, oldest = history.of(owner.id)
    assert (newest.kind, newest.identity, newest.note, newest.size) == ("packages", "vera", "CHANGE-1", 6)
    assert (history.load(newest.id), history.load(oldest.id)) == (b"second", b"first")


def test_they_belong_to_their_connection_and_go_with_it(history, store, owner):
    other = store.add(Profile("bills", Kind.REMOTE, Address("elsewhere.example", 4433), NOW))
    assert history.of(other.id) == ()
    newest, _ = history.of(owner.id)
    store.remove(owner.id)
    assert history.load(newest.id) is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DeployedKind.FIRST, "First manifest"),
        (DeployedKind.PACKAGES, "Packages raised"),
        (DeployedKind.FULL, "Manifest replaced"),
        (DeployedKind.PROPOSED, "Update begun"),
    ],
)
def test_each_kind_is_kept_and_told(store, owner, kind, words):
    history = DeployedHistory(store.path)
    history.add(owner.id, NOW, kind, b"raw")
    view = HistoryPresenter(history, InlineRunner(), owner, chosen=lambda _: None, now=lambda: NOW)
    view.attach(View())
    assert view.state.rows[0].cells[1].text == words


class View:
    def show_state(self, state):
        self.state = state

    def finish(self):
        pass


def test_what_was_kept_before_there_were_full_updates_is_still_there(tmp_path, monkeypatch):
    path = tmp_path / "console.sqlite3"
    with monkeypatch.context() as before:
        before.setattr("marble_console.coordinators.database.MIGRATIONS", MIGRATIONS[:FULL_UPDATES])
        with ProfileStore(path) as store:
            owner = store.database.change(
                "INSERT INTO connection (name, kind, host, port, server_name, environment, root_der, created,"
                " manifest_fingerprint) VALUES ('orders', 'remote', 'a.example', 4433, '', 'none', x'', ?, '')",
                (NOW.isoformat(),),
            )
        history = DeployedHistory(path)
        history.add(owner, NOW, DeployedKind.FIRST, b"first")
        with pytest.raises(ProfilesError):
            history.add(owner, NOW, DeployedKind.FULL, b"second")
    history.add(owner, NOW, DeployedKind.FULL, b"second")
    assert [history.load(one.id) for one in history.of(owner)] == [b"second", b"first"]
    with ProfileStore(path) as store:
        store.remove(owner)
    assert history.of(owner) == ()


def test_old_ones_make_room(history, owner, monkeypatch):
    monkeypatch.setattr("marble_console.coordinators.history._MOST", 2)
    history.add(owner.id, NOW, DeployedKind.PACKAGES, b"third")
    assert [history.load(one.id) for one in history.of(owner.id)] == [b"third", b"second"]


def test_what_is_shown_holds_no_bytes(history, owner):
    assert "second" not in repr(history.of(owner.id))


class Chosen:
    def __init__(self):
        self.sources = []

    def __call__(self, source):
        self.sources.append(source)


@pytest.fixture
def opened(qtbot, theme, history, owner):
    """The dialog, and what was chosen in it."""
    chosen = Chosen()
    presenter = HistoryPresenter(history, InlineRunner(), owner, chosen=chosen, now=lambda: NOW)
    dialog = HistoryDialog(presenter, None)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog, chosen


def button(dialog, name):
    return next(each for each in dialog.findChildren(object, name))


def test_one_is_chosen_to_compare_with(opened):
    dialog, chosen = opened
    QTest.keyClick(button(dialog, "history:use"), Qt.Key.Key_Return)
    (source,) = chosen.sources
    assert (source.raw, source.title.endswith("· orders")) == (b"second", True)
    assert not dialog.isVisible()


def test_one_is_forgotten(opened, history, owner):
    dialog, _ = opened
    QTest.keyClick(button(dialog, "history:forget"), Qt.Key.Key_Return)
    assert [history.load(one.id) for one in history.of(owner.id)] == [b"first"]
    assert len(dialog.rows.rows_model.rows) == 1


def test_nothing_deployed_yet_says_so(qtbot, theme, store):
    fresh = store.add(Profile("bills", Kind.REMOTE, Address("elsewhere.example", 4433), NOW))
    history = DeployedHistory(store.path)
    presenter = HistoryPresenter(history, InlineRunner(), fresh, chosen=Chosen(), now=lambda: NOW)
    dialog = HistoryDialog(presenter, None)
    qtbot.addWidget(dialog)
    assert presenter.state.notice.title == "Nothing was deployed from here yet"
    assert not button(dialog, "history:use").isEnabled()


def test_a_history_that_cannot_be_read_says_why(tmp_path, owner):
    path = tmp_path / "broken.sqlite3"
    path.write_bytes(b"no database" * 100)
    presenter = HistoryPresenter(
        DeployedHistory(path), InlineRunner(), owner, chosen=Chosen(), now=lambda: NOW
    )

    class View:
        def show_state(self, state):
            self.state = state

        def finish(self):
            raise AssertionError("nothing was chosen")

    view = View()
    presenter.attach(view)
    assert "damaged" in view.state.notice.title
