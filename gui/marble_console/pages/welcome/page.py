"""The welcome page."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from marble_console.page import Page
from marble_console.parts import ButtonKind
from marble_console.shell_state import StatusText
from marble_console.theme import Theme, follow, pixmap
from marble_console.widgets.button import Button
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import CardGrid
from marble_console.words import tr

_WIDTH = 880
_CARD_WIDTH = 250
_CARD_HEIGHT = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to begin; `digit` is the key that takes it."""

    key: str
    digit: int
    icon: str
    title: str
    about: str
    button: str
    kind: ButtonKind = "secondary"


def choices() -> tuple[Choice, ...]:
    return (
        Choice(
            "local",
            1,
            "hard-drive",
            tr("Start a local coordinator"),
            tr(
                "Runs on this computer, in simulation. For learning and for trying manifests. It gives no hardware proof."
            ),
            tr("Start local coordinator"),
            "primary",
        ),
        Choice(
            "connect",
            2,
            "plug",
            tr("Connect to a coordinator"),
            tr(
                "Give its address and its root certificate. Nothing is sent to a coordinator that does not match."
            ),
            tr("Connect…"),
        ),
        Choice(
            "open",
            3,
            "file-braces",
            tr("Open a manifest file"),
            tr("Check, edit and compare manifests. Needs no coordinator and no network."),
            tr("Open file…"),
        ),
    )


class ChoiceCard(QFrame):
    """A choice with what it means; its key is shown in the corner."""

    def __init__(self, choice: Choice, take: Callable[[], None]) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._digit = PlainLabel(str(choice.digit), "caption", "text2", weight=500)
        self._digit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._digit.setAccessibleName(tr("Key {digit}", digit=choice.digit))
        top = QHBoxLayout()
        top.addWidget(IconLabel(choice.icon, 28, "accent_text"))
        top.addStretch(1)
        top.addWidget(self._digit)
        self.button = Button(choice.button, choice.kind, name=f"welcome:{choice.key}")
        self.button.clicked.connect(take)
        self._column = QVBoxLayout(self)
        self._column.addLayout(top)
        self._column.addWidget(PlainLabel(choice.title, "sub", wrap=True))
        self._column.addWidget(PlainLabel(choice.about, colour="text2", wrap=True))
        self._column.addStretch(1)
        self._column.addWidget(self.button)
        follow(self._restyle)

    def _restyle(self, theme: Theme) -> None:
        side = theme.pad(20)
        self._column.setContentsMargins(side, theme.pad(18), side, theme.pad(18))
        self._column.setSpacing(theme.pad(8))
        self.setMinimumHeight(theme.text(_CARD_HEIGHT))
        self._digit.setFixedSize(theme.text(19), theme.text(19))
        r = theme.roles
        self._digit.setStyleSheet(
            f"QLabel {{ background: {r.sunken}; border: 1px solid {r.border3}; border-radius: 4px; }}"
        )


class WelcomePage(Page):
    """Shown until there is a connection or a document. `chosen` gives the key of the choice."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page:welcome")
        self._logo = QLabel()
        self._logo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        name = PlainLabel(tr("Marble Console"), "figure")
        about = PlainLabel(
            tr("Manage MarbleRun coordinators: manifests, certificates, update logs."),
            "sub",
            "text3",
            weight=400,
            wrap=True,
        )
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        words.addWidget(about)
        self._head = QHBoxLayout()
        self._head.addWidget(self._logo)
        self._head.addLayout(words, 1)
        self._cards = []
        for choice in choices():
            take = partial(self.chosen.emit, choice.key)
            self._cards.append(ChoiceCard(choice, take))
            QShortcut(QKeySequence(str(choice.digit)), self, take)
        # A machine whose only task is to keep a recovery key has no connection and no manifest.
        desk = Button(
            tr("Offline desk: answer a recovery request"), "link", "qr-code", name="welcome:offline"
        )
        desk.clicked.connect(partial(self.chosen.emit, "offline"))
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._column.addStretch(1)
        self._column.addLayout(self._head)
        self._column.addWidget(CardGrid(self._cards, min_width=_CARD_WIDTH))
        self._column.addWidget(desk)
        self._column.addStretch(1)
        self._lay_out()
        follow(self._restyle)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 # Qt's name
        super().showEvent(event)
        self._cards[0].button.setFocus(Qt.FocusReason.TabFocusReason)

    def status_left(self) -> Sequence[StatusText]:
        return (StatusText(tr("Version {version}", version=importlib.metadata.version("marble-console"))),)

    def status_right(self) -> Sequence[StatusText]:
        return (StatusText(tr("No update check, no telemetry")),)

    def _lay_out(self) -> None:
        canvas = QWidget()
        canvas.setProperty("kind", "page")
        row = QHBoxLayout(canvas)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._content, 100)
        row.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(canvas)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _restyle(self, theme: Theme) -> None:
        side = theme.icon(56)
        self._logo.setFixedSize(side, side)
        self._logo.setPixmap(pixmap("app", "", side, self.devicePixelRatioF()))
        self._head.setSpacing(theme.pad(18))
        self._column.setSpacing(theme.pad(26))
        margin = theme.pad(theme.measures.page_margin)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._content.setMaximumWidth(theme.text(_WIDTH) + 2 * margin)
