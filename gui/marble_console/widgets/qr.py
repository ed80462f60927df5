"""QR codes: shown, saved as a picture, and read from a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import zxingcpp
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from marble_console.theme import Theme, current, follow
from marble_console.words import tr
from marble_core.errors import MarbleError

LONGEST: Final = 2900  # bytes that the largest QR code holds
_MODULE: Final = 8  # pixels of a module in a saved picture
_MOST_PIXELS: Final = 40_000_000
_SHOWN: Final = 300


class NoQrCode(MarbleError):
    """The picture cannot be read, or has no QR code."""

    code = "no_qr_code"


def qr_image(text: str, module: int = 1) -> QImage | None:
    """The code with its quiet zone, black on white; None for a text that no code holds."""
    if not text or len(text.encode()) > LONGEST:
        return None
    made: Any = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode))
    height, width = made.shape[:2]
    image = QImage(bytes(memoryview(made)), width, height, width, QImage.Format.Format_Grayscale8).copy()
    return image.scaled(QSize(width, height) * module) if module > 1 else image


def save_qr(text: str, path: Path) -> Path:
    """Write the code as a picture; raises NoQrCode."""
    image = qr_image(text, _MODULE)
    if image is None or not QImageWriter(str(path), QByteArray(b"png")).write(image):
        raise NoQrCode(
            tr("The picture {name} cannot be written.", name=path.name),
            hint=tr("Choose another place, or save the packet as a file."),
        )
    return path


def read_qr(path: Path) -> str:
    """The text of the one code in a picture. On a worker: a large picture takes its time. Raises NoQrCode."""
    image = QImage(str(path))
    if image.isNull() or image.width() * image.height() > _MOST_PIXELS:
        raise NoQrCode(
            tr("{name} is no picture that can be read.", name=path.name),
            hint=tr("Take a picture of the code alone, and save it as PNG or JPEG."),
        )
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    lines = bytes(grey.constBits())
    view: Any = memoryview(lines).cast("B", shape=[grey.height(), grey.bytesPerLine()])
    found = zxingcpp.read_barcodes(view, zxingcpp.barcode_formats_from_str("QRCode"))
    if len(found) != 1:
        what = (
            tr("There is no QR code in {name}.") if not found else tr("There are several QR codes in {name}.")
        )
        raise NoQrCode(
            what.format(name=path.name),
            hint=tr("Take the picture straight from the front, sharp, and with nothing else in it."),
        )
    text: str = found[0].text
    return text


class QrLabel(QWidget):
    """Shows a text as a QR code, black on white in every theme. Hidden where the text is too long for one."""

    def __init__(self, says: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._text = ""
        self.setAccessibleName(says)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        follow(self._restyle)

    @property
    def holds(self) -> bool:
        """Whether there is a code to show."""
        return self._image is not None

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self._image = qr_image(text)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 # Qt's name
        side = current().icon(_SHOWN)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 # Qt's name
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.white))
        if self._image is None:
            return
        # Whole pixels for each module: a reader wants straight edges.
        ratio = self.devicePixelRatioF()
        module = max(1, int(min(self.width(), self.height()) * ratio) // self._image.width())
        side = round(self._image.width() * module / ratio)
        left, top = (self.width() - side) // 2, (self.height() - side) // 2
        scaled = self._image.scaled(self._image.size() * module)
        scaled.setDevicePixelRatio(ratio)
        painter.drawImage(left, top, scaled)

    def _restyle(self, theme: Theme) -> None:
        del theme
        self.updateGeometry()
