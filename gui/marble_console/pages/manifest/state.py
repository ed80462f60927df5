"""What the manifest page shows, as one frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from marble_console.pages.manifest.documents import Document
from marble_console.pages.manifest.inforce import Difference
from marble_console.parts import Action, BannerState, ChipState, Notice, Row
from marble_core.manifest.findings import Finding


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    title: str
    icon: str
    modified: bool = False
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class ManifestState:
    """`revision` changes when the editor of this document must take `document.text` anew, and not for typing.

    `problems` are the rows of the list, `findings` the same problems for the marks in the text: the key of a row is the
    index of its finding. `loads` are what can be had from the coordinator, `differences` those of the effective manifest from
    the submitted one. `note` says why the coordinator takes no manifest now.
    """

    tabs: tuple[Tab, ...] = ()
    current: str = ""
    document: Document | None = None
    revision: int = 0
    findings: tuple[Finding, ...] = ()
    problems: tuple[Row, ...] = ()
    counts: tuple[ChipState, ...] = ()
    accepted: int = 0
    verdict: ChipState | None = None
    facts: tuple[str, ...] = ()
    banner: BannerState | None = None
    empty: Notice | None = None
    read_only: str = ""
    save: Action = field(default_factory=lambda: Action("save", ""))
    compare: Action = field(default_factory=lambda: Action("compare", ""))
    note: str = ""
    deploy: Action = field(default_factory=lambda: Action("deploy", ""))
    recent: tuple[Path, ...] = ()
    loads: tuple[Action, ...] = ()
    differences: tuple[Difference, ...] = ()
