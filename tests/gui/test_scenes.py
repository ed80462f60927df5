"""Every page in every state: nothing is cut at 200 % text, everything has a name, and drawing it makes no noise."""

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from marble_console.theme import Mode
from marble_console.widgets.label import PlainLabel
from tools import scenes

SIZES = ((1280, 800), (1024, 640), (1920, 1080))


@pytest.fixture(params=sorted(scenes.SCENES))
def scene(request):
    return request.param


def settle(qtbot, window):
    """Let layouts that depend on the width come to rest."""
    qtbot.waitUntil(window.isVisible)
    for _ in range(4):
        QCoreApplication.processEvents()


def cut(window):
    """Labels that are smaller than what they say, elided ones apart."""
    found = []
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text() or (isinstance(label, PlainLabel) and label.elides):
            continue
        needed = (
            label.heightForWidth(label.width()) if label.hasHeightForWidth() else label.sizeHint().height()
        )
        too_narrow = not label.hasHeightForWidth() and label.width() < label.sizeHint().width()
        if label.height() < needed or too_narrow:
            found.append((label.text(), label.size().toTuple(), needed, label.sizeHint().toTuple()))
    return found + [
        (button.text(), button.size().toTuple())
        for button in window.findChildren(QAbstractButton)
        if button.isVisible() and button.text() and _is_cut(button)
    ]


def _is_cut(button):
    if button.hasHeightForWidth() and button.height() < button.heightForWidth(button.width()):
        return True
    return button.width() < button.minimumSizeHint().width()


def nameless(window):
    """What takes the keyboard and tells a screen reader nothing."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]


def test_at_the_usual_text_size_nothing_is_cut_or_nameless_and_all_text_is_plain(theme, qtbot, scene):
    with scenes.shown(scene, *SIZES[0]) as window:
        for width, height in SIZES:
            window.resize(width, height)
            settle(qtbot, window)
            assert cut(window) == []
        assert nameless(window) == []
        formats = {label.textFormat() for label in window.findChildren(QLabel) if label.text()}
        assert formats <= {Qt.TextFormat.PlainText}


def test_at_twice_the_text_size_nothing_is_cut_and_the_screen_is_large_enough(large_text, qtbot, scene):
    with scenes.shown(scene, 1280, 800) as window:
        settle(qtbot, window)
        assert cut(window) == []
        assert window.width() <= 1280
        assert window.height() <= 800


@pytest.mark.parametrize("name", ["overview", "manifest", "compare", "coordinator", "deploy-confirm"])
def test_a_scene_follows_the_scheme_while_it_is_shown(theme, qtbot, name):
    with scenes.shown(name, 1280, 800) as window:
        settle(qtbot, window)
        light = window.grab().toImage()
        theme.set_mode(Mode.DARK)
        try:
            dark = window.grab().toImage()
            assert _brightness(light) > 150
            assert _brightness(dark) < 110
        finally:
            theme.set_mode(Mode.LIGHT)


def _brightness(image):
    """The mean brightness of a grid of points, 0 to 255."""
    points = [
        image.pixelColor(x, y).lightness()
        for x in range(0, image.width(), 16)
        for y in range(40, image.height(), 16)
    ]
    return sum(points) / len(points)
