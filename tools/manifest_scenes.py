"""The scenes of the manifest page."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from marble_console.navigation import Place
from marble_console.page import Page
from marble_console.pages.manifest.dialog import TextsDialog, format_dialog
from marble_console.pages.manifest.differing import differing
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.pages.manifest.keeping import Keeper, Nothing
from marble_console.pages.manifest.page import ManifestPage
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_core.gojson.layout import laid_out
from marble_core.manifest.check import check_manifest
from tests.fakes.manifests import observatory

InWindow = Callable[[Place, Page, SessionState], QWidget]


class Nobody:
    """The rest of the console, which a page alone does not have."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_more: None


def broken() -> bytes:
    """Well-formed, but with an error, a warning and an advice."""
    content = observatory()
    content["Marbles"]["shutter"]["TLS"] = ["lnk"]
    content["Packages"]["dome"]["Debug"] = True
    content["Secrets"]["star"]["Sise"] = 256
    return json.dumps(content, indent=2).encode()


_FORMS = {
    "package": ("Packages", "dome"),
    "marble": ("Marbles", "shutter"),
    "secret": ("Secrets", "web"),
    "tls": ("TLS", "link"),
    "user": ("Users", "vera"),
    "role": ("Roles", "keeper"),
    "recovery-key": ("RecoveryKeys", "vault"),
    "infrastructure": ("Infrastructures", "hill"),
    "config": ("Config",),
}


class Scenes:
    def __init__(self, in_window: InWindow, seen: Callable[[], SessionState]) -> None:
        self._in_window = in_window
        self._seen = seen

    def all(self) -> dict[str, Callable[[], QWidget]]:
        return {
            "manifest": lambda: self._page(broken()),
            "manifest-empty": lambda: self._page(None),
            "manifest-effective": lambda: self._page(None, first=lambda page: page.files.load("effective")),
            "manifest-changed-on-disk": lambda: self._banner(_change_on_disk),
            "manifest-changed-compare": lambda: self._compared(_change_on_disk, "disk-compare"),
            "manifest-draft": lambda: self._banner(_leave_draft),
            "manifest-draft-compare": lambda: self._compared(_leave_draft, "draft-compare"),
            "manifest-format": self._format,
            "manifest-yaml": lambda: self._page(_as_yaml(), name="observatory.yaml"),
            "manifest-find": lambda: self._page(broken(), _find),
            "manifest-completion": lambda: self._page(_unfinished(), _complete),
            "manifest-usages": lambda: self._page(broken(), _usages),
            **{f"manifest-form-{name}": partial(self._form, path) for name, path in _FORMS.items()},
            "manifest-split": partial(self._form, ("TLS", "link"), split=True),
            "manifest-references": lambda: self._page(broken(), lambda page: page.show_view("references")),
            "manifest-fixed": lambda: self._page(broken(), _fix),
        }

    def _form(self, path: tuple[str, ...], *, split: bool = False) -> QWidget:
        def show(page: ManifestPage) -> None:
            page.show_view("form")
            page.set_split(split)
            if split:
                page.pane.workspace.outline.rows.set_current(json.dumps(path))
            page.pane.workspace.choose(path)

        return self._page(broken(), show)

    def _banner(self, first: Callable[[ManifestPage], None]) -> QWidget:
        return self._page(broken(), first=first, before=_keeper)

    def _compared(self, first: Callable[[ManifestPage], None], answer: str) -> QWidget:
        """The two texts that a button of a banner shows."""

        def then(page: ManifestPage) -> None:
            first(page)
            page._presenter.banner_chosen(answer)  # noqa: SLF001 -- as its button does

        window = self._page(broken(), first=then, before=_keeper)
        dialog = window.findChild(TextsDialog)
        assert isinstance(dialog, TextsDialog)  # noqa: S101 -- it was opened
        dialog.setParent(None)
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)
        return dialog

    def _format(self) -> QWidget:
        packages = {"Packages": json.loads(broken())["Packages"]}
        text = json.dumps(packages, indent=2).replace(": ", ":").replace('":', '" :')
        formatted = laid_out(text, "  ")
        return format_dialog(text, formatted, differing(text, formatted), None)

    def _page(
        self,
        text: bytes | None,
        then: Callable[[ManifestPage], None] = lambda _: None,
        first: Callable[[ManifestPage], None] = lambda _: None,
        name: str = "observatory.json",
        before: Callable[[Path], Keeper | None] = lambda _: None,
    ) -> QWidget:
        """`before` prepares a folder; `first` is done while the file is there, `then` once the window is drawn."""
        session = self._seen()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            if text is not None:
                path.write_bytes(text)
            presenter = ManifestPresenter(
                InlineRunner(), Nobody(), lambda raw: check_manifest(raw).findings, before(path)
            )
            presenter.set_target(session.target)
            page = ManifestPage(presenter, InlineRunner())
            if text is not None:
                page.open_path(path)
            first(page)
        window = self._in_window(Place.MANIFEST, page, session)
        window.resize(1280, 800)
        window.show()
        QCoreApplication.processEvents()  # the layout settles: a list that drops down closes when it moves
        then(page)
        return window


def _keeper(path: Path) -> Keeper:
    """With the draft of edits that a crash has left."""
    keeper = Keeper(Nothing(), path.parent / "drafts")
    edited = broken().replace(b'"lnk"', b'"link"').replace(b'"MaxActivations": 1', b'"MaxActivations": 3')
    keeper.keep_draft("left", Document(path.name, edited, Origin.FILE, path, broken()))
    return keeper


def _leave_draft(page: ManifestPage) -> None:
    page._presenter.begin()  # noqa: SLF001 -- as the window does at its start


def _change_on_disk(page: ManifestPage) -> None:
    document = page._state.document  # noqa: SLF001 -- what is in front
    if document is None or document.path is None:
        return
    _put_cursor(page, '"MaxActivations": ')
    page.editor.insertPlainText("1")
    page.take_text()
    page.editor.go_to(1, 1)
    document.path.write_bytes(
        broken().replace(b'"lnk"', b'"link"').replace(b'"Debug": true', b'"Debug": false')
    )
    page._presenter.look_at_disk()  # noqa: SLF001 -- as it does now and then


def _as_yaml() -> bytes:
    return yaml.safe_dump(json.loads(broken()), sort_keys=False).encode()


def _unfinished() -> bytes:
    return broken().replace(b'"Package": "camera"', b'"Package": "camera", "TLS": []')


def _put_cursor(page: ManifestPage, behind: str) -> None:
    text = page.editor.toPlainText()
    cursor = page.editor.textCursor()
    cursor.setPosition(text.index(behind) + len(behind))
    page.editor.setTextCursor(cursor)
    page.editor.centerCursor()


def _press(page: ManifestPage, text: str) -> None:
    next(action for action in page.actions() if action.text() == text).trigger()


def _find(page: ManifestPage) -> None:
    _press(page, "Replace…")
    QTest.keyClicks(page.pane.workspace.find_bar.field, "Secrets")
    page.pane.workspace.find_bar.replacement.setText("Keys")


def _complete(page: ManifestPage) -> None:
    _put_cursor(page, '"SecurityVersion": 5,')
    page.editor.insertPlainText('\n      "')
    page.editor.completion_wanted.emit()


def _usages(page: ManifestPage) -> None:
    _put_cursor(page, ".Secrets.sta")
    _press(page, "Find usages")


def _fix(page: ManifestPage) -> None:
    page.problems.fix(0)
    page.take_text()
