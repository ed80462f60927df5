"""What the form and the outline show, as frozen values. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from marble_core.gojson import Path


class FieldKind(Enum):
    """How a field is edited."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    CHOICE = auto()  # one of `choices`, or another text
    NAMES = auto()  # any of `choices`
    LINES = auto()  # a list of texts, one on each line
    LONG = auto()  # a text of several lines
    PARAMETER = auto()  # an entry of Files or Env, with a preview of its template
    GROUP = auto()  # no field: the heading of those that follow


@dataclass(frozen=True, slots=True)
class FieldState:
    """One field. `value` is as the widget shows it: text, lines of text, or "true"; empty where nothing is given.

    `note` is what the value means, or becomes; `problem` what is wrong with it. `can_go` says that it can be taken out,
    `file` what kind of file can be put in: "pem" or ""; `makes` what can be made for it: "certificate", "recovery-key" or "".
    """

    path: Path
    label: str
    kind: FieldKind
    value: str = ""
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    hint: str = ""
    note: str = ""
    problem: str = ""
    is_refused: bool = False  # the problem is an error, not advice
    is_given: bool = False
    can_go: bool = False
    file: str = ""
    makes: str = ""
    adds: tuple[str, ...] = ()  # what the group lets one add: keys for the presenter


@dataclass(frozen=True, slots=True)
class Entry:
    """A named entry of a section, and where it stands in the text (line and column from 1)."""

    name: str
    line: int
    column: int
    problems: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A section; `line` is 0 where the text does not have it."""

    name: str
    entries: tuple[Entry, ...] = ()
    line: int = 0
    column: int = 0
    is_map: bool = True


@dataclass(frozen=True, slots=True)
class FormState:
    """`chosen` is the path of the section or entry that is shown. `why_not` says why there is no form."""

    sections: tuple[Section, ...] = ()
    chosen: Path = ()
    title: str = ""
    about: str = ""
    fields: tuple[FieldState, ...] = ()
    why_not: str = ""
    is_read_only: bool = False

    def entry_at(self, line: int) -> Path:
        """The path of what a line of the text belongs to: an entry, or a section that has none; empty for neither."""
        found: Path = ()
        nearest = 0
        for section in self.sections:
            if nearest < section.line <= line:
                nearest, found = section.line, () if section.is_map else (section.name,)
            for entry in section.entries:
                if nearest <= entry.line <= line:
                    nearest, found = entry.line, (section.name, entry.name)
        return found
