"""Comparing manifests: by meaning, as text, and what is said of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_client.answers import CoordinatorState, ServedManifest
from marble_console.pages.compare.comparison import compare, shown_value
from marble_console.pages.compare.presenter import ComparePresenter
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.target import Target
from marble_console.tasks import InlineRunner

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


def leaves(comparison):
    return [tuple(cell.text for cell in row.cells) for group in comparison.rows for row in group.children]


def test_changes_are_listed_by_section_with_sign_and_values():
    assert leaves(compare(raw(OLD), raw(NEW))) == [
        ("web.SecurityVersion", "~", "7", "8"),
        ("web.MaxActivations", "−", "4", "–"),
        ("web.Parameters.Argv[2]", "+", "–", "--audit"),
        ("audit", "+", "–", "plain, user-defined"),
    ]


def test_a_change_leads_to_its_lines():
    comparison = compare(raw(OLD), raw(NEW))
    key = comparison.rows[0].children[0].key
    lines = comparison.lines[key]
    assert b"SecurityVersion" in raw(OLD).splitlines()[lines.before - 1]
    assert b"SecurityVersion" in raw(NEW).splitlines()[lines.after - 1]


def test_counts_have_sign_and_word():
    assert [(chip.sign, chip.text) for chip in compare(raw(OLD), raw(NEW)).counts] == [
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
    assert comparison.text


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_two_files_can_be_compared(before, after):
    compare(before, after)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", '""'),
        ("two\nlines", "two\\nlines"),
        (True, "true"),
        (3, "3"),
        (("a", 1), "a, 1"),
        ((), "empty list"),
        (("a",) * 9, "9 items"),
        ({"Type": "symmetric-key", "Size": 128, "Shared": True}, "symmetric-key, 128 bits, shared"),
        ({"Package": "web", "TLS": ()}, "Package, TLS"),
        ({}, "{}"),
    ],
)
def test_values_are_shown_on_one_line(value, shown):
    assert shown_value(value) == shown


@pytest.fixture
def presenter():
    return ComparePresenter(InlineRunner())


def document(manifest, title="orders.json"):
    return Document(title, raw(manifest), Origin.FILE)


def running(manifest):
    return Target("local", CoordinatorState.RUNNING, ServedManifest(raw(manifest), "", b""))


def test_nothing_chosen_says_what_to_choose(presenter):
    assert presenter.state.notice.title == "Choose two manifests"


def test_a_document_is_compared_with_the_manifest_in_force(presenter):
    presenter.set_target(running(OLD))
    presenter.compare(document(NEW))
    state = presenter.state
    assert (state.before, state.after) == ("running", "orders.json")
    assert [source.title for source in state.sources] == ["Running · local", "orders.json"]
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
