"""Certificates and recovery keys that are made go into the manifest that is being edited, and can be taken out again."""

import datetime as dt
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from PySide6.QtWidgets import QPushButton

from marble_console.draftplace import DraftPlace
from marble_console.pages.identities.makedialog import MakeDialog
from marble_console.pages.identities.making import MakePresenter
from marble_console.pages.manifest.page import ManifestPage
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.pages.new_key.dialog import NewKeyDialog
from marble_console.pages.new_key.presenter import NewKeyPresenter
from marble_console.tasks import InlineRunner
from marble_core.manifest.check import check_manifest
from tests.fakes.manifests import bent, observatory

NOON = dt.datetime(2030, 5, 6, 12, tzinfo=dt.UTC)
WORDS = "seven grey herons on a roof"


class Elsewhere:
    def __init__(self):
        self.places = {}

    def new_certificate(self, place):
        self.places["certificate"] = place

    def new_recovery_key(self, place):
        self.places["recovery-key"] = place


class NoWallet:
    """Nobody has a connection in hand."""

    class state:  # noqa: N801 # an attribute
        profile = None


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def page(qtbot, theme, elsewhere):
    presenter = ManifestPresenter(InlineRunner(), elsewhere, lambda raw: check_manifest(raw).findings)
    page = ManifestPage(presenter, InlineRunner())
    qtbot.addWidget(page)
    page.resize(1100, 900)
    with qtbot.waitExposed(page):
        page.show()
    return page


def open_draft(page, *changes):
    page._presenter.paste(json.dumps(bent(*changes), indent=2).encode(), "sky.json")
    return page.editor.toPlainText()


def press_in_form(page, *path):
    page.show_view("form")
    page.pane.workspace.choose(path[:2])
    page.pane.workspace.form.findChild(QPushButton, f"field:{'/'.join(path)}:new").click()


def make_certificate(presenter, folder, name="mia"):
    presenter.change("name", name=name)
    presenter.change("folder", folder=folder)
    presenter.change("encrypted", encrypted=False)
    presenter.make(None)


def make_key(presenter, dialog, folder, holder):
    dialog.choose.fill(holder, WORDS)
    presenter.forward()
    presenter.save(folder / "holder.pem")
    presenter.forward()


def manifest(page):
    return json.loads(page.editor.toPlainText())


def test_a_certificate_made_from_the_form_is_put_into_its_user(page, elsewhere, tmp_path):
    before = open_draft(page)
    press_in_form(page, "Users", "vera", "Certificate")
    making = MakePresenter(
        NoWallet(), InlineRunner(), now=lambda: NOON, place=elsewhere.places["certificate"]
    )
    assert making.state.draft.name == "vera"
    make_certificate(making, tmp_path, "vera")
    pem = manifest(page)["Users"]["vera"]["Certificate"]
    assert x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string() == "CN=vera"
    assert manifest(page)["Users"]["vera"]["Roles"] == observatory()["Users"]["vera"]["Roles"]
    assert making.state.draft_said == "Put into sky.json, where Ctrl+Z takes it back."
    page.editor.undo()
    assert page.editor.toPlainText() == before


def test_a_key_made_from_the_form_is_put_in_once_its_private_half_is_saved(page, elsewhere, qtbot, tmp_path):
    before = open_draft(page)
    press_in_form(page, "RecoveryKeys", "vault")
    making = NewKeyPresenter(InlineRunner(), 2048, place=elsewhere.places["recovery-key"])
    dialog = NewKeyDialog(making)
    qtbot.addWidget(dialog)
    assert making.draft.holder == "vault"
    dialog.choose.fill("vault", WORDS)
    making.forward()
    assert page.editor.toPlainText() == before
    making.save(tmp_path / "vault.pem")
    making.forward()
    made = load_pem_public_key(manifest(page)["RecoveryKeys"]["vault"].encode())
    assert made == load_pem_public_key(making.draft.key.public_pem.encode())
    assert "PRIVATE" not in page.editor.toPlainText()
    page.editor.undo()
    assert page.editor.toPlainText() == before


def test_a_key_made_elsewhere_is_added_where_that_is_wanted(page, qtbot, tmp_path):
    open_draft(page)
    making = NewKeyPresenter(InlineRunner(), 2048, place=page.open_draft("RecoveryKeys"))
    dialog = NewKeyDialog(making)
    qtbot.addWidget(dialog)
    make_key(making, dialog, tmp_path, "holder-4")
    assert "holder-4" not in manifest(page)["RecoveryKeys"]
    button = dialog.findChild(QPushButton, "new-key:draft")
    assert button.text() == "Add to sky.json"
    button.click()
    assert manifest(page)["RecoveryKeys"]["holder-4"] == making.draft.key.public_pem
    assert button.isHidden()
    page.take_text()
    assert "R" not in {finding.rule[0] for finding in page._state.findings}


def test_a_certificate_made_elsewhere_becomes_a_user_without_roles(page, qtbot, tmp_path):
    open_draft(page)
    making = MakePresenter(NoWallet(), InlineRunner(), now=lambda: NOON, place=page.open_draft("Users"))
    dialog = MakeDialog(making, None)
    qtbot.addWidget(dialog)
    make_certificate(making, tmp_path)
    dialog.findChild(QPushButton, "make:draft").click()
    assert manifest(page)["Users"]["mia"]["Roles"] == []
    assert making.state.draft_said.startswith("Put into sky.json")


def test_an_entry_that_is_there_is_not_replaced_by_one_of_the_same_name(page):
    before = open_draft(page)
    told = []
    page.open_draft("RecoveryKeys").put("vault", "-----BEGIN PUBLIC KEY-----\n", told.append)
    assert told == ["“vault” is in RecoveryKeys already."]
    assert page.editor.toPlainText() == before


def test_what_cannot_be_edited_is_no_place(page, tmp_path):
    assert page.open_draft("Users") is None
    path = tmp_path / "sky.yaml"
    path.write_text("Packages: {}\n")
    page.open_path(path)
    assert page.open_draft("Users") is None


def test_a_text_that_is_broken_by_then_takes_nothing_and_says_so(page):
    open_draft(page)
    place = page.open_draft("Users")
    page.editor.setPlainText("{oops")
    told = []
    place.put("mia", "pem", told.append)
    assert told
    assert place.outcome(told[0]).startswith("Not put into sky.json: ")
    assert page.editor.toPlainText() == "{oops"


def test_without_a_draft_nothing_is_offered(qtbot, theme, tmp_path):
    making = NewKeyPresenter(InlineRunner(), 2048)
    dialog = NewKeyDialog(making)
    qtbot.addWidget(dialog)
    make_key(making, dialog, tmp_path, "holder-4")
    assert dialog.findChild(QPushButton, "new-key:draft").isHidden()


def test_a_place_says_what_came_of_it():
    place = DraftPlace("sky.json", lambda *_: None)
    assert place.outcome("No room.") == "Not put into sky.json: No room."
