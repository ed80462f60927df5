"""The dialog that compares a secret with another value, blind."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from marble_console.pages.secrets.comparing import ComparePresenter, CompareState
from marble_console.shell_state import BandState
from marble_console.widgets.button import Button
from marble_console.widgets.entry import FileEntry
from marble_console.widgets.fields import Select
from marble_console.widgets.framed import Field, Framed
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.words import tr

_SIZE = QSize(520, 330)


class CompareDialog(Framed):
    """Shows a ComparePresenter."""

    def __init__(
        self, presenter: ComparePresenter, band: BandState | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("compare-secret")
        title = tr("Compare {name}", name=presenter.state.name)
        self.setWindowTitle(title)
        self.show_band(band)
        self._others = Select(name=tr("Another secret"))
        self._others.setObjectName("compare:other")
        self._others.addItem(tr("Choose…"), "")
        for other in presenter.state.others:
            self._others.addItem(other, other)
        self._others.activated.connect(self._chosen)
        self._file = FileEntry(tr("A file"), tr("All files (*)"), name="compare:file")
        self._file.set_path(None)
        self._file.chosen.connect(self._file_chosen)
        self._icon = IconLabel("", 18)
        self._verdict = PlainLabel(weight=600, wrap=True)
        self._verdict.setObjectName("compare:verdict")
        row = QHBoxLayout()
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._verdict, 1)
        self.body.addWidget(PlainLabel(title, "title", wrap=True))
        self.body.addWidget(PlainLabel(tr("Neither value is shown."), colour="text3", wrap=True))
        self.body.addWidget(Field(tr("Another secret"), self._others))
        self.body.addWidget(Field(tr("A file"), self._file))
        self.body.addLayout(row)
        self.body.addStretch(1)
        close = Button(tr("Close"), name="compare:close")
        close.clicked.connect(self.reject)
        self.foot.addStretch(1)
        self.foot.addWidget(close)
        presenter.attach(self)

    def show_state(self, state: CompareState) -> None:
        self._others.setEnabled(bool(state.others) and not state.busy)
        self._file.setEnabled(not state.busy)
        self._verdict.setText(tr("Reading…") if state.busy else state.verdict)
        self._verdict.set_colour(state.tone or "text1")
        self._icon.set_icon(state.icon, state.tone or "text2")

    def done(self, result: int) -> None:
        self._presenter.close()
        super().done(result)

    def _chosen(self, _: int) -> None:
        self._file.set_path(None)
        if other := self._others.currentData():
            self._presenter.with_secret(other)

    def _file_chosen(self, path: object) -> None:
        self._others.setCurrentIndex(0)
        self._file.set_path(path)  # type: ignore[arg-type] # the signal carries a Path
        self._presenter.with_file(path)  # type: ignore[arg-type] # as above
