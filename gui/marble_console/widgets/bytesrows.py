"""Bytes over bytes: expected above found, in groups of eight, wrapped where the room ends, differing ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from marble_console.parts import Tone
from marble_console.theme import Theme, current, follow
from marble_console.words import tr

_GROUP: Final = 8
_ALIGN: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class ByteRows(QWidget):
    """Two rows of bytes (two hex digits each). With `whole` the found row is tinted, else single bytes of it."""

    def __init__(
        self,
        expected: Sequence[str],
        found: Sequence[str],
        differing: frozenset[int],
        *,
        whole: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = (tuple(expected), tuple(found))
        self._differing = differing
        self._whole = whole
        self.setAccessibleName(
            tr("expected {expected}; found {found}", expected=" ".join(expected), found=" ".join(found))
        )
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        follow(self._restyle)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 # Qt's name
        theme = current()
        pairs = self._lines(width, theme)
        return pairs * 2 * self._line(theme) + (pairs - 1) * theme.pad(8) + 2

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        width = self._left(theme) + 4 * self._group(theme) + theme.pad(12)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        theme = current()
        return QSize(self._left(theme) + self._group(theme), 2 * self._line(theme))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        theme = current()
        painter = QPainter(self)
        line, per_line = self._line(theme), self._per_line(self.width(), theme)
        top = 0
        for first in range(0, max(map(len, self._rows)), per_line):
            for at, word in enumerate((tr("expected"), tr("found"))):
                self._paint_row(painter, theme, QPoint(0, top), at, word, range(first, first + per_line))
                top += line
            top += theme.pad(8)

    def _paint_row(
        self, painter: QPainter, theme: Theme, corner: QPoint, row: int, word: str, places: range
    ) -> None:
        line, left = self._line(theme), self._left(theme)
        painter.setFont(theme.font())
        painter.setPen(theme.colour("text2"))
        painter.drawText(QRect(corner.x(), corner.y(), left, line), _ALIGN, word)
        digits = self._rows[row]
        shown = [at for at in places if at < len(digits)]
        if not shown:
            return
        failed = theme.tone(Tone.FAILED)
        is_found = row == 1 and bool(self._differing)
        end = self._x(shown[-1] - places.start, theme) + self._digit(theme) * 2
        ground = QRect(left, corner.y(), end - left + theme.pad(6), line - 1)
        painter.fillRect(ground, QColor(failed.tint if is_found and self._whole else theme.roles.sunken))
        for at in shown:
            x = self._x(at - places.start, theme)
            marked = is_found and at in self._differing
            place = QRect(x, corner.y(), self._digit(theme) * 2, line - 1)
            if marked and not self._whole:
                painter.fillRect(place.adjusted(-2, 0, 2, 0), QColor(failed.tint))
                painter.fillRect(
                    QRect(place.left(), place.bottom() - 1, place.width(), 2), QColor(failed.solid)
                )
            painter.setFont(self._font(theme, strong=marked))
            painter.setPen(QColor(failed.fg if marked else theme.roles.text1))
            painter.drawText(place, _ALIGN, digits[at])

    # -- measures -------------------------------------------------------------------------------------------------
    @staticmethod
    def _font(theme: Theme, *, strong: bool = False) -> QFont:
        return theme.mono("body", 700 if strong else 400)

    def _digit(self, theme: Theme) -> int:
        return QFontMetrics(self._font(theme)).horizontalAdvance("0")

    @staticmethod
    def _line(theme: Theme) -> int:
        return QFontMetrics(theme.mono()).height() + theme.pad(4)

    @staticmethod
    def _left(theme: Theme) -> int:
        metrics = QFontMetrics(theme.font())
        return max(map(metrics.horizontalAdvance, (tr("expected"), tr("found")))) + theme.pad(18)

    def _group(self, theme: Theme) -> int:
        digit = self._digit(theme)
        return _GROUP * 2 * digit + (_GROUP - 1) * self._gap(theme) + self._between(theme)

    def _gap(self, theme: Theme) -> int:
        return max(2, self._digit(theme) // 2)

    def _between(self, theme: Theme) -> int:
        return self._digit(theme) * 2

    def _x(self, at: int, theme: Theme) -> int:
        group, within = divmod(at, _GROUP)
        step = 2 * self._digit(theme) + self._gap(theme)
        return self._left(theme) + theme.pad(6) + group * self._group(theme) + within * step

    def _per_line(self, width: int, theme: Theme) -> int:
        room = width - self._left(theme) - theme.pad(6) + self._between(theme)
        return _GROUP * max(1, min(4, room // self._group(theme)))

    def _lines(self, width: int, theme: Theme) -> int:
        count = max(map(len, self._rows))
        per_line = self._per_line(width, theme)
        return max(1, -(-count // per_line))

    def _restyle(self, theme: Theme) -> None:
        del theme
        self.updateGeometry()
        self.update()
