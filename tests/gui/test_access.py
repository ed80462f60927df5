"""The page of access: what it says of users, rights and risks, and that edits go to a draft."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from marble_console.coordinators.watch import WatchState
from marble_console.pages.access.matrixview import MatrixView
from marble_console.pages.access.page import AccessPage
from marble_console.pages.access.presenter import AccessPresenter
from marble_console.pages.access.state import Tab
from marble_console.pages.access.views import Questions
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_console.widgets.rows import RowsView
from tools import scenes, secret_scenes
from tools.identity_scenes import NOW


class Elsewhere:
    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        return lambda *given: self.asked.append((name, *given))


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def session():
    return replace(scenes.seen(), watch=WatchState(secret_scenes.seen()))


@pytest.fixture
def presenter(elsewhere, session):
    presenter = AccessPresenter(elsewhere, InlineRunner(), now=lambda: NOW)
    presenter.set_session(session)
    return presenter


def test_who_acts_is_marked_in_the_matrix_and_in_the_list(presenter, session):
    assert [(head.name, head.is_me) for head in presenter.state.matrix.users] == [
        ("ivo", False),
        ("mira", True),
    ]
    assert presenter.state.users[1].cells[4].chip.text == "you"
    presenter.set_session(replace(session, acting=None))
    assert not any(head.is_me for head in presenter.state.matrix.users)


def test_a_certificate_that_ends_soon_is_said_at_its_user(presenter):
    assert presenter.state.matrix.users[1].detail == "you · expires in 19 days"


@pytest.mark.parametrize(
    ("kind", "name", "who"),
    [
        ("read", "license", ["mira"]),
        ("write", "wrap_key", ["ivo"]),
        ("write", "session_key", ["mira"]),  # nobody can be asked about: the first that can is taken
        ("raise", "dome", ["ivo", "mira"]),
        ("raise", "camera", []),
        ("replace", "", ["ivo"]),
        ("recover", "", []),
    ],
)
def test_questions_are_answered_with_the_way_to_the_right(presenter, kind, name, who):
    presenter.choose_tab(Tab.QUESTIONS)
    presenter.ask(kind, name)
    question = presenter.state.question
    assert [answer.who for answer in question.answers] == who
    assert all("through role" in answer.how for answer in question.answers)
    assert who or question.nobody


def test_what_a_user_can_do(presenter):
    presenter.choose_tab(Tab.QUESTIONS)
    presenter.ask("user", "ivo")
    said = {answer.who: answer.how for answer in presenter.state.question.answers}
    assert said == {
        "read secret": "log_hmac, wrap_key",
        "write secret": "log_hmac, wrap_key",
        "raise package": "dome",
        "replace the manifest": "",
    }


def test_risks_stand_on_top_and_edits_go_to_a_draft(presenter, elsewhere):
    facts = [finding.fact for finding in presenter.state.findings]
    assert facts[0].startswith("Only mira can set archive_token")
    presenter.act("edit")
    assert elsewhere.asked == [("edit_running", ())]


@pytest.mark.parametrize(
    ("tab", "section", "name"), [(Tab.ROLES, "Roles", "keeper"), (Tab.USERS, "Users", "ivo")]
)
def test_a_role_or_a_user_is_edited_in_the_draft_where_it_is_listed(
    theme, qtbot, presenter, elsewhere, tab, section, name
):
    page = AccessPage(presenter)
    qtbot.addWidget(page)
    page.show()
    presenter.choose_tab(tab)
    view = page.findChild(RowsView, section)
    view.set_current(name)
    assert page._edit.text() == f"Edit {name} in draft"
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert elsewhere.asked == [("edit_running", (section, name))]
    presenter.choose_tab(Tab.MATRIX)
    assert page._edit.text() == "Edit in draft"


def test_the_matrix_is_exported(presenter, tmp_path):
    presenter.export(tmp_path / "access.csv")
    assert (tmp_path / "access.csv").read_text().startswith("User,Packages: camera,Packages: dome,")
    presenter.export(tmp_path / "missing" / "access.csv")
    assert "cannot be written" in presenter.state.problem


def test_without_a_connection_or_a_manifest_it_says_what_is_missing(presenter, session):
    presenter.set_session(SessionState())
    assert presenter.state.notice.title == "No connection"
    presenter.set_session(replace(session, watch=WatchState(replace(secret_scenes.seen(), manifest=None))))
    assert presenter.state.notice.title == "No manifest in force"


def test_the_page_reads_out_the_rights_at_each_place(theme, qtbot, presenter):
    page = AccessPage(presenter)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    model = page.findChild(MatrixView).model()
    spoken = [model.index(1, column).data() for column in range(model.columnCount())]
    assert spoken[:3] == ["no right", "raise package", "read secret, write secret"]
    page.findChild(MatrixView).setFocus()
    qtbot.keyClick(page.findChild(MatrixView), Qt.Key.Key_Right)
    assert page.findChild(MatrixView).currentIndex().column() == 1
    presenter.choose_tab(Tab.QUESTIONS)
    assert page.findChild(Questions).isVisible()
