"""Which fonts to use: those of the system where they can show the type scale, else the two that are bundled."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

from marble_console.assets import asset

INTER = "Inter"
JETBRAINS_MONO = "JetBrains Mono"
_FILES = {
    INTER: ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf"),
    JETBRAINS_MONO: ("JetBrainsMono-Regular.ttf", "JetBrainsMono-Bold.ttf"),
}
# What font managers answer when they have nothing better.
_LAST_RESORTS = ("dejavu", "bitstream vera", "liberation", "freesans", "nimbus")


@cache
def _load(family: str) -> str:
    for name in _FILES[family]:
        QFontDatabase.addApplicationFont(str(asset(f"fonts/{name}")))
    return family


def text_family(system: QFont, *, bundled: bool = False) -> str:
    """The family for text: the system's, or Inter if that has no weights between normal and bold."""
    family = QFontInfo(system).family()
    if bundled or family.lower().startswith(_LAST_RESORTS) or not _has_weights(family):
        return _load(INTER)
    return family


def mono_family(*, bundled: bool = False) -> str:
    """The family for hashes and code: the system's fixed font, or JetBrains Mono."""
    info = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    if bundled or not info.fixedPitch() or info.family().lower().startswith(_LAST_RESORTS):
        return _load(JETBRAINS_MONO)
    return info.family()


def _has_weights(family: str) -> bool:
    if family.startswith("."):  # the private family of macOS has every weight but lists no style
        return True
    return any(
        QFont.Weight.Medium <= QFontDatabase.weight(family, style) <= QFont.Weight.DemiBold
        for style in QFontDatabase.styles(family)
    )
