"""The window with the manifests that were deployed over a connection."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from marble_console.pages.history.presenter import HistoryPresenter, HistoryState
from marble_console.parts import Column
from marble_console.shell_state import BandState
from marble_console.widgets.button import Button
from marble_console.widgets.card import framed
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr


class HistoryDialog(Framed):
    """Renders a HistoryState."""

    def __init__(
        self, presenter: HistoryPresenter, band: BandState | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(QSize(820, 460), parent)
        self.setObjectName("history")
        self.show_band(band)
        self._title = PlainLabel("", "title", elide=Qt.TextElideMode.ElideMiddle)
        self._note = PlainLabel(
            tr("Manifests that carry values of secrets are never kept."), "small", "text3", wrap=True
        )
        self._skeleton = Skeleton(4)
        self._notice = NoticePanel()
        self.rows = RowsView(
            (
                Column(tr("When"), 120),
                Column(tr("What"), 150),
                Column(tr("Fingerprint"), 160),
                Column(tr("Identity"), 110),
                Column(tr("Note")),
            ),
            name=tr("Deployed manifests"),
        )
        self.rows.opened.connect(presenter.choose)
        self.rows.chosen.connect(lambda _: self._enable())
        for widget in (self._title, self._note, self._skeleton, self._notice):
            self.body.addWidget(widget)
        self._frame = framed(self.rows)
        self.body.addWidget(self._frame, 1)
        self.body.addStretch(0)
        self._forget = Button(tr("Forget"), "quiet", name="history:forget")
        self._forget.clicked.connect(lambda: presenter.forget(self.rows.current_key()))
        cancel = Button(tr("Cancel"), name="history:cancel")
        cancel.clicked.connect(self.reject)
        self._use = Button(tr("Compare with this"), "primary", "git-compare", name="history:use")
        self._use.clicked.connect(lambda: presenter.choose(self.rows.current_key()))
        self.foot.addWidget(self._forget)
        self.foot.addStretch(1)
        self.foot.addWidget(cancel)
        self.foot.addWidget(self._use)
        presenter.attach(self)

    def show_state(self, state: HistoryState) -> None:
        self.setWindowTitle(state.title)
        self._title.setText(state.title)
        self._skeleton.setVisible(state.loading)
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self.rows.set_rows(state.rows)
        self._frame.setVisible(bool(state.rows))
        if state.rows and not self.rows.current_key():
            self.rows.set_current(state.rows[0].key)
        self._enable()

    def finish(self) -> None:
        self.accept()

    def _enable(self) -> None:
        for button in (self._forget, self._use):
            button.setEnabled(bool(self.rows.current_key()) and not self.rows.isHidden())
