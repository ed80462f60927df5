"""HTML on paper. For a worker thread: laying out some pages takes longer than a turn of the event loop may."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QThread
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

from marble_console.files import reason, replace_file
from marble_console.words import tr
from marble_core.errors import MarbleError

_DOTS_PER_INCH = 300
_WIDTH = 900  # of the page as it is laid out: so much that sixteen bytes fit on a line
_MARGIN = 16.0  # millimetres


class NotPrinted(MarbleError):
    """The PDF could not be written."""

    code = "not_printed"


def print_pdf(html: str, path: Path) -> Path:
    """Write a page of HTML as PDF on A4; nothing that it refers to is loaded. Raises NotPrinted."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            # The writer says nothing when the disk is full; the file that it made is then put in its place as a whole.
            made = Path(folder) / "report.pdf"
            drawing = _Drawing(html, made)
            drawing.start()
            drawing.wait()
            replace_file(path, made.read_bytes())
    except OSError as error:
        raise NotPrinted(
            tr("{name} cannot be written: {why}.", name=path.name, why=reason(error)),
            hint=tr("Choose another place."),
        ) from error
    return path


class _Drawing(QThread):
    """Qt lays out text with timers, which only threads of its own have."""

    def __init__(self, html: str, path: Path) -> None:
        super().__init__()
        self._html = html
        self._path = path

    def run(self) -> None:
        _draw(self._html, self._path)


def _draw(html: str, path: Path) -> None:
    writer = QPdfWriter(os.fspath(path))
    writer.setResolution(_DOTS_PER_INCH)
    writer.setCreator("Marble Console")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN), QPageLayout.Unit.Millimeter)
    room = writer.pageLayout().paintRectPixels(_DOTS_PER_INCH)
    scale = room.width() / _WIDTH
    page = QRectF(0, 0, _WIDTH, room.height() / scale)
    document = QTextDocument()
    document.setHtml(html)
    document.setPageSize(page.size())
    painter = QPainter(writer)
    painter.scale(scale, scale)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        shown = page.translated(0, number * page.height())
        painter.save()
        painter.translate(0, -shown.top())
        document.drawContents(painter, shown)
        painter.restore()
    painter.end()
