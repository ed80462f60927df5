"""Opening, saving and leaving documents, with the questions that come before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from marble_console.pages.manifest.dialog import ask_to_save
from marble_console.pages.manifest.documents import MAX_BYTES
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.words import ntr, tr


class FileCommands:
    """`take_text` hands over what was typed, `expect` says that the document which opens next was asked for."""

    def __init__(
        self,
        presenter: ManifestPresenter,
        page: QWidget,
        *,
        take_text: Callable[[], None],
        expect: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._presenter = presenter
        self._page = page
        self._take_text = take_text
        self._expect = expect
        self._say = say

    # -- opening --------------------------------------------------------------------------------------------------
    def ask_for_file(self) -> None:
        """Let the operator choose a manifest file."""
        name, _ = QFileDialog.getOpenFileName(
            self._page, tr("Open a manifest"), "", tr("Manifests (*.json *.yaml *.yml);;All files (*)")
        )
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        self._take_text()
        self._expect()
        self._presenter.open_path(path)

    def open_dropped(self, data: QMimeData) -> None:
        for path in dropped_files(data):
            self.open_path(path)

    def paste_clipboard(self) -> None:
        """Open the text of the clipboard in a tab of its own."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self._say(tr("The clipboard holds no text."))
        elif len(text) > MAX_BYTES:
            self._say(tr("The clipboard holds more than a manifest can have."))
        else:
            self._take_text()
            self._expect()
            self._presenter.paste(text.encode("utf-8", "replace"))

    def new_from(self, template: str) -> None:
        self._expect()
        self._presenter.new_from(template)

    def load(self, key: str) -> None:
        """Open what the coordinator has: the manifest as it was submitted, or as it is by now."""
        self._take_text()
        self._expect()
        if key == "effective":
            self._presenter.open_effective()
        else:
            self._presenter.open_running()

    # -- saving ---------------------------------------------------------------------------------------------------
    def save(self) -> None:
        self._take_text()
        document = self._presenter.state.document
        if document is not None and document.path is None:
            self.save_as()
        elif self._presenter.state.save.enabled:
            self._presenter.save()

    def save_as(self) -> bool:
        """Save under a name that the operator chooses; False where none was chosen."""
        self._take_text()
        document = self._presenter.state.document
        name = ""
        if document is not None:
            name, _ = QFileDialog.getSaveFileName(
                self._page,
                tr("Save the manifest"),
                str(document.path or "manifest.json"),
                tr("Manifests (*.json);;All files (*)"),
            )
        if name:
            self._presenter.save(Path(name))
        return bool(name)

    # -- leaving --------------------------------------------------------------------------------------------------
    def close(self, key: str) -> None:
        """Close a tab, unless the operator wants to stay."""
        if self.may_leave(key):
            self._presenter.close(key)

    def may_leave(self, key: str | None = None) -> bool:
        """Ask about edits that no file has, of one tab or of all. False: the operator wants to stay, or to wait."""
        self._take_text()
        unsaved = self._presenter.unsaved(key)
        if not unsaved:
            return True
        sentence = ntr(
            "{names} has edits that are not saved.",
            "{names} have edits that are not saved.",
            len(unsaved),
            names=", ".join(unsaved),
        )
        answer = ask_to_save(self._page, sentence)
        if answer == "discard":
            self._presenter.give_up(key)
            return True
        if answer == "save":
            self._save_and_leave(key)
        return False

    def _save_and_leave(self, key: str | None) -> None:
        """Save one document after the other, and then do what was asked for: close the tab, or the window."""
        left = self._presenter.unsaved_keys(key)
        if not left:
            if key is None:
                self._page.window().close()
            else:
                self._presenter.close(key)
            return
        self._presenter.select(left[0])
        document = self._presenter.state.document
        path = document.path if document is not None else None
        if path is None:
            name, _ = QFileDialog.getSaveFileName(self._page, tr("Save the manifest"), "manifest.json", "")
            if not name:
                return
            path = Path(name)
        self._presenter.save(path, then=partial(self._save_and_leave, key))


def dropped_files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
