"""What the page of access shows, as frozen values. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from marble_console.parts import Action, Fact, FindingState, Notice, Row, Tone
from marble_core.manifest.access import Access, Resource
from marble_core.manifest.model import Action as Right
from marble_core.manifest.model import UserName


class Tab(StrEnum):
    USERS = "users"
    ROLES = "roles"
    MATRIX = "matrix"
    QUESTIONS = "questions"


@dataclass(frozen=True, slots=True)
class UserHead:
    """A user as the matrix names it: the second line, and whether it is the one that acts."""

    name: UserName
    detail: str
    tone: Tone | None = None
    is_me: bool = False


@dataclass(frozen=True)
class MatrixState:
    """The matrix: who in which line, what in which column, and the rights where they meet."""

    users: tuple[UserHead, ...] = ()
    access: Access = field(default_factory=Access)

    @property
    def resources(self) -> tuple[Resource, ...]:
        return self.access.resources


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the answer to a question."""

    who: str
    how: str
    icon: str = "user"


@dataclass(frozen=True, slots=True)
class QuestionState:
    """`choices` are the names to ask about, for the kind of question that is chosen."""

    kind: str = ""
    name: str = ""
    choices: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    nobody: str = ""


@dataclass(frozen=True, slots=True)
class AccessState:
    notice: Notice | None = None
    loading: bool = False
    subtitle: str = ""
    tab: Tab = Tab.MATRIX
    counts: Mapping[Tab, int] = field(default_factory=dict)
    findings: tuple[FindingState, ...] = ()
    users: Sequence[Row] = ()
    roles: Sequence[Row] = ()
    current: str = ""
    facts: tuple[Fact, ...] = ()
    matrix: MatrixState = field(default_factory=MatrixState)
    question: QuestionState = field(default_factory=QuestionState)
    export: Action = field(default_factory=lambda: Action("export", ""))
    edit: Action = field(default_factory=lambda: Action("edit", ""))
    problem: str = ""


RIGHT_ICONS: Mapping[Right, str] = {
    Right.READ_SECRET: "eye",
    Right.WRITE_SECRET: "pencil",
    Right.UPDATE_SECURITY_VERSION: "arrow-up",
    Right.UPDATE_MANIFEST: "arrow-up",
}
