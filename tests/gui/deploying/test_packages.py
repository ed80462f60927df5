"""A package update in the deploy wizard: no-op, downgrade and missing rights are told before anything is sent."""

import json
import re
from dataclasses import replace

import pytest

from marble_console.pages.deploy.change import prepare_change
from marble_console.pages.deploy.state import Deploy
from marble_console.pages.manifest.documents import Document, Origin
from marble_core.packageupdate import UpdateRefused, update_text
from tests.fakes.deploying import BASELINE, NOW, VERA, confirm_update, profile, raised, running, update, walk
from tests.fakes.manifests import observatory


def test_a_package_is_raised_from_the_form(open_wizard):
    coordinator = running()
    presenter, view = open_wizard(update(), coordinator)
    walk(presenter, "versions")
    assert [line.facts for line in view.pages.lines] == ["at 6 · shutter", "no version · plate"]
    presenter.type_version("dome", "8")
    confirm_update(presenter)
    assert view.wizard.primary.text == "Raise dome"
    assert any(line.startswith("2 marbles must restart.") for line in view.pages.happens)
    presenter.forward()
    assert (view.wizard.page, view.pages.result.title) == ("result", "Raised: dome 8")
    assert any("Restart 2 marbles" in line for line in view.pages.checklist)


@pytest.mark.parametrize(
    ("typed", "remark"),
    [
        ("5", "Lowering is refused: it is at 6, you say 5."),
        ("6", "It is at 6 already."),
        ("seven", "A version is a whole number"),
        ("-1", "A version is a whole number"),
        ("99999999999", "A version is a whole number"),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", "A version is a whole number"),
    ],
)
def test_what_raises_nothing_is_caught_before_it_is_sent(open_wizard, typed, remark):
    coordinator = running()
    presenter, view = open_wizard(update(), coordinator)
    walk(presenter, "versions")
    presenter.type_version("dome", typed)
    presenter.forward()
    assert (view.wizard.page, coordinator.sent) == ("versions", 0)
    assert view.pages.lines[0].remark.startswith(remark)
    assert remark in view.wizard.gate.text


def test_a_form_without_a_version_goes_nowhere(open_wizard):
    presenter, view = open_wizard(update(), running())
    walk(presenter, "versions")
    presenter.forward()
    assert view.wizard.gate.text == "Type the new version of at least one package."


def test_a_package_known_by_its_unique_id_cannot_be_raised(open_wizard):
    presenter, view = open_wizard(update({"camera": 3}), running())
    walk(presenter, "versions")
    assert "UniqueID" in view.wizard.gate.text


@pytest.mark.parametrize(
    ("acting", "gate"),
    [
        (None, "Choose the identity of a user."),
        (replace(VERA, is_locked=True), "Unlock vera."),
        (replace(VERA, user=None), "This identity belongs to no user of the manifest."),
    ],
)
def test_an_update_needs_a_user_who_can_act(open_wizard, acting, gate):
    presenter, view = open_wizard(update(acting=acting), running())
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == ("target", gate)
    presenter.act("identity")
    assert presenter._around.asked == ["identity"]
    presenter.set_acting(VERA)
    presenter.forward()
    assert view.wizard.page == "versions"


def test_a_user_without_the_right_is_told_before_anything_is_sent(open_wizard):
    stranger = replace(VERA, user="mira")
    presenter, view = open_wizard(update({"dome": 8}, acting=stranger), running())
    walk(presenter, "versions")
    assert view.wizard.gate.text == "dome: mira may not raise it."


def test_a_lost_answer_of_an_update_is_read_from_the_log(open_wizard):
    coordinator = running(loses_answer=True)
    presenter, view = open_wizard(update({"dome": 8}), coordinator)
    confirm_update(presenter)
    presenter.forward()
    assert (view.wizard.page, coordinator.sent) == ("result", 1)
    assert "The answer was lost on its way." in view.pages.result.why


def test_an_update_that_was_overtaken_is_not_sent(open_wizard):
    coordinator = running()
    presenter, view = open_wizard(update({"dome": 8}), coordinator)
    confirm_update(presenter)
    coordinator.log += raised("dome", 7, "carl")
    presenter.forward()
    assert (view.wizard.page, coordinator.sent) == ("send", 0)
    assert view.pages.problem.title.startswith("What is in force has changed since you reviewed it.")


# from a file


def written(tmp_path, content):
    path = tmp_path / "package-update.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_package_update_file_fills_the_form(open_wizard, tmp_path):
    coordinator = running()
    presenter, view = open_wizard(update(), coordinator)
    walk(presenter, "versions")
    presenter.load_versions(written(tmp_path, update_text({"dome": 8}).decode()))
    assert [line.typed for line in view.pages.lines] == ["8", ""]
    confirm_update(presenter)
    presenter.forward()
    assert (view.pages.result.title, coordinator.sent) == ("Raised: dome 8", 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            {"Packages": {"dome": {"SecurityVersion": 8}, "tower": {"SecurityVersion": 1}}},
            "no package “tower”",
        ),
        (observatory(), "is no package-update file."),
        ("no JSON", "is no package-update file."),
        ({"Packages": {"dome": {}}}, "names no version of any package."),
        ({}, "names no version of any package."),
    ],
    ids=["unknown package", "whole manifest", "no JSON", "no version", "empty"],
)
def test_a_file_that_raises_nothing_is_named_and_fills_nothing_in(open_wizard, tmp_path, content, sentence):
    presenter, view = open_wizard(update(), running())
    walk(presenter, "versions")
    presenter.load_versions(written(tmp_path, content))
    assert sentence in view.pages.not_loaded.title
    assert [line.typed for line in view.pages.lines] == ["", ""]
    presenter.type_version("dome", "8")
    assert view.pages.not_loaded is None


def test_a_file_that_is_gone_is_named(open_wizard, tmp_path):
    presenter, view = open_wizard(update(), running())
    walk(presenter, "versions")
    presenter.load_versions(tmp_path / "package-update.json")
    assert view.pages.not_loaded.title == "package-update.json cannot be read: no such file or directory."


def changed(content, **more):
    document = Document("change.json", json.dumps(content).encode(), Origin.FILE)
    return prepare_change(document, BASELINE, profile(), NOW, **more)


def test_a_document_with_packages_alone_is_what_coordinators_take_it_for():
    found = changed({"Packages": {"dome": {"SecurityVersion": 9}}}, offers_v2=True)
    assert (found.kind, found.versions) == (Deploy.PACKAGES, {"dome": "9"})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            {"Packages": {"dome": {"SecurityVersion": 5}}},
            "Lowering is refused: dome is at 6, the update says 5.",
        ),
        ({"Packages": observatory()["Packages"]}, "can change the SecurityVersion only"),
        ({"Packages": {}}, "The update names no package."),
    ],
    ids=["lowered", "nothing but packages", "nothing"],
)
def test_a_document_with_packages_alone_that_would_be_refused_is_told_at_once(content, sentence):
    with pytest.raises(UpdateRefused, match=re.escape(sentence) if sentence[0] == "L" else sentence):
        changed(content, offers_v2=True)
