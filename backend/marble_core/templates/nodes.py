"""The tree of a parsed template.

Pipelines are calls already (`a | f b` is `f b a`) and parentheses are gone, so an expression is one of five things.
Variables are numbered slots of the frame of their template; slot 0 is `$`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node stands in the text, counted in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Constant(Place):
    value: bytes | bool | int


@dataclass(frozen=True, slots=True)
class Dot(Place):
    pass


@dataclass(frozen=True, slots=True)
class Variable(Place):
    slot: int


@dataclass(frozen=True, slots=True)
class Fields(Place):
    """One or more fields of a value: `.Secrets.name.Cert` is three of the dot."""

    of: Expression
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call(Place):
    """`depth` counts the calls nested in it, itself included."""

    function: str
    arguments: tuple[Expression, ...]
    depth: int


Expression: TypeAlias = Constant | Dot | Variable | Fields | Call


@dataclass(frozen=True, slots=True)
class Text:
    data: bytes


@dataclass(frozen=True, slots=True)
class Print:
    expression: Expression


@dataclass(frozen=True, slots=True)
class Set:
    """Declare a variable or give it another value; nothing is printed."""

    slot: int
    expression: Expression


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition, the variable that it declares, if any, and what runs when it holds."""

    condition: Expression
    slot: int | None
    body: Body


@dataclass(frozen=True, slots=True)
class Branch:
    """`if` with any number of `else if`, or `with`: there the dot of the body is the value of its condition."""

    clauses: tuple[Clause, ...]
    otherwise: Body
    moves_dot: bool


@dataclass(frozen=True, slots=True)
class Range:
    over: Expression
    key_slot: int | None
    value_slot: int | None
    body: Body
    otherwise: Body


@dataclass(frozen=True, slots=True)
class Break:
    pass


@dataclass(frozen=True, slots=True)
class Continue:
    pass


@dataclass(frozen=True, slots=True)
class Include(Place):
    """`template "name" dot`; without a dot, the template gets none."""

    name: str
    dot: Expression | None


Node: TypeAlias = Text | Print | Set | Branch | Range | Break | Continue | Include
Body: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A body and the number of variable slots that it needs."""

    body: Body
    slots: int


@dataclass(frozen=True, slots=True)
class Program:
    """What a text defines: the main template and those named by `define`."""

    main: Template
    named: Mapping[str, Template] = field(default_factory=dict)
