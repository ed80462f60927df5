"""Colours keep their contrast, sizes follow the font, and a change reaches what is on the screen."""

import itertools
import re

import pytest
from PySide6.QtCore import Qt

from marble_console.assets import asset, assets_folder
from marble_console.parts import Tone
from marble_console.theme import Mode, current, pixmap
from marble_console.theme.roles import (
    DARK,
    DARK_CONTRAST,
    DARK_NO_RED_GREEN,
    LIGHT,
    LIGHT_CONTRAST,
    LIGHT_NO_RED_GREEN,
)
from marble_console.widgets.label import PlainLabel

SCHEMES = [
    pytest.param(LIGHT, id="light"),
    pytest.param(DARK, id="dark"),
    pytest.param(LIGHT_CONTRAST, id="light with high contrast"),
    pytest.param(DARK_CONTRAST, id="dark with high contrast"),
    pytest.param(LIGHT_NO_RED_GREEN, id="light without red and green"),
    pytest.param(DARK_NO_RED_GREEN, id="dark without red and green"),
]
BACKGROUNDS = ("rail", "page", "surface", "sunken", "overlay", "hover", "selected")


def luminance(colour):
    """Relative luminance (WCAG 2.1)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_extremes():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("roles", SCHEMES)
@pytest.mark.parametrize("text", ["text1", "text2", "text3"])
def test_text_can_be_read_on_every_background(roles, text):
    assert min(contrast(getattr(roles, text), getattr(roles, ground)) for ground in BACKGROUNDS) >= 4.5


@pytest.mark.parametrize("roles", SCHEMES)
@pytest.mark.parametrize("tone", Tone)
def test_a_tone_can_be_read_on_its_tint_and_seen_on_the_page(roles, tone):
    colours = roles.tone(tone)
    assert contrast(colours.fg, colours.tint) >= 4.5
    assert contrast(colours.solid, roles.page) >= 3


@pytest.mark.parametrize("roles", SCHEMES)
def test_filled_buttons_inputs_and_the_focus_ring_stand_out(roles):
    for fill in (roles.accent, roles.accent_hover, roles.danger):
        assert contrast(roles.on_accent, fill) >= 4.5
    for ground in (roles.page, roles.surface):
        assert contrast(roles.border2, ground) >= 3
        assert contrast(roles.focus, ground) >= 3
        assert contrast(roles.accent_text, ground) >= 4.5
    assert contrast(roles.focus_on_fill, roles.accent) >= 1.9


@pytest.mark.parametrize("roles", SCHEMES[:2])  # without green, words and icons say it
def test_green_means_attested_and_no_other_state_has_its_colour(roles):
    verified = roles.tone(Tone.VERIFIED).solid
    others = [roles.tone(tone).solid for tone in Tone if tone is not Tone.VERIFIED]
    assert verified not in others


def test_text_paddings_and_icons_grow_at_their_own_rates(large_text):
    theme = large_text.theme
    assert (theme.k, theme.text(10), theme.pad(10), theme.icon(16)) == (2, 20, 15, 28)


def test_twice_the_text_is_as_narrow_as_half_the_width(theme, large_text):
    assert large_text.theme.narrow(2000)
    assert not large_text.theme.narrow(2300)


def test_a_label_on_the_screen_takes_over_the_new_scheme(theme, qtbot):
    label = PlainLabel("text")
    qtbot.addWidget(label)
    theme.set_mode(Mode.DARK)
    assert current().roles is DARK
    assert label.palette().windowText().color().name().upper() == DARK.text1


def test_the_scheme_of_the_system_is_followed_until_a_mode_is_chosen(theme, qapp):
    theme.set_mode(Mode.SYSTEM)
    dark = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert current().roles.dark is dark
    theme.set_mode(Mode.LIGHT)
    assert not current().roles.dark


def test_an_icon_is_as_sharp_as_the_screen(theme):
    image = pixmap("shield-check", "#102030", 16, 2.0)
    assert (image.width(), image.devicePixelRatio()) == (32, 2.0)
    inked = {
        image.toImage().pixelColor(x, y).name()
        for x, y in itertools.product(range(32), repeat=2)
        if image.toImage().pixelColor(x, y).alpha() == 255
    }
    assert inked == {"#102030"}


def test_every_icon_that_the_code_names_is_shipped(repository):
    shipped = {path.stem for path in (assets_folder() / "icons").glob("*.svg")}
    sources = "\n".join(path.read_text() for path in (repository / "gui").rglob("*.py"))
    used = set(re.findall(r"(?:icon_name=|icon=|IconLabel\(|IconButton\()\"([a-z0-9-]+)\"", sources))
    assert len(used) > 15
    assert used - shipped == set()


def test_the_licences_of_icons_and_fonts_are_shipped():
    assert "Feather" in asset("icons/LICENSE").read_text()
    for font in ("Inter", "JetBrainsMono"):
        assert "SIL Open Font License" in asset(f"fonts/LICENSE-{font}.txt").read_text()
