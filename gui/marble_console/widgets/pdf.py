"""HTML on paper. For a worker thread: laying out some pages takes longer than a turn of the event loop may."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument

from marble_console.files import reason, replace_file
from marble_console.words import tr
from marble_core.errors import MarbleError

_DOTS_PER_INCH = 144
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
            _draw(html, made)
            replace_file(path, made.read_bytes())
    except OSError as error:
        raise NotPrinted(
            tr("{name} cannot be written: {why}.", name=path.name, why=reason(error)),
            hint=tr("Choose another place."),
        ) from error
    return path


def _draw(html: str, path: Path) -> None:
    writer = QPdfWriter(os.fspath(path))
    writer.setResolution(_DOTS_PER_INCH)
    writer.setCreator("Marble Console")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN), QPageLayout.Unit.Millimeter)
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setHtml(html)
    document.setPageSize(writer.pageLayout().paintRectPixels(_DOTS_PER_INCH).size().toSizeF())
    document.print_(writer)
