"""What reading a tree by a shape has to say: what does not fit, and what Go's decoder swallows silently."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol, TypeVar

from marble_core.gojson.errors import GoJsonError
from marble_core.gojson.nodes import Node, Number, String

T = TypeVar("T")
Path = tuple[str | int, ...]

# A hostile text can hold a million odd places; nobody reads further than this.
MAX_NOTES = 1000

_LONGEST_LITERAL = 40
_plain_name = re.compile(r"[^\s.\"\[\]]+")


def path_text(path: Path) -> str:
    """A path for people: `Marbles.web.TLS[0]`; names that would be misread are quoted: `Secrets["a.b"].Size`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _plain_name.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts)


class Leniency(Enum):
    """Something that is accepted, though hardly meant."""

    UNKNOWN_FIELD = auto()  # ignored; `known` are the fields there are
    OTHER_CASE = auto()  # taken for the field in `known`
    FIELD_AGAIN = auto()  # the last one counts
    MERGED_AGAIN = auto()  # a section or structure given twice
    ENTRY_AGAIN = auto()  # replaces the earlier entry
    OVERRULED = auto()  # checked, without effect


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not fit. `detail` is for the wire, `sentence` for the operator."""

    path: Path
    node: Node
    detail: str
    sentence: str

    def as_error(self) -> GoJsonError:
        return GoJsonError(self.detail, self.sentence, self.node.span)


@dataclass(frozen=True, slots=True)
class Remark:
    kind: Leniency
    path: Path
    key: String
    known: tuple[str, ...] = ()


class Described(Protocol):
    @property
    def go_type(self) -> str: ...

    @property
    def wanted(self) -> str: ...


@dataclass(slots=True)
class Notes:
    """Collects both, in the order of the text, at most MAX_NOTES of each."""

    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def problem(self, node: Node, at: Path, detail: str, sentence: str) -> None:
        if len(self.problems) < MAX_NOTES:
            self.problems.append(Problem(at, node, detail, sentence))

    def misfit(self, shape: Described, node: Node, at: Path, old: T) -> T:
        """Note a value of the wrong kind; returns `old`, which stays in force."""
        if len(self.problems) >= MAX_NOTES:
            return old
        found, what = node.kind, node.described
        if isinstance(node, Number):
            literal = (
                node.literal
                if len(node.literal) <= _LONGEST_LITERAL
                else f"{node.literal[:_LONGEST_LITERAL]}…"
            )
            found, what = f"number {literal}", f"the number {literal}"
        where = path_text(at)
        self.problem(
            node,
            at,
            f"json: cannot unmarshal {found} into {f'field {where}' if at else 'value'} of type {shape.go_type}",
            f"{where or 'The document'} must be {shape.wanted}, not {what}.",
        )
        return old

    def lenient(self, kind: Leniency, key: String, at: Path, name: str, known: tuple[str, ...] = ()) -> None:
        if len(self.remarks) < MAX_NOTES:
            self.remarks.append(Remark(kind, (*at, name), key, known))
