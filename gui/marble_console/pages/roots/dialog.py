"""The dialog about a changed root: compare, attest again, or keep the old one and leave. Nothing is sent meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from marble_console.pages.roots.presenter import RootsPresenter
from marble_console.pages.roots.state import RootsState
from marble_console.parts import Action, Column, Tone
from marble_console.theme import Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.chip import Chip
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import PageBody
from marble_console.widgets.rows import RowsView
from marble_console.words import tr

_SIZE = QSize(900, 620)


class RootsDialog(Framed):
    """Shows a RootsPresenter until the connection is left or trusted again."""

    def __init__(self, presenter: RootsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self.setObjectName("roots")
        self._title = PlainLabel(role="title", wrap=True)
        self._why = PlainLabel(wrap=True, selectable=True)
        self._chip = Chip()
        self._line = PlainLabel(wrap=True, selectable=True)
        self._compared = self._table(
            tr("Both certificates"),
            (Column("", 150), Column("", 34), Column(tr("Kept"), 290), Column(tr("Presented now"))),
        )
        self._past = self._table(
            tr("Roots of this connection"),
            (
                Column(tr("Since"), 140),
                Column(tr("Until"), 140),
                Column(tr("Root (SHA-256)"), 190),
                Column(""),
            ),
        )
        self._frames: list[tuple[RowsView, QWidget]] = []
        self._build()
        self._buttons: dict[str, Button] = {}
        self._build_foot()
        follow(self._tighten)
        presenter.attach(self)
        self._buttons["leave"].setFocus()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(IconLabel("shield-x", 28, Tone.FAILED))
        head.addWidget(self._title, 1)
        verdict = QHBoxLayout()
        verdict.addWidget(self._chip)
        verdict.addWidget(self._line, 1)
        self._scroll = PageBody(limited=False)
        column = self._scroll.column
        column.addWidget(self._why)
        column.addLayout(verdict)
        for view in (self._compared, self._past):
            frame = self._framed(view)
            self._frames.append((view, frame))
            column.addWidget(frame)
        column.addStretch(1)
        self.body.addLayout(head)
        self.body.addWidget(self._scroll, 1)

    def _build_foot(self) -> None:
        self._row, self._further = QBoxLayout(QBoxLayout.Direction.LeftToRight), QHBoxLayout()
        self.foot.addLayout(self._row, 1)
        self._row.addStretch(1)
        self._row.addLayout(self._further)
        self._further.addStretch(1)
        for key, kind in (
            ("compare", "secondary"),
            ("attest", "secondary"),
            ("trust", "secondary"),
            ("recover", "secondary"),
            ("leave", "primary"),
        ):
            button = Button("", "primary" if kind == "primary" else "secondary", name=f"roots:{key}")
            button.clicked.connect(lambda _=False, button=button: self._act(button))
            self._buttons[key] = button
            if kind == "primary":
                self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
            else:
                self._further.addWidget(button)

    @staticmethod
    def _table(name: str, columns: tuple[Column, ...]) -> RowsView:
        return RowsView(columns, name=name, compact=True)

    @staticmethod
    def _framed(view: RowsView) -> QWidget:
        """The table with its heading."""
        part, frame = QWidget(), QFrame()
        frame.setProperty("kind", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 6)
        inside.addWidget(view)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(PlainLabel(view.accessibleName(), "sub"))
        column.addWidget(frame)
        return part

    def show_state(self, state: RootsState) -> None:
        self.setWindowTitle(state.title)
        self._title.setText(state.title)
        self._why.setText(state.why)
        self.show_band(state.band)
        self._chip.setVisible(state.verdict is not None)
        if state.verdict is not None:
            self._chip.set(state.verdict)
        self._line.setText(tr("The coordinator is being verified…") if state.busy else state.verdict_line)
        self._line.setVisible(state.busy or bool(state.verdict_line))
        for (view, part), rows in zip(self._frames, (state.compared, state.past), strict=True):
            view.set_rows(rows)
            view.setFixedHeight(_height(len(rows)))
            part.setVisible(bool(rows))
        for key, action in (
            ("compare", state.compare),
            ("attest", state.attest),
            ("trust", state.trust),
            ("recover", state.recover),
            ("leave", state.leave),
        ):
            self._show_action(self._buttons[key], action)

    def finish(self) -> None:
        self.accept()

    def _show_action(self, button: Button, action: Action | None) -> None:
        name = button.objectName()
        button.setVisible(action is not None)
        button.setProperty("action", action.key if action is not None else "")
        if action is not None:
            button.set_action(action)
            button.set_text(action.text)
            button.setObjectName(name)

    def _act(self, button: Button) -> None:
        self._presenter.act(str(button.property("action")))

    def _tighten(self, theme: Theme) -> None:
        self._scroll.column.setContentsMargins(1, 1, theme.pad(12), 1)
        directions = QBoxLayout.Direction
        # Four buttons in large letters are wider than many a screen.
        self._row.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)
        for layout in (self._row, self._further):
            layout.setSpacing(theme.pad(8))


def _height(rows: int) -> int:
    theme = current()
    return theme.text(theme.measures.row_compact) * (min(rows, 8) + 1) + theme.pad(14)
