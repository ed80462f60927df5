"""The manifest page by keyboard: fixes, names, layout, drafts, and edits that must not be lost."""

import datetime as dt
import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog
from shiboken6 import isValid

from marble_client.answers import CoordinatorState, ServedManifest
from marble_console.pages.manifest import dialog as dialog_module
from marble_console.pages.manifest.dialog import ask_for_text
from marble_console.pages.manifest.keeping import Keeper
from marble_console.pages.manifest.page import ManifestPage
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.pages.manifest.views import files, problemcommands, textcommands
from marble_console.pages.manifest.views.outline import OutlinePane
from marble_console.target import Target
from marble_console.tasks import InlineRunner
from marble_core.manifest.check import check_manifest
from marble_core.manifest.decode import decode_manifest
from marble_core.updatelog import format_line, parse_log
from tests.fakes.manifests import bent, observatory


class Memory(dict):
    def text(self, name):
        return self.get(name, "")

    def keep(self, name, value):
        self[name] = value


class Elsewhere:
    def compare(self, document):
        self.compared = document

    def set_manifest(self, document):
        self.set = document


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def make(qtbot, theme, tmp_path, memory):
    def make() -> ManifestPage:
        keeper = Keeper(memory, tmp_path / "drafts")
        presenter = ManifestPresenter(
            InlineRunner(), Elsewhere(), lambda raw: check_manifest(raw).findings, keeper
        )
        page = ManifestPage(presenter, InlineRunner())
        qtbot.addWidget(page)
        page.resize(1100, 800)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        presenter.begin()
        return page

    return make


@pytest.fixture
def write(tmp_path):
    def write(*changes, name="sky.json", indent=1):
        path = tmp_path / name
        path.write_text(json.dumps(bent(*changes), indent=indent))
        return path

    return write


def press(page, keys):
    combination = QKeySequence(keys)[0]
    QTest.keyClick(QGuiApplication.focusObject() or page, combination.key(), combination.keyboardModifiers())


def cursor_behind(page, text, quoted):
    cursor = page.editor.textCursor()
    cursor.setPosition(text.index(quoted) + len(quoted))
    page.editor.setTextCursor(cursor)


def rules(page):
    return [row.cells[1].text for row in page.pane.problems.rows.rows_model.rows]


def test_three_problems_are_fixed_by_key_and_undone_one_by_one(make, write):
    page = make()
    path = write(
        (("Marbles", "plate", "Package"), "Camera"), (("Packages", "dome", "Debug"), True), (("Zoo",), 1)
    )
    page.open_path(path)
    before = page.editor.toPlainText()
    assert {"R2", "A1", "C1"} <= set(rules(page))
    for _ in range(3):
        press(page, "F8")
        press(page, "Ctrl+.")
        page.take_text()
    assert not {"R2", "A1", "C1"} & set(rules(page))
    assert (
        decode_manifest(page.editor.toPlainText().encode()).manifest
        == decode_manifest(json.dumps(observatory()).encode()).manifest
    )
    for _ in range(3):
        page.editor.undo()
    assert page.editor.toPlainText() == before


def test_a_fix_is_pressed_in_its_row(make, write, qtbot):
    page = make()
    page.open_path(write((("Users", "vera", "Roles"), ["keepr", "raiser"])))
    row = next(at for at, rule in enumerate(rules(page)) if rule == "R11")
    cell = page.pane.problems.rows.visualRect(page.pane.problems.rows.rows_model.index(row, 5))
    qtbot.mouseClick(page.pane.problems.rows.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    assert '"keeper"' in page.editor.toPlainText()
    assert "keepr" not in page.editor.toPlainText()


def test_a_reference_leads_to_its_definition_and_its_usages(make, write):
    page = make()
    page.open_path(write())
    text = page.editor.toPlainText()
    cursor_behind(page, text, "raw .Secrets.st")
    press(page, "F12")
    assert page.editor.textCursor().block().text().strip().startswith('"star": {')
    press(page, "Shift+F12")
    assert [row.cells[1].text for row in page.pane.workspace.usages.rows.rows_model.rows] == [
        "Defined",
        "Used",
    ]
    page.pane.workspace.usages.rows.set_current(page.pane.workspace.usages.rows.rows_model.rows[1].key)
    assert "raw .Secrets.star" in page.editor.textCursor().block().text()
    press(page, "Escape")


def test_where_no_name_is_that_is_said(make, write):
    page = make()
    page.open_path(write())
    press(page, "F12")
    assert page.status_left()[0].text == "There is no name at the cursor."


def test_a_name_is_changed_everywhere(make, write, monkeypatch):
    page = make()
    page.open_path(write())
    cursor_behind(page, page.editor.toPlainText(), '"star')
    monkeypatch.setattr(textcommands, "ask_for_text", lambda *_: "moon-key")
    press(page, "F2")
    text = page.editor.toPlainText()
    assert "star" not in text.replace("/etc/star.key", "").replace("{{ raw .Secrets.star", "")
    assert '(index .Secrets \\"moon-key\\")' in text
    page.editor.undo()
    assert '"star"' in page.editor.toPlainText()


def test_formatting_is_shown_first_and_can_be_undone(make, write, monkeypatch):
    page = make()
    path = write(indent=None)
    page.open_path(path)
    notes = []
    monkeypatch.setattr(
        dialog_module.TextsDialog,
        "exec",
        lambda dialog: notes.append(dialog.windowTitle()) or QDialog.DialogCode.Accepted,
    )
    press(page, "Ctrl+Shift+I")
    assert notes == ["Format the manifest"]
    assert page.editor.blockCount() > 50
    page.editor.undo()
    assert page.editor.toPlainText() == path.read_text()


def test_completion_takes_a_field_by_key(make, write):
    page = make()
    page.open_path(write())
    cursor_behind(page, page.editor.toPlainText(), '"ProductID": 3,')
    QTest.keyClicks(page.editor, ' "Deb')
    press(page, "Ctrl+Space")
    assert [it.label for it in page.editor.popup.choices] == ["Debug"]
    press(page, "Return")
    assert '"ProductID": 3, "Debug"' in page.editor.toPlainText()


def test_a_field_is_explained_when_hovered(make, write):
    page = make()
    page.open_path(write())
    line = next(
        at for at, text in enumerate(page.editor.toPlainText().split("\n"), 1) if '"SignerID"' in text
    )
    assert page.editor.hover_text(line, 6) == "MRSIGNER in hex: who signed the enclave."
    assert page.editor.hover_text(line, 1) == ""


def test_each_tab_keeps_its_own_steps_to_undo(make, write):
    page = make()
    page.open_path(write(name="one.json"))
    QTest.keyClicks(page.editor, "x")
    page.open_path(write(name="two.json"))
    QTest.keyClicks(page.editor, "yy")
    page.pane.tabs.bar.setCurrentIndex(0)
    page.editor.undo()
    assert not page.editor.toPlainText().startswith("x")
    page.pane.tabs.bar.setCurrentIndex(1)
    assert page.editor.toPlainText().startswith("yy")


def test_what_was_open_comes_back_with_the_recent_files(make, write, tmp_path):
    page = make()
    one, two = write(name="one.json"), write(name="two.json")
    page.open_path(one)
    page.open_path(two)
    write(name="three.json").unlink()
    page._presenter.select(page._state.tabs[0].key)
    again = make()
    assert [tab.title for tab in again._state.tabs] == ["one.json", "two.json"]
    assert again._state.document.title == "one.json"
    assert [path.name for path in again._state.recent or page._presenter._keeper.recent()][:2] == [
        "two.json",
        "one.json",
    ]


def test_pasted_text_is_a_document_of_its_own(make):
    page = make()
    QGuiApplication.clipboard().setText('{"Packages": {}}')
    page.files.paste_clipboard()
    assert (page._state.document.title, page._state.document.raw) == ("Draft 1", b'{"Packages": {}}')


@pytest.mark.parametrize("template", ["small", "service", "secrets"])
def test_every_template_is_a_manifest_that_coordinators_take(make, template):
    page = make()
    page.files.new_from(template)
    assert not [it for it in page._state.findings if it.severity < 2]
    assert page._state.document.path is None


@pytest.fixture
def answers(monkeypatch):
    """Answers the question about unsaved edits; gives the questions."""

    def answer(word):
        asked = []
        monkeypatch.setattr(files, "ask_to_save", lambda _, sentence: asked.append(sentence) or word)
        return asked

    return answer


def test_edits_are_saved_discarded_or_kept_when_a_tab_is_closed(make, write, answers):
    page = make()
    path = write()
    page.open_path(path)
    QTest.keyClicks(page.editor, " ")
    key = page._state.current
    asked = answers("cancel")
    page.files.close(key)
    assert asked == ["sky.json has edits that are not saved."]
    assert page._state.current == key
    answers("save")
    page.files.close(key)
    assert path.read_text().startswith(" ")
    assert page._state.tabs == ()


def test_discarded_edits_are_offered_by_no_draft(make, write, answers, tmp_path):
    page = make()
    page.open_path(write())
    QTest.keyClicks(page.editor, " ")
    page.keep_draft()
    assert list((tmp_path / "drafts").iterdir())
    answers("discard")
    assert page.may_close()
    assert not list((tmp_path / "drafts").iterdir())


def test_after_a_crash_the_draft_is_offered_and_restored(make, write, tmp_path):
    path = write()
    page = make()
    page.open_path(path)
    QTest.keyClicks(page.editor, "  ")
    page.keep_draft()
    (draft,) = (tmp_path / "drafts").iterdir()
    assert draft.stat().st_mode & 0o777 == 0o600
    again = make()
    assert again._state.banner.fact == "sky.json has edits that were not saved."
    again._presenter.banner_chosen("draft-compare")
    assert again.findChild(QDialog, "texts")
    again.findChild(QDialog, "texts").close()
    again._presenter.banner_chosen("draft-restore")
    assert again._state.document.raw == b"  " + path.read_bytes()
    assert again._state.tabs[0].modified
    assert again._state.banner is None
    assert not draft.exists()


CANARY = "canary-7f3a9b"


@pytest.mark.parametrize(
    "change",
    [
        (("Secrets", "note", "Private"), CANARY),
        (("Marbles", "plate", "Parameters", "Env", "DB_PASSWORD"), CANARY),
        (("Marbles", "plate", "Parameters", "Files"), {"/k": f"-----BEGIN PRIVATE KEY-----\n{CANARY}"}),
        (("Marbles", "plate", "Parameters", "Argv"), ["x", f"--token={CANARY}"]),
        (("Marbles", "plate", "Parameters", "Env", "TOKEN"), {"Data": CANARY}),
    ],
)
@pytest.mark.parametrize("tail", ["", "{"], ids=["json", "broken"])
def test_a_text_with_secrets_is_kept_in_no_draft(make, write, tmp_path, change, tail):
    page = make()
    page.open_path(write(change))
    page.editor.moveCursor(page.editor.textCursor().MoveOperation.End)
    QTest.keyClicks(page.editor, f" {tail}")
    page.keep_draft()
    drafts = tmp_path / "drafts"
    assert not drafts.exists() or not [it for it in drafts.iterdir() if CANARY in it.read_text()]
    assert not drafts.exists() or not list(drafts.iterdir())
    assert "no draft: holds secrets" in page._state.facts


def test_a_file_changed_on_disk_is_reloaded_compared_or_not_wanted(make, write):
    page = make()
    path = write()
    page.open_path(path)
    path.write_text("{}")
    page.activated()
    assert page._state.banner.fact == "sky.json was changed on disk."
    page._presenter.banner_chosen("disk-compare")
    assert page.findChild(QDialog, "texts")
    page._presenter.banner_chosen("disk-keep")
    page.activated()
    assert page._state.banner is None
    assert page._state.tabs[0].modified
    page.files.save()
    assert path.read_text() != "{}"
    path.write_text('{"new": 1}')
    page.activated()
    page._presenter.banner_chosen("disk-reload")
    assert page.editor.toPlainText() == '{"new": 1}'
    page.editor.undo()
    assert '"Packages"' in page.editor.toPlainText()


def test_advice_is_accepted_with_a_reason_beside_the_file(make, write, monkeypatch, tmp_path):
    page = make()
    page.open_path(write((("Packages", "dome", "Debug"), True)))
    monkeypatch.setattr(problemcommands, "ask_for_text", lambda *_: "A test rig.")
    page.problems.accept(rules(page).index("A1"))
    assert "A1" not in rules(page)
    assert page._state.accepted == 1
    assert "A test rig." in (tmp_path / ".marble-check.json").read_text()


def test_go_to_line_takes_a_line_and_a_column(make, write, monkeypatch):
    page = make()
    page.open_path(write())
    monkeypatch.setattr(textcommands, "ask_for_text", lambda *_: "7:4")
    press(page, "Ctrl+G")
    assert page.editor.place() == (7, 4)


def test_questions_are_plain_dialogs(make, monkeypatch):
    page = make()
    monkeypatch.setattr(
        QInputDialog, "exec", lambda dialog: dialog.setTextValue("x") or QDialog.DialogCode.Accepted
    )
    assert ask_for_text(page, "title", "label") == "x"


def test_a_new_document_is_saved_where_the_operator_says(make, tmp_path, monkeypatch):
    page = make()
    page.files.new_from("small")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "new.json"), ""))
    page.files.save()
    assert (tmp_path / "new.json").read_bytes() == page._state.document.raw
    assert page._state.tabs[0].title == "new.json"


YAML = "Packages:\n  p: {UniqueID: aa}\nMarbles:\n  m:\n    Package: q\n"


def test_yaml_is_checked_sent_and_shown_as_json(make, tmp_path):
    page = make()
    path = tmp_path / "sky.yaml"
    path.write_text(YAML)
    page.open_path(path)
    first = page._state.findings[0]
    assert (first.rule, first.span.start.line, first.span.start.column) == ("R2", 5, 14)
    page.editor.apply_edits([(len(YAML) - 2, len(YAML) - 1, "p")])
    page.take_text()
    assert not [it for it in page._state.findings if it.severity == 0]
    page.compare()
    compared = page._presenter._elsewhere.compared
    assert (compared.title, json.loads(compared.raw)["Marbles"]) == ("sky.json", {"m": {"Package": "p"}})
    assert page._state.facts[0][8:16] == compared.fingerprint[:8]
    page.show_json()
    assert (page._state.document.title, page._state.document.raw) == ("sky.json", compared.raw)
    page.pane.tabs.bar.setCurrentIndex(0)
    page.files.save()
    assert path.read_text() == YAML.replace("q\n", "p\n")


def test_a_quick_fix_changes_its_line_of_the_yaml(make, tmp_path):
    page = make()
    path = tmp_path / "sky.yaml"
    path.write_text(YAML.replace("Package: q", "Package: P  # not q"))
    page.open_path(path)
    assert page._state.problems[0].cells[-1].text == "Change to “p”"
    press(page, "F8")
    press(page, "Ctrl+.")
    assert page.editor.toPlainText() == YAML.replace("Package: q", "Package: p  # not q")
    page.editor.undo()
    assert "Package: P" in page.editor.toPlainText()


def test_a_fix_that_yaml_does_not_take_says_so(make, tmp_path):
    page = make()
    path = tmp_path / "sky.yaml"
    path.write_text("Packages:\n  p: {UniqueID: aa, Zoo: 1}\nMarbles:\n  m:\n    Package: p\n")
    page.open_path(path)
    zoo = next(at for at, it in enumerate(page._state.findings) if it.rule == "C1")
    assert page._state.problems[zoo].cells[-1].text == ""
    page.problems.fix(zoo)
    assert page._said.startswith("This fix cannot be made line by line in YAML.")


def test_yaml_has_no_form_and_says_what_to_do(make, tmp_path):
    page = make()
    path = tmp_path / "sky.yml"
    path.write_text(YAML)
    page.open_path(path)
    assert page.findChild(OutlinePane) is None
    page.show_view("form")
    assert page.pane.workspace.form._state.why_not.startswith("YAML has no form.")
    page.show_view("text")
    for keys in ("Ctrl+Space", "Ctrl+Shift+I"):
        page._said = ""
        press(page, keys)
        assert page._said == "That is for JSON. Ctrl+J shows this YAML as JSON.", keys


def test_names_in_yaml_are_followed_and_renamed(make, tmp_path, monkeypatch):
    page = make()
    path = tmp_path / "sky.yml"
    text = 'Packages:\n  "dome": {UniqueID: aa}\nMarbles:\n  m:\n    Package: dome\n'
    path.write_text(text)
    page.open_path(path)
    page.editor.go_to(5, 15)
    press(page, "F12")
    assert page.editor.place() == (2, 4)
    press(page, "Shift+F12")
    assert page.pane.workspace.usages._title.text() == "dome: 1 use"
    monkeypatch.setattr(textcommands, "ask_for_text", lambda *_: "sky")
    page.editor.setFocus()
    press(page, "F2")
    assert page.editor.toPlainText() == text.replace("dome", "sky")
    page.show_view("references")
    (packages, _) = page.pane.workspace.references.rows.rows_model.rows
    assert [row.cells[0].text for row in packages.children] == ["sky"]
    page.editor.undo()
    assert page.editor.toPlainText() == text


def test_references_say_why_yaml_cannot_be_read(make, tmp_path):
    page = make()
    path = tmp_path / "sky.yml"
    path.write_text("Packages:\n  p: yes\n")
    page.open_path(path)
    page.show_view("references")
    said = page.pane.workspace.references._why_not.text()
    assert said.startswith(
        "The YAML cannot be read, so its names are not known. Line 2: “yes” is read as text by some"
    )


def test_a_search_ends_with_its_document_and_goes_on_in_the_next(make, write, qtbot):
    page = make()
    page.open_path(write(name="one.json"))
    press(page, "Ctrl+F")
    QTest.keyClicks(page.pane.workspace.find_bar.field, "star")
    qtbot.waitUntil(lambda: page.pane.workspace.find_bar._count.text().endswith("of 3"))
    closed = page.editor
    page._presenter.close(page._state.current)
    qtbot.waitUntil(lambda: not isValid(closed))
    page.open_path(write(name="two.json"))
    qtbot.waitUntil(
        lambda: (
            page.pane.workspace.find_bar._count.text().endswith("of 3")
            or "3 hits" in page.pane.workspace.find_bar._count.text()
        )
    )


def test_recent_files_are_offered_while_others_are_open(make, write):
    make().open_path(write(name="one.json"))
    page = make()
    page.open_path(write(name="two.json"))
    page.pane.tabs._fill_menu()
    (recent,) = [it.menu() for it in page.pane.tabs.menu.actions() if it.menu()]
    assert [it.text().split("  ")[0] for it in recent.actions()] == ["two.json", "one.json"]


def test_a_raised_version_is_marked_and_its_row_leads_to_it(make):
    page = make()
    text = format_line(
        dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC),
        "SecurityVersion increased",
        user="ivo",
        package="dome",
        **{"new version": 6},
    )
    served = ServedManifest(json.dumps(observatory(), indent=1).encode(), "", b"")
    page._presenter.set_target(
        Target("local", CoordinatorState.RUNNING, served, log=parse_log(text), has_raised=True)
    )
    page.files.load("effective")
    rows = page.pane.differences.rows
    assert [cell.text for cell in rows.rows_model.rows[0].cells][:3] == ["dome", "5", "6"]
    rows.set_current("0")
    line, column = page.editor.place()
    assert page.editor.line_at(line - 1).strip() == '"SecurityVersion": 6'
    assert "dome: submitted with 5, raised to 6" in page.editor.hover_text(line, column)
    assert page.editor.isReadOnly()
    page.files.load("running")
    assert page.pane.differences.isHidden()
