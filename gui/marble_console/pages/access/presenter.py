"""The page of access: the manifest in force laid out by who may do what. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.answers import CoordinatorState
from marble_console.files import reason, replace_file
from marble_console.pages.access.composing import (
    Laid,
    answer,
    findings,
    lay_out,
    matrix,
    role_rows,
    user_facts,
    user_rows,
)
from marble_console.pages.access.state import AccessState, QuestionState, Tab
from marble_console.parts import Action, Notice, Tone
from marble_console.session import SessionState
from marble_console.tasks import Generation, Runner
from marble_console.widgets.text import one_line
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.manifest.model import Manifest, UserName

_LONGEST_NAME = 24  # of a role or user in the text of a button


class MatrixNotSaved(MarbleError):
    """The exported matrix could not be written."""

    code = "matrix_not_saved"


class View(Protocol):
    def show_state(self, state: AccessState) -> None: ...


class Elsewhere(Protocol):
    """What the page asks of the rest of the console."""

    def edit_running(self, entry: tuple[str, ...] = ()) -> None: ...

    def connect(self) -> None: ...

    def retry(self) -> None: ...

    def go_to(self, page: str) -> None: ...


class AccessPresenter:
    """Shows the manifest in force. `risks` are the findings that the navigation counts."""

    def __init__(self, elsewhere: Elsewhere, runner: Runner, *, now: Callable[[], dt.datetime]) -> None:
        self._elsewhere = elsewhere
        self._runner = runner
        self._now = now
        self._view: View | None = None
        self._generation = Generation()
        self._session = SessionState()
        self._manifest: Manifest | None = None
        self._laid: Laid | None = None
        self._me: UserName | None = None
        self._parts = AccessState()
        self._tab = Tab.MATRIX
        self._current = ""
        self._role = ""
        self._asked = ("write", "")
        self._problem = ""
        self.state = AccessState()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def set_session(self, session: SessionState) -> None:
        self._session = session
        seen = session.watch.observation
        manifest = seen.manifest if seen is not None else None
        me = session.acting.user if session.acting is not None else None
        changed = manifest is not self._manifest
        if changed:
            self._manifest, self._laid = manifest, None
            current = self._generation.next()
            if manifest is not None:
                self._runner.read(
                    partial(lay_out, manifest), then=current(self._laid_out), failed=current(self._failed)
                )
        if changed or me != self._me:
            self._me = me
            self._compose()
        self._show()

    def choose_tab(self, tab: Tab) -> None:
        self._tab = tab
        self._show()

    def choose_user(self, key: str) -> None:
        self._current = key
        self._show()

    def choose_role(self, key: str) -> None:
        self._role = key
        self._show()

    def ask(self, kind: str | None = None, name: str | None = None) -> None:
        """Ask another question, or the same about another name."""
        before_kind, before_name = self._asked
        self._asked = (kind or before_kind, before_name if name is None else name)
        self._show()

    def export(self, path: Path) -> None:
        """Write the matrix as CSV."""
        laid = self._laid
        if laid is None:
            return
        self._runner.write(
            partial(_write, path, laid),
            lane=path,
            then=lambda _: self._say(tr("Saved as {name}.", name=path.name)),
            failed=self._failed,
        )

    def act(self, key: str) -> None:
        match key:
            case "edit":
                self._elsewhere.edit_running(self._entry)
            case "connect":
                self._elsewhere.connect()
            case "retry":
                self._elsewhere.retry()
            case _ if key.startswith(("lock-out", "ended", "duplicates")):
                self._elsewhere.edit_running()
            case _:
                self._elsewhere.go_to(key)

    @property
    def _entry(self) -> tuple[str, ...]:
        """What of the manifest is chosen: a user or a role, where they are listed."""
        laid = self._laid
        if laid is not None and self._tab is Tab.USERS and self._current in laid.manifest.users:
            return ("Users", self._current)
        if laid is not None and self._tab is Tab.ROLES and self._role in laid.manifest.roles:
            return ("Roles", self._role)
        return ()

    # -- inside ---------------------------------------------------------------------------------------------------
    def _laid_out(self, laid: Laid) -> None:
        self._laid = laid
        self._compose()
        self._show()

    def _failed(self, error: MarbleError) -> None:
        self._say(f"{error.sentence} {error.hint}".strip())

    def _say(self, text: str) -> None:
        self._problem = text
        self._show()

    def _compose(self) -> None:
        """What only changes with the manifest and with who acts."""
        laid, now = self._laid, self._now()
        if laid is None:
            self._parts = AccessState()
            return
        self._parts = AccessState(
            subtitle=_subtitle(laid),
            counts={Tab.USERS: len(laid.users), Tab.ROLES: len(laid.manifest.roles)},
            findings=findings(laid, now),
            users=user_rows(laid, self._me, now),
            roles=role_rows(laid.manifest),
            matrix=matrix(laid, self._me, now),
            export=Action("export", tr("Export matrix…"), icon="download"),
        )

    def _show(self) -> None:
        notice = self._notice()
        laid = self._laid
        if notice is not None or laid is None:
            self.state = AccessState(notice=notice, loading=notice is None, tab=self._tab)
        else:
            self.state = replace(
                self._parts,
                tab=self._tab,
                current=self._current,
                edit=_edit(self._entry),
                facts=user_facts(laid, self._current, self._now()),
                # Only where it is seen: with thousands of secrets there is much to choose from.
                question=answer(laid, *self._asked) if self._tab is Tab.QUESTIONS else QuestionState(),
                problem=self._problem,
            )
        if self._view is not None:
            self._view.show_state(self.state)

    def _notice(self) -> Notice | None:
        session = self._session
        if session.profile is None:
            return Notice(
                tr("No connection"),
                tr("Users and roles belong to the manifest of a coordinator."),
                "plug",
                actions=(Action("connect", tr("Connect…"), "primary", "plug"),),
            )
        seen, failure = session.watch.observation, session.watch.failure
        if seen is None:
            if failure is None:
                return None
            retry = Action("retry", tr("Try again"), "primary")
            return Notice(failure.sentence, failure.hint, "wifi-off", Tone.FAILED, (retry,))
        if seen.status.state is not CoordinatorState.RUNNING or seen.manifest is None:
            return Notice(
                tr("No manifest in force"),
                tr("Users and roles come with a manifest. Check them in the editor before you set it."),
                "users",
                actions=(Action("manifest", tr("Show the manifest page"), icon="file-code-2"),),
            )
        if not seen.manifest.users:
            return Notice(
                tr("The manifest has no users"),
                tr(
                    "Everybody can read status and manifest. Nobody can read or set secrets, raise packages or replace "
                    "the manifest."
                ),
                "users",
                actions=(Action("edit", tr("Edit in draft"), "primary", "pencil"),),
            )
        return None


def _edit(entry: tuple[str, ...]) -> Action:
    text = (
        tr("Edit {name} in draft", name=one_line(entry[1], _LONGEST_NAME)) if entry else tr("Edit in draft")
    )
    return Action("edit", text, "primary", "pencil")


def _subtitle(laid: Laid) -> str:
    return " · ".join(
        (
            ntr("{count} user", "{count} users", len(laid.users)),
            ntr("{count} role", "{count} roles", len(laid.manifest.roles)),
            tr("from the manifest in force"),
        )
    )


def _write(path: Path, laid: Laid) -> None:
    try:
        replace_file(path, laid.access.as_csv().encode())
    except OSError as error:
        raise MatrixNotSaved(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another folder."),
        ) from error
