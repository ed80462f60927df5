"""The look of the console: ask `current()` for the theme in force, `controller()` to change it or to follow it."""

from marble_console.parts import ColourRole, Tone
from marble_console.theme.controller import (
    Mode,
    Palette,
    ThemeController,
    controller,
    current,
    display,
    follow,
    install,
)
from marble_console.theme.icons import icon, pixmap
from marble_console.theme.roles import Colours, Roles, TextRole
from marble_console.theme.theme import Theme

__all__ = [
    "ColourRole",
    "Colours",
    "Mode",
    "Palette",
    "Roles",
    "TextRole",
    "Theme",
    "ThemeController",
    "Tone",
    "controller",
    "current",
    "display",
    "follow",
    "icon",
    "install",
    "pixmap",
]
