"""Comparing manifests: by meaning, as text, and what is said of it."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_client.answers import CoordinatorState, ServedManifest
from marble_console.pages.compare.comparison import compare as compared
from marble_console.pages.compare.exporting import Export
from marble_console.pages.compare.listing import chips, listed, meaning
from marble_console.pages.compare.presenter import ComparePresenter
from marble_console.pages.compare.sources import of_pending
from marble_console.pages.compare.state import Filter
from marble_console.pages.compare.textdiff import LineKind
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.revealing import REVEAL_SECONDS
from marble_console.target import Target
from marble_console.tasks import InlineRunner
from marble_core.manifest.diff import ChangeKind
from marble_core.manifest.impact import CLIENT_API_V2
from marble_core.manifest.review import HIDDEN
from marble_core.updatelog import format_line, parse_log

NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)

OLD = {
    "Packages": {"web": {"SignerID": "5e" * 32, "ProductID": 1, "SecurityVersion": 7}},
    "Marbles": {"web": {"Package": "web", "MaxActivations": 4, "Parameters": {"Argv": ["web", "--tls"]}}},
    "Roles": {"reader": {"ResourceType": "Secrets", "ResourceNames": ["a", "b"], "Actions": ["ReadSecret"]}},
}
NEW = {
    "Packages": {"web": {"SignerID": "5e" * 32, "ProductID": 1, "SecurityVersion": 8}},
    "Marbles": {"web": {"Package": "web", "Parameters": {"Argv": ["web", "--tls", "--audit"]}}},
    "Secrets": {"audit": {"Type": "plain", "UserDefined": True}},
    "Roles": {"reader": {"ResourceType": "Secrets", "ResourceNames": ["b", "a"], "Actions": ["readsecret"]}},
}


def raw(manifest) -> bytes:
    return json.dumps(manifest, indent=2).encode()


def compare(before, after, **options):
    return compared(before, after, CLIENT_API_V2, NOW, **options)


def cells(groups):
    return [tuple(cell.text for cell in row.cells) for group in groups for row in group.children]


def leaves(comparison):
    return [row[:4] for row in cells(listed(comparison, Filter(), frozenset(), frozenset()))]


def test_changes_are_listed_by_section_with_sign_and_values():
    assert leaves(compare(raw(OLD), raw(NEW))) == [
        ("web.SecurityVersion", "~", "7", "8"),
        ("web.MaxActivations", "−", "4", "–"),
        ("web.Parameters.Argv[2]", "+", "–", "--audit"),
        ("audit", "+", "–", "plain, user-defined"),
    ]


def test_a_change_leads_to_its_lines():
    comparison = compare(raw(OLD), raw(NEW))
    key = comparison.rows[0].key
    lines = comparison.lines[key]
    assert b"SecurityVersion" in raw(OLD).splitlines()[lines.before - 1]
    assert b"SecurityVersion" in raw(NEW).splitlines()[lines.after - 1]


def test_counts_have_sign_and_word():
    assert [(chip.sign, chip.text) for chip in chips(compare(raw(OLD), raw(NEW)).difference)] == [
        ("+", "2 added"),
        ("−", "1 removed"),
        ("~", "1 changed"),
    ]


def test_form_alone_is_no_difference_in_meaning():
    comparison = compare(raw(OLD), json.dumps(OLD, sort_keys=True).encode())
    assert (comparison.same_meaning, comparison.same_bytes) == (True, False)


def test_a_broken_side_is_compared_as_text_and_named():
    comparison = compare(raw(OLD), raw(OLD)[:-5])
    assert comparison.broken.startswith("The manifest after is no JSON from line ")
    assert comparison.rows == ()
    assert comparison.texts.beside.rows


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_two_files_can_be_compared(before, after):
    compare(before, after)


@pytest.fixture
def presenter():
    return make_presenter()


class Elsewhere:
    """The rest of the console, which remembers what it was asked for."""

    def __init__(self):
        self.set = []

    def set_manifest(self, document):
        self.set.append(document)


class View:
    def __init__(self):
        self.said = []

    def show_state(self, state):
        pass

    def told(self, sentence):
        self.said.append(sentence)


def make_presenter(elsewhere=None, documents=(), clock=lambda: NOW):
    def print_pdf(html, path):
        path.write_text(html, encoding="utf-8")
        return path

    return ComparePresenter(
        InlineRunner(),
        elsewhere or Elsewhere(),
        clock=clock,
        print_pdf=print_pdf,
        documents=lambda: tuple(documents),
    )


def document(manifest, title="orders.json"):
    return Document(title, raw(manifest), Origin.FILE)


def running(manifest, **more):
    return Target("local", CoordinatorState.RUNNING, ServedManifest(raw(manifest), "", b""), **more)


def raised(version):
    return parse_log(format_line(NOW, "SecurityVersion increased", package="web", **{"new version": version}))


def test_nothing_chosen_says_what_to_choose(presenter):
    assert presenter.state.notice.title == "Choose two manifests"


def test_a_document_is_compared_with_the_manifest_in_force(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    state = presenter.state
    assert (state.before, state.after) == ("running", "orders.json")
    assert [choice.title for choice in state.choices][:2] == ["Running · local", "orders.json"]
    assert state.verdict == "Bytes and meaning differ."


def test_sides_can_be_swapped(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    presenter.swap()
    assert (presenter.state.before, presenter.state.after) == ("orders.json", "running")
    assert [chip.text for chip in presenter.state.counts] == ["1 added", "2 removed", "1 changed"]


def test_two_documents_need_no_coordinator(presenter):
    presenter.compare(document(OLD, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(NEW, "new.json"))
    assert (presenter.state.before, presenter.state.after) == ("old.json", "new.json")
    assert presenter.state.rows


def test_a_side_follows_the_manifest_in_force(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(OLD))
    assert presenter.state.verdict == "No difference. The bytes are identical."
    presenter.set_target(running(NEW))
    assert presenter.state.verdict == "Bytes and meaning differ."


def test_the_side_of_a_lost_coordinator_becomes_empty(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    presenter.set_target(None)
    assert (presenter.state.before, presenter.state.notice.title) == ("", "Choose two manifests")


def test_a_file_that_cannot_be_read_is_named(presenter, tmp_path):
    presenter.open_path(tmp_path / "lost.json")
    assert presenter.state.notice.title == "lost.json cannot be read: no such file or directory."


# what it means


def test_the_meaning_is_told_in_sentences_with_the_rows_that_bring_it_about():
    comparison = compare(raw(OLD), raw(NEW))
    told = meaning(comparison, "local", offers_v2=False)
    assert told.sentences[0] == "Package web is raised from 7 to 8."
    assert told.update == "Needs a full update, which local does not offer."
    by_headline = {effect.headline: effect for effect in told.effects}
    assert by_headline["web below version 8 is refused"].keys == (comparison.rows[0].key,)


def test_a_manifest_that_cannot_be_read_is_compared_but_not_judged():
    told = meaning(compare(raw(OLD), raw(OLD | {"Packages": []})), "", offers_v2=None)
    assert told.effects == ()
    assert told.note.startswith("What this means cannot be told: the manifest after cannot be read.")


def test_high_severity_is_marked_and_counted(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    first = presenter.state.rows[0].children[0]
    assert first.cells[-1].chip.text == "High"
    assert presenter.state.high.text == "3 high severity"


# secrets

SECRET = {"Secrets": {"pin": {"Type": "plain", "UserDefined": True, "Private": "aHVudGVyMg=="}}}
OTHER_SECRET = {"Secrets": {"pin": {"Type": "plain", "UserDefined": True, "Private": "czNjcjN0"}}}


def compare_secrets(presenter):
    presenter.compare(document(SECRET, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(OTHER_SECRET, "new.json"))


def test_values_of_secrets_are_masked_in_rows_and_texts_until_asked_for(presenter):
    compare_secrets(presenter)
    (key,) = presenter.state.keys
    masked = repr((presenter.state, presenter.state.texts))
    assert HIDDEN in masked
    assert not any(value in masked for value in ("aHVudGVyMg", "czNjcjN0"))
    changed = [row for row in presenter.state.texts.beside.rows if row.kind is LineKind.CHANGED]
    assert len(changed) == 1
    presenter.toggle_revealed(key)
    assert cells(presenter.state.rows)[0][2:4] == ("aHVudGVyMg==", "czNjcjN0")
    presenter.hide_values()
    assert cells(presenter.state.rows)[0][2:4] == (HIDDEN, HIDDEN)


def test_a_revealed_value_is_masked_again_after_its_time():
    now = [NOW]
    presenter = make_presenter(clock=lambda: now[0])
    compare_secrets(presenter)
    (key,) = presenter.state.keys
    presenter.toggle_revealed(key)
    now[0] = NOW + dt.timedelta(seconds=REVEAL_SECONDS - 1)
    presenter.tick()
    assert (presenter.state.seconds, presenter.state.revealed) == (1, {key})
    now[0] = NOW + dt.timedelta(seconds=REVEAL_SECONDS)
    presenter.tick()
    assert (presenter.state.seconds, presenter.state.revealed) == (0, frozenset())
    assert cells(presenter.state.rows)[0][2:4] == (HIDDEN, HIDDEN)


def test_the_time_is_the_one_that_was_chosen(presenter):
    compare_secrets(presenter)
    presenter.reveal_seconds = 10
    (key,) = presenter.state.keys
    presenter.toggle_revealed(key)
    assert (presenter.state.seconds, presenter.state.of_seconds) == (10, 10)


def test_revealing_a_row_masks_the_one_before(presenter):
    before = SECRET["Secrets"] | {"other": {"Type": "plain", "UserDefined": True, "Private": "b25l"}}
    after = OTHER_SECRET["Secrets"] | {"other": {"Type": "plain", "UserDefined": True, "Private": "dHdv"}}
    presenter.compare(document(SECRET | {"Secrets": before}, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(OTHER_SECRET | {"Secrets": after}, "new.json"))
    for key in presenter.state.keys:
        presenter.toggle_revealed(key)
        assert presenter.state.revealed == {key}
    presenter.toggle_revealed(key)
    assert presenter.state.revealed == frozenset()


def test_a_broken_text_is_masked_by_guess(presenter):
    presenter.compare(document(SECRET, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(Document("new.json", raw(OTHER_SECRET)[:-6], Origin.FILE))
    shown = repr(presenter.state.texts)
    assert not any(value in shown for value in ("aHVudGVyMg", "czNjcjN0"))


@pytest.mark.parametrize("kind", Export)
def test_an_exported_review_holds_no_secret(presenter, tmp_path, kind):
    compare_secrets(presenter)
    path = tmp_path / f"review.{kind}"
    presenter.export(kind, path)
    text = path.read_text(encoding="utf-8")
    assert "Secrets" in text
    assert not any(value in text for value in ("aHVudGVyMg", "czNjcjN0"))


# reviewing


def test_rows_are_marked_as_reviewed_and_counted(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    presenter.toggle_reviewed(presenter.state.keys[0])
    assert presenter.state.reviewed == "Reviewed 1 of 4"
    assert presenter.state.rows[0].children[0].cells[-1].icon == "check"
    presenter.toggle_reviewed(presenter.state.keys[0])
    assert presenter.state.reviewed == "Reviewed 0 of 4"


def test_a_manifest_in_force_that_moves_under_a_review_is_told_and_waits(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    for key in presenter.state.keys:
        presenter.toggle_reviewed(key)
    moved = OLD | {"Packages": {"web": OLD["Packages"]["web"] | {"SecurityVersion": 6}}}
    presenter.set_target(running(moved))
    assert presenter.state.banner.key == "moved"
    assert leaves_of(presenter)[0] == ("web.SecurityVersion", "~", "7", "8")
    presenter.follow()
    assert leaves_of(presenter)[0] == ("web.SecurityVersion", "~", "6", "8")
    assert (presenter.state.banner, presenter.state.reviewed) == (None, "Reviewed 3 of 4")


def leaves_of(presenter):
    return [row[:4] for row in cells(presenter.state.rows)]


def test_the_effective_manifest_is_compared_where_packages_were_raised(presenter):
    presenter.set_target(running(OLD, log=raised(8), has_raised=True))
    presenter.compare(document(NEW))
    assert presenter.state.before == "effective"
    assert "web.SecurityVersion" not in [row[0] for row in leaves_of(presenter)]
    presenter.choose_before("running")
    assert leaves_of(presenter)[0] == ("web.SecurityVersion", "~", "7", "8")


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (Filter(high_only=True), ["web.SecurityVersion", "web.MaxActivations", "audit"]),
        (Filter(kinds=frozenset({ChangeKind.ADDED})), ["web.Parameters.Argv[2]", "audit"]),
        (Filter(section="Secrets"), ["audit"]),
        (Filter(text="ARGV"), ["web.Parameters.Argv[2]"]),
        (Filter(text="user-defined"), ["audit"]),
        (Filter(unreviewed_only=True), ["web.MaxActivations", "web.Parameters.Argv[2]", "audit"]),
        (Filter(text="nothing of the sort"), []),
    ],
)
def test_rows_are_filtered(presenter, wanted, left):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    presenter.toggle_reviewed(presenter.state.keys[0])
    presenter.filter(wanted)
    assert [row[0] for row in leaves_of(presenter)] == left
    assert bool(presenter.state.nothing_left) == (not left)


def test_a_line_of_the_text_leads_to_its_row(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    lines = presenter.state.lines[presenter.state.keys[0]]
    assert presenter.row_at(lines.before, lines.after) == presenter.state.keys[0]
    assert presenter.row_at(1, 1) == ""


def test_lines_far_from_a_change_are_shown_on_demand(presenter):
    long = OLD | {"Infrastructures": {f"hill-{n}": {} for n in range(30)}}
    presenter.compare(document(long, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(long | {"Packages": {}}, "new.json"))
    folded = len(presenter.state.texts.beside.rows)
    presenter.set_folded(False)
    assert len(presenter.state.texts.beside.rows) > folded
    assert all(row.kind is not LineKind.FOLD for row in presenter.state.texts.beside.rows)


# sources


def test_open_documents_and_the_clipboard_can_be_chosen():
    presenter = make_presenter(documents=[document(OLD, "one.json"), document(NEW, "two.json")])
    presenter.activated()
    presenter.choose_before("one.json")
    presenter.paste(raw(NEW).decode(), on_before=False)
    assert [choice.title for choice in presenter.state.choices][:3] == ["one.json", "two.json", "Clipboard"]
    assert len(presenter.state.keys) == 4
    presenter.paste(raw(OLD).decode(), on_before=False)
    assert presenter.state.verdict == "No difference. The bytes are identical."


def test_an_edit_of_a_chosen_document_is_compared_when_the_page_comes_back():
    documents = [document(OLD, "one.json"), document(OLD, "two.json")]
    presenter = make_presenter(documents=documents)
    presenter.activated()
    presenter.choose_before("one.json")
    presenter.choose_after("two.json")
    documents[1] = document(NEW, "two.json")
    presenter.activated()
    assert len(presenter.state.keys) == 4


# going on


def test_a_package_update_file_is_made_of_raised_versions_alone(presenter, tmp_path):
    newer = OLD | {"Packages": {"web": OLD["Packages"]["web"] | {"SecurityVersion": 9}}}
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    assert not presenter.state.update_file.enabled
    presenter.compare(document(newer, "newer.json"))
    presenter.save_update(tmp_path / "update.json")
    assert json.loads((tmp_path / "update.json").read_bytes()) == {
        "Packages": {"web": {"SecurityVersion": 9}}
    }


def test_why_no_package_update_file_can_be_made_is_said(presenter):
    presenter.set_target(running(OLD))
    lowered = json.loads(raw(OLD))
    lowered["Packages"]["web"]["SecurityVersion"] = 6
    presenter.compare(document(lowered))
    assert presenter.state.update_file.reason == "A package update cannot lower a version: web 7 → 6."


def test_the_after_side_is_deployed_as_the_document_it_is():
    elsewhere = Elsewhere()
    presenter = make_presenter(elsewhere)
    presenter.set_target(Target("local", CoordinatorState.WAITING_FOR_MANIFEST))
    presenter.compare(document(OLD, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(NEW, "new.json"))
    presenter.deploy()
    assert [one.title for one in elsewhere.set] == ["new.json"]


def test_a_difference_that_is_more_than_raised_versions_is_deployed_whole_where_that_is_offered(presenter):
    presenter.set_target(running(OLD, offers_v2=True))
    presenter.compare(document(NEW))
    assert presenter.state.deploy.enabled
    presenter.deploy()
    (sent,) = presenter._errands.set
    assert sent.raw == raw(NEW)
    presenter.set_target(running(OLD, offers_v2=False))
    assert "This coordinator offers only 0.4.0." in presenter.state.deploy.reason


def test_what_is_pending_is_put_beside_what_is_in_force(presenter):
    presenter.set_target(running(OLD, offers_v2=True))
    asks = [choice.key for choice in presenter.state.choices]
    assert "ask:pending" in asks
    presenter.compare_pending(of_pending(raw(NEW), "3fa9c2d1" + "0" * 56, "local"))
    sides = {choice.key: choice.title for choice in presenter.state.choices}
    assert (sides[presenter.state.before], sides[presenter.state.after]) == (
        "Running · local",
        "Pending 3fa9c2d1 · local",
    )
    assert cells(presenter.state.rows)[0][:4] == ("web.SecurityVersion", "~", "7", "8")


def test_no_pending_update_is_offered_by_a_coordinator_that_knows_none(presenter):
    presenter.set_target(running(OLD, offers_v2=False))
    assert "ask:pending" not in [choice.key for choice in presenter.state.choices]


def test_without_a_coordinator_nothing_can_be_deployed(presenter):
    presenter.compare(document(OLD, "old.json"))
    presenter.choose_before("old.json")
    presenter.compare(document(NEW, "new.json"))
    assert presenter.state.deploy.reason == "No coordinator can be reached."


def test_a_review_that_cannot_be_written_says_so_and_stays(presenter):
    view = View()
    presenter.attach(view)
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    presenter.export(Export.MARKDOWN, Path("/nowhere/review.md"))
    assert presenter.state.banner.fact == "review.md cannot be written: no such file or directory."
    assert presenter.state.rows
    presenter.dismiss()
    assert (presenter.state.banner, view.said) == (None, [])
