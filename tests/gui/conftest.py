"""What tests of drawn things share: the theme with the bundled fonts, at any text size."""

import pytest
from PySide6.QtGui import QFont

from marble_console.theme import Mode, install


@pytest.fixture
def theme(qapp):
    """The theme controller, light at 100 %, with the same fonts on every machine."""
    controller = install(qapp, Mode.LIGHT, bundled_fonts=True)
    _set_pixels(controller, 13)
    yield controller
    _set_pixels(controller, 13)
    qapp.removeEventFilter(controller)
    controller.deleteLater()


@pytest.fixture
def large_text(theme):
    """200 % of the usual text size."""
    _set_pixels(theme, 26)
    return theme


def _set_pixels(controller, pixels):
    font = QFont("Inter")
    font.setPixelSize(pixels)
    controller.set_base_font(font)
