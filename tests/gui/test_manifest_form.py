"""The form writes into the text with the smallest edits, and shows what the text says."""

import datetime as dt
import json
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit, QPlainTextEdit, QPushButton

from marble_console.pages.manifest.form.presenter import FormPresenter
from marble_console.pages.manifest.form.state import FieldKind, FieldState
from marble_console.pages.manifest.page import ManifestPage
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.pages.manifest.references import references
from marble_console.pages.manifest.views import form as form_module
from marble_console.tasks import InlineRunner
from marble_core.manifest.check import check_manifest
from tests.core.test_enclave import sigstruct
from tests.fakes.later import LaterRunner
from tests.fakes.manifests import bent, certificate_pem, observatory, recovery_pem


class Elsewhere:
    def __getattr__(self, name):
        return lambda *_: None


@pytest.fixture
def page(qtbot, theme):
    presenter = ManifestPresenter(InlineRunner(), Elsewhere(), lambda raw: check_manifest(raw).findings)
    page = ManifestPage(presenter, InlineRunner())
    qtbot.addWidget(page)
    page.resize(1100, 900)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    return page


@pytest.fixture(scope="module")
def enclave():
    return sigstruct(rsa.generate_private_key(3, 3072))


def open_form(page, *path, changes=(), indent=2):
    page._presenter.paste(json.dumps(bent(*changes), indent=indent).encode())
    page.show_view("form")
    page.pane.workspace.choose(path)
    return page.editor.toPlainText()


def field(page, kind, *path):
    name = f"field:{'/'.join(map(str, path))}"
    found = page.pane.workspace.form.findChild(kind, name)
    assert found is not None, name
    return found


def manifest(page):
    return json.loads(page.editor.toPlainText())


def changed_lines(before, after):
    return [line for line in after.split("\n") if line not in before.split("\n")]


def test_a_number_is_written_where_it_stands_and_undone_in_one_step(page):
    before = open_form(page, "Packages", "dome")
    line = field(page, QLineEdit, "Packages", "dome", "SecurityVersion")
    line.setText("9")
    line.editingFinished.emit()
    assert changed_lines(before, page.editor.toPlainText()) == ['      "SecurityVersion": 9']
    page.editor.undo()
    assert page.editor.toPlainText() == before


def test_a_field_that_is_emptied_goes_and_one_that_is_filled_comes(page):
    open_form(page, "Packages", "dome")
    line = field(page, QLineEdit, "Packages", "dome", "SignerID")
    line.setText("")
    line.editingFinished.emit()
    line = field(page, QLineEdit, "Packages", "dome", "UniqueID")
    line.setText("ab")
    line.editingFinished.emit()
    assert manifest(page)["Packages"]["dome"] == {"ProductID": 3, "SecurityVersion": 5, "UniqueID": "ab"}


def test_what_is_no_number_is_not_written(page):
    before = open_form(page, "Packages", "dome")
    line = field(page, QLineEdit, "Packages", "dome", "ProductID")
    line.setText("three")
    line.editingFinished.emit()
    assert page.editor.toPlainText() == before


def test_references_are_picked_from_lists(page):
    open_form(page, "Marbles", "plate")
    combo = field(page, QComboBox, "Marbles", "plate", "Package")
    assert [combo.itemData(at) for at in range(combo.count())] == ["", "dome", "camera"]
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    tag = field(page, QCheckBox, "Marbles", "plate", "TLS:link")
    tag.click()
    assert manifest(page)["Marbles"]["plate"]["Package"] == "dome"
    assert manifest(page)["Marbles"]["plate"]["TLS"] == ["link"]
    field(page, QCheckBox, "Marbles", "plate", "TLS:link").click()
    assert manifest(page)["Marbles"]["plate"]["TLS"] == []


def test_a_reference_that_leads_nowhere_is_shown_and_can_be_taken_out(page):
    open_form(page, "Users", "vera", changes=[(("Users", "vera", "Roles"), ["lost", "keeper"])])
    lost = field(page, QCheckBox, "Users", "vera", "Roles:lost")
    assert lost.text() == "lost (not defined)"
    lost.click()
    assert manifest(page)["Users"]["vera"]["Roles"] == ["keeper"]


def test_parameters_show_their_templates_and_where_they_fail(page):
    env = ("Marbles", "shutter", "Parameters", "Env")
    open_form(page, "Marbles", "shutter", changes=[((*env, "SKY"), "{{ hex .Secrets.lost }}")])
    shown = {it.path[-1]: it for it in page.pane.workspace.form._state.fields}
    assert shown["SKY"].problem.startswith("The template fails at line 1, column 4: ")
    assert shown["OWN"].note == f"With placeholders: {'2a' * 16}"
    box = field(page, QPlainTextEdit, *env, "SKY")
    box.setFocus()
    box.setPlainText("{{ hex .Secrets.star }}")
    field(page, QPlainTextEdit, *env, "OWN").setFocus()
    assert manifest(page)["Marbles"]["shutter"]["Parameters"]["Env"]["SKY"] == "{{ hex .Secrets.star }}"


def test_a_value_with_an_encoding_keeps_it(page):
    path = ("Marbles", "shutter", "Parameters", "Files", "/etc/noise")
    open_form(page, "Marbles", "shutter")
    box = field(page, QPlainTextEdit, *path)
    box.setFocus()
    box.setPlainText("AAAA")
    box.clearFocus()
    assert manifest(page)["Marbles"]["shutter"]["Parameters"]["Files"]["/etc/noise"] == {
        "Data": "AAAA", "Encoding": "base64", "NoTemplates": True,
    }  # fmt: skip


def test_entries_are_added_renamed_and_removed(page, monkeypatch):
    open_form(page, "Packages", "dome")
    form = page.pane.workspace.form
    monkeypatch.setattr(form_module, "ask_for_text", lambda *_: "tower")
    form._ask_entry("Packages")
    assert manifest(page)["Packages"]["tower"] == {"SignerID": "", "ProductID": 1, "SecurityVersion": 1}
    assert form._state.chosen == ("Packages", "tower")
    page.pane.workspace.choose(("Packages", "dome"))
    monkeypatch.setattr(form_module, "ask_for_text", lambda *_: "cupola")
    form._ask_name()
    assert manifest(page)["Marbles"]["shutter"]["Package"] == "cupola"
    assert form._state.chosen == ("Packages", "cupola")
    page.pane.workspace.choose(("Packages", "tower"))
    form._remove.click()
    assert list(manifest(page)["Packages"]) == ["cupola", "camera"]


def test_connections_and_parameters_are_added_and_removed(page, monkeypatch):
    open_form(page, "TLS", "link")
    field(page, QPushButton, "TLS", "link", "Incoming:add").click()
    assert len(manifest(page)["TLS"]["link"]["Incoming"]) == 3
    line = field(page, QLineEdit, "TLS", "link", "Incoming", 2, "Port")
    line.setText("7009")
    line.editingFinished.emit()
    assert manifest(page)["TLS"]["link"]["Incoming"][2] == {"Port": "7009"}
    page.pane.workspace.form._do(lambda it: it.remove(("TLS", "link", "Incoming", 0)))
    assert [it["Port"] for it in manifest(page)["TLS"]["link"]["Incoming"]] == ["7002", "7009"]
    page.pane.workspace.choose(("Marbles", "plate"))
    monkeypatch.setattr(form_module, "ask_for_text", lambda *_: "MODE")
    field(page, QPushButton, "Marbles", "plate", "Parameters", "Env:add").click()
    assert manifest(page)["Marbles"]["plate"]["Parameters"]["Env"]["MODE"] == ""


def test_a_pem_comes_from_a_file_and_a_private_key_does_not(page, tmp_path, monkeypatch):
    open_form(page, "Users", "vera")
    file = tmp_path / "user.pem"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    file.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    button = field(page, QPushButton, "Users", "vera", "Certificate:file")
    before = page.editor.toPlainText()
    button.click()
    assert page.editor.toPlainText() == before
    assert "It holds a PRIVATE KEY. Wanted: -----BEGIN CERTIFICATE-----." in page._said
    file.write_text("subject: mira\r\n" + certificate_pem("mira"))
    button.click()
    assert manifest(page)["Users"]["vera"]["Certificate"] == certificate_pem("mira")
    page.pane.workspace.choose(("RecoveryKeys", "vault"))
    file.write_text(recovery_pem(2048, 7))
    field(page, QPushButton, "RecoveryKeys", "vault:file").click()
    assert manifest(page)["RecoveryKeys"]["vault"] == recovery_pem(2048, 7)


@pytest.mark.parametrize(
    ("by", "fields"),
    [("code", {"UniqueID"}), ("signer", {"SignerID", "ProductID", "SecurityVersion"}), ("", None)],
)
def test_the_identity_of_an_enclave_comes_from_its_file(page, enclave, tmp_path, monkeypatch, by, fields):
    open_form(page, "Packages", "dome")
    file = tmp_path / "enclave.signed"
    file.write_bytes(enclave)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(page.pane.workspace, "choose_identity", lambda _: by)
    before = manifest(page)["Packages"]["dome"]
    page.pane.workspace.form._identity.click()
    after = manifest(page)["Packages"]["dome"]
    if fields is None:
        assert after == before
    else:
        assert set(after) - {"Debug"} == fields
        assert after != before


def test_a_file_that_is_no_enclave_is_refused_with_the_reason(page, tmp_path, monkeypatch):
    open_form(page, "Packages", "dome")
    file = tmp_path / "text"
    file.write_bytes(struct.pack("<I", 7))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    page.pane.workspace.form._identity.click()
    assert "The file holds no enclave signature." in page._said


def test_every_section_has_a_form_that_writes_nothing_by_itself(page):
    before = open_form(page)
    for section in page.pane.workspace.form._state.sections:
        for path in [(section.name,), *((section.name, entry.name) for entry in section.entries)]:
            page.pane.workspace.choose(path)
            assert page.pane.workspace.form._state.chosen == path
            for widget in page.pane.workspace.form._widgets:
                if widget.input is not None:
                    widget.input.setFocus()
            QTest.keyClick(page, Qt.Key.Key_Tab)
    assert page.editor.toPlainText() == before


def test_a_text_that_is_no_json_has_no_form_and_says_so(page):
    page._presenter.paste(b'{"Packages": \n oops}')
    page.show_view("form")
    assert page.pane.workspace.form._state.why_not.startswith(
        "The text is no JSON, so it has no form. Line 2: "
    )


def test_the_outline_leads_to_the_text_and_to_the_form(page):
    open_form(page, "Packages", "dome")
    outline = page.pane.workspace.outline.rows
    outline.set_current(json.dumps(["Secrets", "web"]))
    assert page.pane.workspace.form._state.chosen == ("Secrets", "web")
    page.show_view("text")
    outline.set_current(json.dumps(["Roles", "raiser"]))
    assert page.editor.textCursor().block().text().strip() == '"raiser": {'


def test_references_tell_what_is_used_by_whom_and_what_leads_nowhere():
    text = json.dumps(bent((("Users", "vera", "Roles"), ["lost"]), (("TLS", "spare"), {})))
    groups = {title: {it.name: it for it in rows} for title, rows in references(text).groups}
    assert (groups["Secrets"]["star"].uses, groups["Secrets"]["star"].where) == (
        1, "Marbles.shutter.Parameters.Files./etc/star.key",
    )  # fmt: skip
    assert not groups["Roles"]["lost"].is_defined
    assert (groups["TLS"]["spare"].uses, groups["TLS"]["spare"].wants_uses) == (0, True)
    assert not groups["Users"]["carl"].wants_uses
    assert references("{").why_not


def test_a_name_in_the_references_leads_into_the_text(page):
    page._presenter.paste(json.dumps(observatory(), indent=2).encode())
    page.show_view("references")
    page.pane.workspace.references.rows.opened.emit("Secrets\0note")
    assert page.pane.workspace.view == "text"
    assert page.editor.textCursor().block().text().strip() == '"note": {'


def test_beside_the_form_the_text_shows_what_the_form_writes(page):
    before = open_form(page, "Packages", "dome")
    page.switch_split()
    assert page.editor.isVisible()
    line = field(page, QLineEdit, "Packages", "dome", "SecurityVersion")
    line.setText("8")
    line.editingFinished.emit()
    after = page.editor.toPlainText()
    assert changed_lines(before, after) == ['      "SecurityVersion": 8']
    assert page.editor.line_at(page.editor.place()[0] - 1) == '      "SecurityVersion": 8'
    page.editor.undo()
    page.take_text()
    assert field(page, QLineEdit, "Packages", "dome", "SecurityVersion").text() == "5"


def test_beside_the_text_the_form_follows_the_cursor_and_the_text_the_outline(page):
    text = open_form(page, "Packages", "dome")
    page.switch_split()
    page.editor.setFocus()
    cursor = page.editor.textCursor()
    cursor.setPosition(text.index("MaxActivations"))
    page.editor.setTextCursor(cursor)
    assert page.pane.workspace.form._title.text() == "Marbles / shutter"
    page.pane.workspace.outline.rows.set_current(json.dumps(["Secrets", "note"]))
    assert page.editor.line_at(page.editor.place()[0] - 1).strip() == '"note": {'
    assert page.pane.workspace.form._title.text() == "Secrets / note"
    page.switch_split()
    assert not page.editor.isVisible()


def test_the_form_comes_beside_the_text_where_only_that_was_shown(page):
    page._presenter.paste(json.dumps(observatory(), indent=2).encode())
    page.switch_split()
    assert page.pane.workspace.form.isVisible()
    assert page.editor.isVisible()


def test_without_room_for_two_views_one_stays_and_the_button_says_why(page, qtbot):
    open_form(page, "Packages", "dome")
    page.switch_split()
    page.resize(600, 900)
    qtbot.waitUntil(lambda: not page.editor.isVisible())
    assert page.pane.workspace.form.isVisible()
    assert "widen the window" in page.pane.tabs.split.toolTip()
    page.switch_split()
    assert "widen the window" in page._said
    page.resize(1100, 900)
    qtbot.waitUntil(page.editor.isVisible)


# edits that come faster than they are made


class Text:
    """What the form presenter wants of the page: a text, and which document it is."""

    def __init__(self, text):
        self.text, self.key, self.said = text, "first", []

    def document_key(self):
        return self.key

    def present_text(self):
        return self.text

    def put_text(self, text):
        self.text = text

    def show_form(self, state): ...

    def say(self, sentence):
        self.said.append(sentence)


@pytest.fixture
def typing():
    """The text, the presenter and its runner, with a field each of a package, and the tags of a marble."""
    text, runner = Text(json.dumps(bent(), indent=2)), LaterRunner()
    presenter = FormPresenter(runner, text, lambda: dt.datetime(2026, 11, 2, tzinfo=dt.UTC))
    version = FieldState(("Packages", "dome", "SecurityVersion"), "", FieldKind.NUMBER, "5")
    debug = FieldState(("Packages", "dome", "Debug"), "", FieldKind.FLAG)
    return text, runner, presenter, version, debug


def run_all(runner):
    while runner.waiting:
        runner.run()


def test_an_edit_does_not_drop_the_one_that_is_still_being_made(typing):
    text, runner, presenter, version, debug = typing
    presenter.edit(version, "9")
    presenter.edit(debug, "true")
    run_all(runner)
    dome = json.loads(text.text)["Packages"]["dome"]
    assert (dome["SecurityVersion"], dome["Debug"]) == (9, True)


def test_names_ticked_one_after_the_other_are_all_there(typing):
    text, runner, presenter, *_ = typing
    tags = FieldState(("Marbles", "plate", "TLS"), "", FieldKind.NAMES, choices=("link", "far"))
    presenter.toggle(tags, "link", on=True)
    presenter.toggle(tags, "far", on=True)
    run_all(runner)
    assert json.loads(text.text)["Marbles"]["plate"]["TLS"] == ["link", "far"]


def test_what_is_typed_while_an_edit_is_made_stays(typing):
    text, runner, presenter, version, _ = typing
    presenter.edit(version, "9")
    text.text = text.text.replace('"dome": {', '"dome": { "Debug": true,', 1)
    run_all(runner)
    dome = json.loads(text.text)["Packages"]["dome"]
    assert (dome["SecurityVersion"], dome["Debug"]) == (9, True)


def test_an_edit_never_goes_into_another_document(typing):
    text, runner, presenter, version, debug = typing
    presenter.edit(version, "9")
    presenter.edit(debug, "true")
    text.key, text.text = "second", "{}"
    run_all(runner)
    assert text.text == "{}"
    assert text.said == ["The last edit was not made: another document came to the front."]
    presenter.toggle(FieldState(("TLS", "x"), "", FieldKind.NAMES), "y", on=True)
    run_all(runner)
    assert json.loads(text.text) == {"TLS": {"x": ["y"]}}
