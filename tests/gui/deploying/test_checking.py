"""A first manifest is checked and reviewed before it is sent."""

from tests.fakes.deploying import MANIFEST, Coordinator, prepared, walk
from tests.fakes.manifests import observatory


def test_the_draft_knows_what_the_manifest_asks_for():
    contents = prepared(MANIFEST).contents
    assert (contents.words, contents.generated, contents.holders) == (
        "1 package · 1 marble · 2 secrets",
        1,
        (),
    )
    assert contents.waiting == ("p",)
    assert "Packages.web.Vendor" in [warning.path for warning in contents.warnings]


def test_a_manifest_that_would_be_refused_stays_at_the_check(open_wizard):
    presenter, view = open_wizard(
        prepared(MANIFEST | {"Marbles": {"web": {"Package": "wbe"}}}), Coordinator()
    )
    presenter.forward()
    presenter.accept_warnings(True)
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == (
        "check",
        "The coordinator would refuse this manifest.",
    )
    assert view.pages.findings[0].cells[0].text == "Error"


def test_rows_of_high_severity_must_be_ticked(open_wizard):
    presenter, view = open_wizard(prepared(MANIFEST), Coordinator())
    presenter.accept_warnings(True)
    walk(presenter, "review")
    boxes = [row for group in view.pages.rows for row in group.children if row.checked is not None]
    assert [row.cells[0].text for row in boxes] == ["web", "p"]
    assert view.wizard.gate.text == "0 of 2 high-severity rows ticked"
    presenter.forward()
    assert view.wizard.page == "review"
    presenter.tick(boxes[0].key, True)
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == ("review", "1 of 2 high-severity rows ticked")
    presenter.tick(boxes[1].key, True)
    presenter.forward()
    assert view.wizard.page == "confirm"


def test_several_recovery_keys_stay_at_the_check_of_an_old_coordinator(open_wizard):
    keys = observatory()["RecoveryKeys"]
    manifest = observatory() | {"RecoveryKeys": {"one": keys["vault"], "two": keys["vault"]}}
    presenter, view = open_wizard(prepared(manifest), Coordinator())
    presenter.accept_warnings(True)
    presenter.forward()
    presenter.forward()
    assert view.wizard.page == "check"
    assert "takes one recovery key" in view.wizard.gate.text
