"""The theme in force, and the one place that changes it: palette, style sheet and fonts of the application."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, Qt, Signal, qVersion
from PySide6.QtGui import QFont, QPixmapCache
from PySide6.QtWidgets import QApplication, QStyleFactory

from marble_console.theme import fonts
from marble_console.theme.roles import (
    BODY,
    DARK,
    DARK_CONTRAST,
    DARK_NO_RED_GREEN,
    LIGHT,
    LIGHT_CONTRAST,
    LIGHT_NO_RED_GREEN,
)
from marble_console.theme.style import palette, style_sheet
from marble_console.theme.theme import Theme

POINTS_PER_INCH = 72


class Palette(StrEnum):
    """Which colours state facts; the values are kept in the settings."""

    USUAL = "usual"
    NO_RED_GREEN = "no-red-green"
    CONTRAST = "contrast"


class Mode(StrEnum):
    """What the operator asked for; the values are kept in the settings."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_SCHEMES = {
    Mode.SYSTEM: Qt.ColorScheme.Unknown,
    Mode.LIGHT: Qt.ColorScheme.Light,
    Mode.DARK: Qt.ColorScheme.Dark,
}


_SCHEMES_OF = {
    Palette.USUAL: {False: LIGHT, True: DARK},
    Palette.CONTRAST: {False: LIGHT_CONTRAST, True: DARK_CONTRAST},
    Palette.NO_RED_GREEN: {False: LIGHT_NO_RED_GREEN, True: DARK_NO_RED_GREEN},
}


class ThemeController(QObject):
    """Applies a theme to the application and tells who follows it.

    The scheme follows the system unless a mode is chosen; sizes follow the application's font.
    """

    changed = Signal(object)

    def __init__(
        self,
        app: QApplication,
        mode: Mode = Mode.SYSTEM,
        text_percent: int = 100,
        palette: Palette = Palette.USUAL,
        *,
        bundled_fonts: bool = False,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._mode = mode
        self._text_percent = text_percent
        self._palette = palette
        self._bundled_fonts = bundled_fonts
        self._applying = False
        app.setStyle(QStyleFactory.create("Fusion"))
        hints = app.styleHints()
        hints.setColorScheme(_SCHEMES[mode])
        self._base_font = QFont(app.font())
        self._theme = self._measure()
        self._apply()
        hints.colorSchemeChanged.connect(self._scheme_changed)
        app.installEventFilter(self)

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def mode(self) -> Mode:
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        self._mode = mode
        self._app.styleHints().setColorScheme(_SCHEMES[mode])
        self._refresh()

    def set_text_percent(self, percent: int) -> None:
        """Draw text in so many percent of the size that the system asks for."""
        self._text_percent = percent
        self._refresh()

    def set_palette(self, palette: Palette) -> None:
        self._palette = palette
        self._refresh()

    def set_base_font(self, font: QFont) -> None:
        """Derive all sizes from another font than the one the system gave."""
        self._base_font = QFont(font)
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 # Qt's name
        # Every event of the application comes by here: the cheapest question first.
        if watched is self._app and event.type() == QEvent.Type.ApplicationFontChange and not self._applying:
            self.set_base_font(self._app.font())
        return False

    def _scheme_changed(self) -> None:
        if not self._applying:
            self._refresh()

    def _measure(self) -> Theme:
        dark = self._mode is Mode.DARK
        if self._mode is Mode.SYSTEM:
            dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        dots_per_inch = self._app.primaryScreen().logicalDotsPerInchY()
        points = self._base_font.pointSizeF()
        if points <= 0:  # the font was given in pixels
            points = self._base_font.pixelSize() * POINTS_PER_INCH / dots_per_inch
        points *= self._text_percent / 100
        pixels = points * dots_per_inch / POINTS_PER_INCH
        return Theme(
            roles=_SCHEMES_OF[self._palette][dark],
            k=pixels / BODY,
            body_points=points,
            family=fonts.text_family(self._base_font, bundled=self._bundled_fonts),
            mono_family=fonts.mono_family(bundled=self._bundled_fonts),
        )

    def _refresh(self) -> None:
        theme = self._measure()
        if theme == self._theme:
            return
        self._theme = theme
        self._apply()
        self.changed.emit(theme)

    def _apply(self) -> None:
        self._applying = True
        try:
            QPixmapCache.clear()
            self._app.setFont(self._theme.font())
            self._app.setPalette(palette(self._theme))
            self._app.setStyleSheet(style_sheet(self._theme))
        finally:
            self._applying = False


_controllers: list[ThemeController] = []


def install(
    app: QApplication,
    mode: Mode = Mode.SYSTEM,
    text_percent: int = 100,
    palette: Palette = Palette.USUAL,
    *,
    bundled_fonts: bool = False,
) -> ThemeController:
    """Give the application its look. The controller lives as long as the application."""
    theme_controller = ThemeController(app, mode, text_percent, palette, bundled_fonts=bundled_fonts)
    _controllers[:] = [theme_controller]
    app.destroyed.connect(_controllers.clear)
    return theme_controller


def controller() -> ThemeController:
    """The controller of the running application; made with the system's scheme if nobody has installed one."""
    if not _controllers:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("a theme needs a QApplication")
        return install(app)
    return _controllers[0]


def current() -> Theme:
    """The theme in force. Ask each time; a kept value goes stale when the scheme or the font changes."""
    return controller().theme


def follow(apply: Callable[[Theme], None]) -> None:
    """Apply the theme now and whenever it changes.

    `apply` must be a method of a widget: the connection ends when the widget does.
    """
    theme_controller = controller()
    theme_controller.changed.connect(apply)
    apply(theme_controller.theme)


def display() -> dict[str, str]:
    """What Qt says of itself and of the screen, for whoever has to find out why something looks wrong."""
    screen = QApplication.primaryScreen()
    return {
        "qt": qVersion(),
        "display": QApplication.platformName(),
        "screens": str(len(QApplication.screens())),
        "size": f"{screen.size().width()} x {screen.size().height()}",
        "device pixel ratio": f"{screen.devicePixelRatio():g}",
        "dots per inch": f"{screen.logicalDotsPerInch():g}",
    }
