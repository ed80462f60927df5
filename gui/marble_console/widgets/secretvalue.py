"""A secret value on the screen: dots of a fixed number while it is masked, and a ring that runs out while it is not."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QTextOption
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from marble_console.desktop.capture import CAPTURE
from marble_console.theme import Theme, current, follow
from marble_console.words import ntr, tr

_DOTS = 16  # whatever the length of the value: it is nobody's business
_MOST_LINES = 9
_FULL_CIRCLE = 360 * 16  # Qt's sixteenths of a degree


class SecretValue(QWidget):
    """Masked it is a password field to assistive technology, and holds nothing of the value.

    Revealed, the value can be read and not selected: what is copied goes through the guarded clipboard.
    """

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._masked = QLineEdit("•" * _DOTS)
        self._masked.setEchoMode(QLineEdit.EchoMode.Password)
        self._masked.setReadOnly(True)
        self._masked.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._masked.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._masked.setObjectName(f"{name}:masked")
        self._masked.setAccessibleName(tr("Value, hidden"))
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._text.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self._text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._text.setObjectName(f"{name}:revealed")
        self._text.setAccessibleName(tr("Value, revealed"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._masked)
        self._stack.addWidget(self._text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        follow(self._restyle)

    @property
    def is_revealed(self) -> bool:
        return self._stack.currentWidget() is self._text

    def text(self) -> str:
        """What can be read of the value now."""
        return self._text.toPlainText()

    def conceal(self) -> None:
        """Hide the value and let go of its text."""
        self._text.clear()
        self._stack.setCurrentWidget(self._masked)
        CAPTURE.show(self, value=False)
        self._fit(current())

    def reveal(self, text: str) -> None:
        CAPTURE.show(self, value=True)
        if self._text.toPlainText() != text:
            self._text.setPlainText(text)
        self._stack.setCurrentWidget(self._text)
        self._fit(current())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit(current())

    def _fit(self, theme: Theme) -> None:
        if not self.is_revealed:
            self.setFixedHeight(theme.text(theme.measures.control) + theme.pad(4))
            return
        metrics = self._text.fontMetrics()
        width = max(1, self.width() - theme.pad(28))
        lines = sum(
            1 + metrics.horizontalAdvance(line) // width for line in self._text.toPlainText().splitlines()
        )
        shown = min(max(lines, 1), _MOST_LINES)
        self.setFixedHeight(shown * metrics.lineSpacing() + theme.pad(20))

    def _restyle(self, theme: Theme) -> None:
        self._text.setFont(theme.mono("small"))
        self._masked.setFont(theme.mono("body"))
        self._fit(theme)


class Ring(QWidget):
    """How much of a time is left, as a part of a circle with the seconds in it."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left, self._whole = 0, 1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    def set_time(self, left: int, whole: int) -> None:
        self._left, self._whole = left, max(1, whole)
        words = ntr("hidden in {count} second", "hidden in {count} seconds", left)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        side = current().text(28)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setPen(QPen(QColor(theme.roles.border), 2))
        painter.drawEllipse(frame)
        painter.setPen(QPen(QColor(theme.roles.accent), 2))
        painter.drawArc(frame, 90 * 16, -round(_FULL_CIRCLE * self._left / self._whole))
        painter.setFont(theme.font("caption", 600, tabular=True))
        painter.setPen(QColor(theme.roles.text2))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._left))

    def _restyle(self, theme: Theme) -> None:
        del theme
        self.updateGeometry()
        self.setFixedSize(self.sizeHint())
