"""What reading a tree by a shape has to say: what does not fit, and what Go's decoder swallows silently."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol, TypeVar

from marble_core.gojson.errors import GoJsonError
from marble_core.gojson.nodes import Node, String

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

    def misfit(self, shape: Described, node: Node, at: Path, old: T, literal: str = "") -> T:
        """Note a value of the wrong kind; returns `old`, which stays in force.

        The value itself is shown only as `literal`, where a number was wanted: anywhere else it may be a secret.
        """
        if len(self.problems) < MAX_NOTES:
            where = path_text(at)
            shown = f" {literal[:_LONGEST_LITERAL]}" if literal else ""
            self.problem(
                node,
                at,
                f"json: cannot unmarshal {node.kind}{shown} into {f'field {where}' if at else 'value'}"
                f" of type {shape.go_type}",
                f"{where or 'The document'} must be {shape.wanted}, not {shown.strip() or node.described}.",
            )
        return old

    def lenient(self, kind: Leniency, key: String, at: Path, name: str, known: tuple[str, ...] = ()) -> None:
        if len(self.remarks) < MAX_NOTES:
            self.remarks.append(Remark(kind, (*at, name), key, known))
