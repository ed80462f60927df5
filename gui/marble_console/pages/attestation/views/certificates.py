"""The certificates as a tree, and the one in hand."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from marble_console.pages.attestation.presenter import AttestationPresenter
from marble_console.pages.attestation.state import CertificatesState
from marble_console.parts import Column
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card, KeyValueGrid
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows.view import RowsView
from marble_console.words import tr

_WIDE = 900


class CertificatesView(QWidget):
    """Renders a CertificatesState. `chosen` asks for a file to save the certificate in hand to."""

    chosen = Signal(str)

    def __init__(self, presenter: AttestationPresenter) -> None:
        super().__init__()
        self.setObjectName("tab:certificates")
        self._notice = NoticePanel()
        self.tree = RowsView(
            (Column(tr("Certificate"), 300), Column(tr("Role"), 190), Column(tr("Validity"))),
            name=tr("Certificates"),
            grouped=True,
        )
        self.tree.chosen.connect(presenter.choose_certificate)
        self._frame = QFrame()
        self._frame.setProperty("kind", "card")
        frame = QVBoxLayout(self._frame)
        frame.setContentsMargins(1, 1, 1, 6)
        frame.addWidget(self.tree)
        self._detail = Card(tr("Certificate"), "stamp")
        self._save = Button(tr("Save as PEM…"), icon_name="download", name="certificate:save")
        self._save.clicked.connect(lambda: self.chosen.emit("certificate-save"))
        self._facts = KeyValueGrid()
        self._detail.body.addWidget(self._facts)
        self._detail.body.addWidget(self._save)
        self._share = Button("", name="certificate:share")
        self._share.clicked.connect(lambda: self.chosen.emit("share"))
        self._share_reason = PlainLabel("", "small", "text3", wrap=True)
        self._detail.body.addWidget(self._share)
        self._detail.body.addWidget(self._share_reason)
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._sides.addWidget(self._frame, 3)
        self._sides.addWidget(self._detail, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._notice)
        column.addLayout(self._sides)
        column.addStretch(1)
        follow(self._restyle)

    def show_certificates(self, state: CertificatesState) -> None:
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._frame.setVisible(bool(state.rows))
        self._detail.setVisible(bool(state.facts))
        self.tree.set_rows(state.rows)
        self.tree.set_current(state.chosen)
        self._facts.set_facts(state.facts)
        self._save.setVisible(bool(state.file_name))
        self._share.setVisible(state.share is not None)
        self._share_reason.setVisible(state.share is not None and bool(state.share.reason))
        if state.share is not None:
            self._share.set_action(state.share)
            self._share.set_text(state.share.text)
            self._share.setObjectName("certificate:share")
            self._share_reason.setText(state.share.reason)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        directions = QBoxLayout.Direction
        wide = self.width() >= current().text(_WIDE)
        self._sides.setDirection(directions.LeftToRight if wide else directions.TopToBottom)

    def _restyle(self, theme: Theme) -> None:
        self._sides.setSpacing(theme.pad(theme.measures.card_gap))
        self.tree.setMinimumHeight(
            theme.text(18 * theme.measures.row) if not theme.large else theme.text(300)
        )
        self._fold()
