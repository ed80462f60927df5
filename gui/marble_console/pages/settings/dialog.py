"""The dialog of the support bundle: every file of it, to read before it is saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from marble_console.pages.settings.support import SupportPresenter, SupportState
from marble_console.parts import Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.fields import Select
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import PlainLabel
from marble_console.words import tr

_SIZE = QSize(720, 560)


class SupportDialog(Framed):
    """Renders a SupportState."""

    def __init__(self, presenter: SupportPresenter, parent: QWidget | None = None) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("support")
        self.setWindowTitle(tr("Support bundle"))
        why = tr(
            "For whoever helps you. These files are all that is in it: no names, addresses or folders, no certificates, keys or "
            "manifests, and no secrets. It goes nowhere but where you save it."
        )
        self._file = Select(name=tr("File"), icon_name="file-text")
        self._file.activated.connect(presenter.choose)
        self._text = QPlainTextEdit()
        self._text.setObjectName("support:text")
        self._text.setAccessibleName(tr("What is in the file"))
        self._text.setProperty("kind", "entry")
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._said = PlainLabel(wrap=True)
        for widget in (
            PlainLabel(tr("Support bundle"), "title"),
            PlainLabel(why, colour="text2", wrap=True),
            self._file,
        ):
            self.body.addWidget(widget)
        self.body.addWidget(self._text, 1)
        self.body.addWidget(self._said)
        leave = Button(tr("Close"), name="support:close")
        leave.clicked.connect(self.reject)
        self._save = Button(tr("Save the bundle…"), "primary", "download", name="support:save")
        self._save.clicked.connect(self._ask_where)
        self.foot.addStretch(1)
        self.foot.addWidget(leave)
        self.foot.addWidget(self._save)
        self.finished.connect(lambda _: presenter.close())
        follow(self._write)
        presenter.attach(self)

    def show_state(self, state: SupportState) -> None:
        if self._file.count() != len(state.files):
            self._file.clear()
            for file in state.files:
                self._file.addItem(f"{file.name} · {file.what}")
        self._file.setVisible(bool(state.files))
        self._file.setCurrentIndex(state.chosen)
        if self._text.toPlainText() != state.text:
            self._text.setPlainText(state.text)
        self._save.setEnabled(state.can_save)
        self._said.setText(state.said)
        self._said.set_colour(Tone.FAILED if state.has_failed else "text2")
        self._said.setVisible(bool(state.said))

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save the bundle"), "marble-console-support.zip")
        if name:
            self._presenter.save(Path(name))

    def _write(self, theme: Theme) -> None:
        self._text.setFont(theme.mono("small"))
