"""Which section of the guide is about which page, and the list of keyboard shortcuts. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from marble_console.navigation import Place
from marble_console.pages.help.guide import FIRST, Chapter, Section
from marble_console.words import tr

SHORTCUTS: Final = "shortcuts"

TOPICS: Final = {
    Place.WELCOME: FIRST,
    Place.CONNECTIONS: f"{FIRST}#several-coordinators",
    Place.OVERVIEW: f"{FIRST}#keep-watch",
    Place.MANIFEST: "manifests",
    Place.COMPARE: f"{FIRST}#compare-with-the-one-in-force",
    Place.ATTESTATION: "attestation",
    Place.SECRETS: "secrets",
    Place.ACCESS: "access",
    Place.RECOVERY: "recovery",
    Place.AUDIT: f"{FIRST}#keep-watch",
    Place.COORDINATOR: f"{FIRST}#start",
    Place.SETTINGS: "settings",
}
"""Where help begins on each page."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The shortcuts of one place: keys as the platform writes them, and what they do."""

    place: str
    entries: tuple[tuple[str, str], ...]


def shortcuts_chapter(groups: Sequence[Keys], *, complete: bool) -> Chapter:
    """The shortcuts as a chapter like the others; while not all pages have been asked it says so."""
    intro = tr("What the keys do, on this system.") + ("" if complete else " " + tr("Being put together…"))
    sections = [Section(SHORTCUTS, tr("Keyboard shortcuts"), 1, f"{intro}\n")]
    for at, group in enumerate(groups):
        rows = "\n".join(f"| {_cell(keys)} | {_cell(does)} |" for keys, does in group.entries)
        table = f"| {tr('Keys')} | {tr('What they do')} |\n|---|---|\n{rows}\n"
        sections.append(Section(f"{SHORTCUTS}#{at}", group.place, 2, table))
    return Chapter(SHORTCUTS, tr("Keyboard shortcuts"), tuple(sections))


def _cell(text: str) -> str:
    """A text that is nothing but text in a table of Markdown."""
    return "".join(f"\\{letter}" if letter in "\\|*_`[]<>#" else letter for letter in text)
