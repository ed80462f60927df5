"""The manifest page's decisions, without a window."""

import datetime as dt
import hashlib

import pytest

from marble_client.answers import CoordinatorState, ServedManifest
from marble_console.pages.manifest.desk import EFFECTIVE
from marble_console.pages.manifest.presenter import RUNNING, ManifestPresenter
from marble_console.target import Target
from marble_console.tasks import InlineRunner
from marble_core.manifest.findings import Finding, Position, Severity, Span
from marble_core.updatelog import format_line, parse_log

GOOD = b'{"Packages": {}}\n'


def finding(severity: Severity, line: int = 1) -> Finding:
    start = Position(line * 10, line, 1)
    return Finding("R5", severity, "Marbles.web.TLS[0]", "No TLS tag “websrv”.", "m", Span(start, start))


class Elsewhere:
    def __init__(self):
        self.compared, self.set = [], []

    def compare(self, document):
        self.compared.append(document)

    def set_manifest(self, document):
        self.set.append(document)


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def problems():
    """What the check finds in any document whose text has the word "bent"."""
    return [finding(Severity.ADVICE), finding(Severity.ERROR, 9), finding(Severity.ERROR, 4)]


@pytest.fixture
def presenter(elsewhere, problems):
    return ManifestPresenter(InlineRunner(), elsewhere, lambda raw: problems if b"bent" in raw else [])


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.json"
    path.write_bytes(GOOD)
    return path


@pytest.fixture
def bent(tmp_path):
    path = tmp_path / "bent.json"
    path.write_bytes(b'{"bent": 1}')
    return path


def target(state=CoordinatorState.WAITING_FOR_MANIFEST, raw=None, **more):
    running = None if raw is None else ServedManifest(raw, hashlib.sha256(raw).hexdigest(), b"")
    return Target("local", state, running, **more)


def test_without_a_document_the_page_says_how_to_get_one(presenter):
    assert presenter.state.empty.title == "No manifest is open"
    assert [action.key for action in presenter.state.empty.actions] == ["open", "new", "running"]
    assert presenter.state.empty.actions[2].reason == "No coordinator is connected."


def test_an_opened_file_is_shown_and_checked(presenter, good):
    presenter.open_path(good)
    state = presenter.state
    assert (state.document.raw, state.tabs[0].title, state.verdict.text) == (GOOD, "good.json", "No errors")
    assert state.facts[1:] == ("UTF-8 · LF · 17 bytes",)


def test_opening_a_file_twice_brings_its_tab_to_the_front(presenter, good, bent):
    presenter.open_path(good)
    presenter.open_path(bent)
    presenter.open_path(good)
    assert [tab.title for tab in presenter.state.tabs] == ["good.json", "bent.json"]
    assert presenter.state.document.title == "good.json"


def test_problems_come_most_severe_first_and_in_the_order_of_the_text(presenter, bent):
    presenter.open_path(bent)
    assert [(row.cells[0].text, row.cells[2].text) for row in presenter.state.problems] == [
        ("Error", "4:1"),
        ("Error", "9:1"),
        ("Advice", "1:1"),
    ]
    assert presenter.state.verdict.text == "2 errors block setting"


def test_a_file_that_cannot_be_read_gives_a_banner_and_keeps_the_rest(presenter, good, tmp_path):
    presenter.open_path(good)
    presenter.open_path(tmp_path / "lost.json")
    assert presenter.state.banner.fact == "lost.json cannot be read: no such file or directory."
    assert presenter.state.document.title == "good.json"
    presenter.dismiss_banner()
    assert presenter.state.banner is None


def test_typing_marks_the_tab_at_once_and_is_checked_at_the_pause(presenter, good):
    presenter.open_path(good)
    revision = presenter.state.revision
    presenter.touched()
    assert presenter.state.tabs[0].modified
    presenter.take_text('{"bent": 2}')
    assert presenter.state.document.raw == b'{"bent": 2}'
    assert presenter.state.verdict.text == "2 errors block setting"
    assert presenter.state.revision == revision


def test_saving_writes_the_bytes_and_clears_the_mark(presenter, good):
    presenter.open_path(good)
    presenter.touched()
    presenter.take_text("{}")
    assert presenter.unsaved() == ("good.json",)
    presenter.save()
    assert good.read_bytes() == b"{}"
    assert (presenter.unsaved(), presenter.state.tabs[0].modified) == ((), False)


def test_saving_under_another_name_moves_the_tab(presenter, good, tmp_path):
    presenter.open_path(good)
    presenter.save(tmp_path / "copy.json")
    assert [tab.title for tab in presenter.state.tabs] == ["copy.json"]
    assert (tmp_path / "copy.json").read_bytes() == GOOD


def test_a_change_on_disk_is_overwritten_only_when_told(presenter, good):
    presenter.open_path(good)
    good.write_bytes(b"other")
    presenter.touched()
    presenter.take_text("{}")
    presenter.save()
    assert good.read_bytes() == b"other"
    assert [action.key for action in presenter.state.banner.actions] == ["dismiss", "reload", "overwrite"]
    presenter.overwrite()
    assert (good.read_bytes(), presenter.state.banner) == (b"{}", None)


def test_reloading_takes_the_file_as_it_is_now(presenter, good):
    presenter.open_path(good)
    good.write_bytes(b'{"other": 1}')
    presenter.reload()
    assert presenter.state.document.raw == b'{"other": 1}'


def test_the_running_manifest_opens_read_only(presenter):
    presenter.set_target(target(CoordinatorState.RUNNING, GOOD))
    presenter.open_running()
    assert (presenter.state.current, presenter.state.document.raw) == (RUNNING, GOOD)
    assert presenter.state.read_only == "This is the manifest in force. Save a copy to edit it."


def test_a_saved_copy_of_the_running_manifest_can_be_edited(presenter, tmp_path):
    presenter.set_target(target(CoordinatorState.RUNNING, GOOD))
    presenter.open_running()
    presenter.save(tmp_path / "copy.json")
    assert not presenter.state.read_only
    assert presenter.state.tabs[0].title == "copy.json"


def test_the_running_tab_follows_what_is_in_force(presenter):
    presenter.set_target(target(CoordinatorState.RUNNING, GOOD))
    presenter.open_running()
    presenter.set_target(target(CoordinatorState.RUNNING, b'{"new": 1}'))
    assert presenter.state.document.raw == b'{"new": 1}'
    presenter.set_target(target(CoordinatorState.RECOVERY))
    assert presenter.state.tabs == ()


@pytest.mark.parametrize(
    ("connected", "reason"),
    [
        (None, "No coordinator is connected."),
        (target(), ""),
        (target(CoordinatorState.RECOVERY), ""),
        (target(CoordinatorState.RUNNING, b"{}"), ""),
        (target(CoordinatorState.RUNNING, GOOD), "This is the manifest in force."),
        (target(reachable=False), "local cannot be reached."),
    ],
    ids=["none", "waiting", "recovery", "running", "running this", "unreachable"],
)
def test_a_manifest_can_be_set_only_where_one_is_taken(presenter, elsewhere, good, connected, reason):
    presenter.set_target(connected)
    presenter.open_path(good)
    assert (presenter.state.deploy.enabled, presenter.state.deploy.reason) == (not reason, reason)
    presenter.set_manifest()
    assert len(elsewhere.set) == (not reason)


def test_a_manifest_with_errors_is_not_set(presenter, elsewhere, bent):
    presenter.set_target(target())
    presenter.open_path(bent)
    presenter.set_manifest()
    assert not elsewhere.set
    assert presenter.state.deploy.reason == "The coordinator would refuse it: see the problems."


def test_closing_the_front_tab_shows_the_one_before(presenter, good, bent):
    presenter.open_path(good)
    presenter.open_path(bent)
    presenter.close(presenter.state.current)
    assert presenter.state.document.title == "good.json"
    presenter.close(presenter.state.current)
    assert presenter.state.empty


def test_same_as_running_is_said(presenter, good):
    presenter.set_target(
        Target("local", CoordinatorState.RUNNING, ServedManifest(GOOD, hashlib.sha256(GOOD).hexdigest(), b""))
    )
    presenter.open_path(good)
    assert "same as running" in presenter.state.facts


SHOP = b'{"Packages": {"shop": {"SignerID": "aa", "ProductID": 3, "SecurityVersion": 3}}}\n'


def raising(*versions, user="ivo"):
    """A coordinator whose package was raised to these versions, one after the other."""
    text = "".join(
        format_line(
            dt.datetime(2026, 11, 20 + at, 9, 30, tzinfo=dt.UTC),
            "SecurityVersion increased",
            user=user,
            package="shop",
            **{"new version": version},
        )
        for at, version in enumerate(versions)
    )
    return target(CoordinatorState.RUNNING, SHOP, log=parse_log(text), has_raised=True)


def test_the_effective_manifest_has_what_was_raised_and_says_by_which_line(presenter):
    presenter.set_target(raising(4, 6))
    presenter.open_effective()
    state = presenter.state
    assert state.document.raw == SHOP.replace(b": 3}}", b": 6}}")
    (difference,) = state.differences
    assert state.document.raw[: difference.span.start.offset].endswith(b'"SecurityVersion": ')
    assert "shop: submitted with 3, raised to 6 on" in difference.sentence
    assert difference.sentence.endswith("by ivo. Line 2 of the update log.")


def test_it_is_never_taken_for_the_submitted_one(presenter, elsewhere):
    presenter.set_target(raising(4))
    presenter.open_effective()
    state = presenter.state
    assert not any("SHA-256" in fact or "running" in fact for fact in state.facts)
    assert "Nobody sent it like this" in state.read_only
    assert state.deploy.reason == "The effective manifest is there to be read. Save a copy to set it."
    assert presenter.documents == ()
    presenter.open_running()
    assert [tab.title for tab in presenter.state.tabs] == ["Effective", "Running"]
    assert presenter.state.document.raw == SHOP
    assert presenter.state.differences == ()


def test_without_raises_it_is_the_submitted_one_byte_for_byte(presenter):
    presenter.set_target(raising(3))  # to the version that it has: logged, and nothing differs
    presenter.open_effective()
    assert presenter.state.document.raw == SHOP
    assert presenter.state.differences == ()
    assert presenter.state.read_only.startswith("Nothing was raised since")


def test_its_tab_follows_the_log_and_goes_with_the_manifest(presenter):
    presenter.set_target(raising(4))
    presenter.open_effective()
    presenter.set_target(raising(4, 5))
    assert [it.raised.version for it in presenter.state.differences] == [5]
    presenter.set_target(target(CoordinatorState.RECOVERY))
    assert presenter.state.tabs == ()


def test_a_saved_copy_is_a_document_of_its_own(presenter, tmp_path):
    presenter.set_target(raising(4))
    presenter.open_effective()
    presenter.save(tmp_path / "copy.json")
    assert [(tab.title, tab.icon) for tab in presenter.state.tabs] == [("copy.json", "file-code-2")]
    assert presenter.state.current != EFFECTIVE
    assert presenter.state.read_only == ""


def test_a_submitted_manifest_that_cannot_be_read_has_no_effective_one(presenter):
    presenter.set_target(target(CoordinatorState.RUNNING, b"{oops", log=raising(4).log))
    presenter.open_effective()
    assert presenter.state.banner.fact.startswith("The manifest in force cannot be read")


def test_what_the_coordinator_does_not_have_is_not_offered(presenter):
    presenter.set_target(target(CoordinatorState.RECOVERY))
    assert [(it.key, it.enabled, bool(it.reason)) for it in presenter.state.loads] == [
        ("running", False, True),
        ("effective", False, True),
    ]
