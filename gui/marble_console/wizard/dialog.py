"""The dialog of every wizard: band, numbered steps at the side, the page, and at the foot the gate and the buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from marble_console.parts import Action, Fact
from marble_console.theme import Theme, current, follow, pixmap
from marble_console.widgets.band import Band
from marble_console.widgets.button import Button
from marble_console.widgets.card import clear
from marble_console.widgets.chip import Chip
from marble_console.widgets.hashlabel import HashLabel
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import Line, PageBody, PageHeader, fold
from marble_console.widgets.taborder import move_focus
from marble_console.widgets.text import tooltip
from marble_console.wizard.flow import Mark, Progress, WizardState
from marble_console.words import tr

_SIZE = QSize(1080, 720)
_GATE = 170  # what the text of a gate needs beside the buttons, in logical pixels at body text 13


class StepMark(QWidget):
    """A step at the side: a tick when done, its number before. It is no button: steps are walked in order."""

    def __init__(self, number: int, mark: Mark) -> None:
        super().__init__()
        self._number = number
        self._mark = mark
        words = {
            Progress.DONE: tr("done"),
            Progress.CURRENT: tr("current step"),
            Progress.AHEAD: tr("to come"),
        }
        self.setAccessibleName(f"{number}. {mark.title}, {words[mark.progress]}")
        self.setObjectName(f"wizard:step:{mark.key}")
        follow(self._restyle)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        r = theme.roles
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        progress = self._mark.progress
        if progress is Progress.CURRENT:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(r.selected))
            painter.drawRoundedRect(self.rect(), theme.measures.radius, theme.measures.radius)
        side = theme.icon(22)
        left = theme.pad(8)
        circle = QRectF(left, (self.height() - side) / 2, side, side).adjusted(0.5, 0.5, -0.5, -0.5)
        fill = {Progress.DONE: r.text3, Progress.CURRENT: r.accent, Progress.AHEAD: r.surface}[progress]
        painter.setPen(QPen(QColor(r.border3 if progress is Progress.AHEAD else fill), 1))
        painter.setBrush(QColor(fill))
        painter.drawEllipse(circle)
        if progress is Progress.DONE:
            tick = theme.icon(14)
            image = pixmap("check", r.rail, tick, self.devicePixelRatioF())
            corner = circle.center() - QPointF(tick / 2, tick / 2)
            painter.drawPixmap(corner, image)
        else:
            painter.setFont(theme.font("small", 600))
            painter.setPen(QColor(r.on_accent if progress is Progress.CURRENT else r.text2))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.setFont(theme.font("body", 600 if progress is Progress.CURRENT else 400))
        painter.setPen(QColor(r.text1 if progress is Progress.CURRENT else r.text2))
        text_left = left + side + theme.pad(10)
        room = self.rect().adjusted(text_left, 0, -theme.pad(4), 0)
        title = painter.fontMetrics().elidedText(self._mark.title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, title)

    def _restyle(self, theme: Theme) -> None:
        self.setToolTip(self._mark.title)
        self.setFixedHeight(theme.text(34))


class WizardPage(PageBody):
    """A page of a wizard: a scrolling column without margins of its own, which takes the keyboard when it is shown."""

    def __init__(self, name: str) -> None:
        super().__init__(limited=False)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        follow(self._tighten)

    def _tighten(self, theme: Theme) -> None:
        self.column.setContentsMargins(1, 1, 1, 1)
        self.column.setSpacing(theme.pad(12))


class Presenter(Protocol):
    """Decides where a wizard goes, and tells the dialog that it was attached to."""

    def attach(self, view: Any) -> None: ...

    def forward(self) -> None: ...

    def back(self) -> None: ...

    def leave(self) -> None: ...


class WizardDialog(QDialog):
    """Shows a WizardState over the pages it was given, by their keys.

    `forward`, `back` and `leave` report the buttons; the flow decides. Escape and the window's own close button leave, or
    say why that cannot be now. A dialog of its own kind shows its pages by `show_pages`, and calls `follow_presenter` when
    they are there; it is then the presenter's view.
    """

    forward = Signal()
    back = Signal()
    leave = Signal()

    def __init__(self, pages: Mapping[str, QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = WizardState("", "", "")
        self._pages = dict(pages)
        self._marks: tuple[Mark, ...] | None = None
        self._side_facts: tuple[Fact, ...] = ()
        self.setObjectName("wizard")
        self.setProperty("kind", "page")
        self.band = Band()
        self._title = PlainLabel(role="sub", wrap=True)
        self._steps = QVBoxLayout()
        self._facts = QVBoxLayout()
        self._facts_line = Line()
        self.header = PageHeader("")
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._gate_icon = IconLabel("", 16)
        self._gate = PlainLabel(colour="text2", wrap=True)
        self._gate.setObjectName("wizard:gate")
        self._leave = Button("", "quiet", name="wizard:leave")
        self._back = Button("", name="wizard:back")
        self.primary = Button("", "primary", name="wizard:forward")
        self._leave.clicked.connect(self.leave)
        self._back.clicked.connect(self.back)
        self.primary.clicked.connect(self.forward)
        self._lay_out()
        follow(self._restyle)

    @property
    def state(self) -> WizardState:
        return self._state

    def preferred_size(self, theme: Theme) -> QSize:
        """The size on a screen that has room for it."""
        return QSize(theme.text(_SIZE.width()), theme.text(_SIZE.height()))

    def follow_presenter(self, presenter: Presenter) -> None:
        """Show what a presenter says from now on, and tell it what is pressed."""
        self.forward.connect(presenter.forward)
        self.back.connect(presenter.back)
        self.leave.connect(presenter.leave)
        presenter.attach(self)

    def show_state(self, wizard: WizardState, pages: Any) -> None:
        """Show a wizard and its pages."""
        self.show_pages(pages)
        self.show_wizard(wizard)

    def show_pages(self, pages: Any) -> None:
        """Show what is on the pages."""

    def finish(self) -> None:
        """The wizard has come to its end."""
        self.accept()

    def show_wizard(self, state: WizardState) -> None:
        """Show where the wizard is; the keyboard goes to the page when another one comes to the front."""
        before, self._state = self._state, state
        self.setWindowTitle(state.title)
        self._title.setText(state.title)
        self.band.setVisible(state.band is not None)
        if state.band is not None:
            self.band.set(state.band.tone, state.band.word, state.band.place, state.band.actor)
        self._show_steps(state.steps)
        self._show_facts(state.side)
        self.header.title.setText(state.heading)
        self.header.set_subtitle(state.subtitle)
        if state.chips != before.chips:
            clear(self.header.buttons)
            for chip in state.chips:
                self.header.buttons.addWidget(Chip(chip))
        self._pages[state.page].setAccessibleName(state.heading)
        self._stack.setCurrentWidget(self._pages[state.page])
        self._show_foot(state)
        if state.page != before.page:
            self._pages[state.page].setFocus(Qt.FocusReason.OtherFocusReason)

    def reject(self) -> None:
        """Escape: as the button that leaves, and nothing where the wizard must not be left."""
        if self._state.leave is not None and self._state.leave.enabled:
            self.leave.emit()
        elif self._state.must_stay:
            self._gate.setText(self._state.must_stay)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 # Qt's name
        return move_focus(self, forward=forward) or super().focusNextPrevChild(forward)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 # Qt's name
        event.ignore()
        self.reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        # Return in a field must never send anything: it goes on only from the button itself.
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.accept()
            return
        super().keyPressEvent(event)

    def _show_steps(self, marks: tuple[Mark, ...]) -> None:
        if marks == self._marks:
            return
        self._marks = marks
        clear(self._steps)
        for number, mark in enumerate(marks, 1):
            self._steps.addWidget(StepMark(number, mark))

    def _show_facts(self, facts: Sequence[Fact]) -> None:
        facts = tuple(facts)
        if facts == self._side_facts:
            return
        self._side_facts = facts
        clear(self._facts)
        self._facts_line.setVisible(bool(facts))
        for fact in facts:
            if fact.key:
                self._facts.addWidget(PlainLabel(fact.key, "small", "text2", weight=600))
            if fact.fingerprint:
                self._facts.addWidget(
                    HashLabel(fact.value, what=fact.key or tr("fingerprint"), colour="text2")
                )
            else:
                self._facts.addWidget(
                    PlainLabel(
                        fact.value, weight=600 if fact.strong else 400, elide=Qt.TextElideMode.ElideMiddle
                    )
                )

    def _show_foot(self, state: WizardState) -> None:
        gate = state.gate
        self._gate.setText(state.busy or gate.text)
        self._gate_icon.setVisible(bool(gate.icon) and not state.busy)
        self._gate_icon.set_icon(gate.icon, gate.tone or "text2")
        self._progress.setVisible(bool(state.busy))
        for button, action in (
            (self._leave, state.leave),
            (self._back, state.back),
            (self.primary, state.primary),
        ):
            _show_action(button, action)
        self.primary.setEnabled(state.primary.enabled and gate.is_open and not state.busy)
        self.primary.setAccessibleDescription(gate.text if not gate.is_open else "")
        self._fold_foot()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._fold_foot()

    def _fold_foot(self) -> None:
        """The gate stands above the buttons where beside them it would be a column of single words."""
        room = self.width() - self._side_widget.width() - 2 * current().pad(28)
        if fold(self._foot, room, self._buttons, _GATE if self._gate.text() else 0):
            self._foot.setAlignment(self._buttons, Qt.AlignmentFlag.AlignRight)

    def _lay_out(self) -> None:
        side = QWidget()
        side.setProperty("kind", "rail")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        # On a small screen the steps and what is sent scroll, rather than push the buttons off it.
        self._side_widget = QScrollArea()
        self._side_widget.setWidgetResizable(True)
        self._side_widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._side_widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._side_widget.setWidget(side)
        self._side = QVBoxLayout(side)
        self._side.addWidget(self._title)
        self._side.addLayout(self._steps)
        self._side.addStretch(1)
        self._facts_line.setVisible(False)
        self._side.addWidget(self._facts_line)
        self._side.addLayout(self._facts)
        self._main = QVBoxLayout()
        self._main.addWidget(self.header)
        self._main.addWidget(self._stack, 1)
        self._gate_row = QHBoxLayout()
        self._gate_row.addWidget(self._gate_icon)
        self._gate_row.addWidget(self._gate, 1)
        self._buttons = QHBoxLayout()
        for button in (self._leave, self._back, self.primary):
            self._buttons.addWidget(button)
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._foot.addLayout(self._gate_row, 1)
        self._foot.addLayout(self._buttons)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(self._main, 1)
        right.addWidget(self._progress)
        right.addWidget(Line())
        right.addLayout(self._foot)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._side_widget)
        middle.addWidget(Line(vertical=True))
        middle.addLayout(right, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.band)
        outer.addLayout(middle, 1)

    def _restyle(self, theme: Theme) -> None:
        m = theme.measures
        self._side_widget.setFixedWidth(theme.text(m.wizard_side))
        edge = theme.pad(14)
        self._side.setContentsMargins(edge, theme.pad(18), edge, theme.pad(16))
        self._side.setSpacing(theme.pad(10))
        self._steps.setSpacing(theme.pad(4))
        self._facts.setSpacing(theme.pad(3))
        margin = theme.pad(28)
        self._main.setContentsMargins(margin, theme.pad(20), margin, theme.pad(14))
        self._main.setSpacing(theme.pad(12))
        self._foot.setContentsMargins(margin, theme.pad(10), margin, theme.pad(12))
        for row in (self._foot, self._gate_row, self._buttons):
            row.setSpacing(theme.pad(8))
        self.resize(self.preferred_size(theme).boundedTo(self.screen().availableGeometry().size()))


def _show_action(button: Button, action: Action | None) -> None:
    button.setVisible(action is not None)
    if action is None:
        return
    button.set_kind(action.kind)
    button.set_icon_name(action.icon)
    button.set_text(action.text)
    button.setEnabled(action.enabled)
    button.setToolTip(tooltip(action.reason))
