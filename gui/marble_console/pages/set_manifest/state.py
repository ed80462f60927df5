"""What the wizard that sets a manifest works on, and what its pages show, as frozen values. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from marble_console.coordinators.profiles import Environment, Profile
from marble_console.pages.manifest.documents import Document
from marble_console.pages.set_manifest.sending import Outcome
from marble_console.parts import Fact, Notice
from marble_core.errors import MarbleError
from marble_core.manifest.findings import Finding
from marble_core.manifest.model import RecoveryKeyName


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything entered and everything that came of it. `gives_up_state`: a sealed state is lost by this (state 1)."""

    document: Document
    profile: Profile
    holders: tuple[RecoveryKeyName, ...] = ()
    warnings: tuple[Finding, ...] = ()
    contents: str = ""
    generated: int = 0
    gives_up_state: bool = False
    accepted: bool = False
    typed: str = ""
    sending: bool = False
    outcome: Outcome | None = None
    saved: Mapping[RecoveryKeyName, Path] = field(default_factory=dict)
    save_error: MarbleError | None = None

    @property
    def must_type_name(self) -> bool:
        """Production, and what cannot be undone, ask for the name of the connection."""
        return self.gives_up_state or self.profile.environment is Environment.PRODUCTION


@dataclass(frozen=True, slots=True)
class Holder:
    """A line of the page that saves recovery secrets."""

    name: str
    saved_as: str = ""


@dataclass(frozen=True, slots=True)
class PagesState:
    """The content of all pages of the wizard; which one is in front is the dialog's."""

    facts: tuple[Fact, ...] = ()
    effects: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    accept: str = ""
    accepted: bool = False
    name_to_type: str = ""
    problem: Notice | None = None
    holders: tuple[Holder, ...] = ()
    save_problem: Notice | None = None
    result: Notice | None = None
