"""What tests of the console share: the theme with the bundled fonts at any text size, and a simulated platform to attest."""

import datetime as dt

import pytest
from PySide6.QtGui import QFont

from marble_console.theme import Mode, install
from marble_core.attestation.simulation import new_collateral, new_pki
from tests.fakes.attested_coordinator import attested_coordinator
from tests.fakes.pccs import pccs
from tests.fakes.tls_server import make_identity


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


@pytest.fixture(scope="module")
def pki():
    """Of a simulated platform, made now."""
    return new_pki(dt.datetime.now(dt.UTC))


@pytest.fixture(scope="module")
def root():
    return make_identity()


@pytest.fixture(scope="module")
def collateral(pki):
    return new_collateral(pki, dt.datetime.now(dt.UTC))


@pytest.fixture
def service(collateral):
    """The collateral, served."""
    with pccs(collateral) as service:
        yield service


@pytest.fixture
def coordinator(pki, root, tmp_path):
    """A server that shows a quote of this platform over its root."""
    with attested_coordinator(pki, root, tmp_path) as coordinator:
        yield coordinator
