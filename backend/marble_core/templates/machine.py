"""Run a parsed template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from marble_core.secrets import Secret
from marble_core.templates.budget import Budget, BudgetSpentError
from marble_core.templates.errors import CallError, Source, TemplateError
from marble_core.templates.functions import LAZY, Function, truth
from marble_core.templates.nodes import (
    Branch,
    Break,
    Call,
    Constant,
    Continue,
    Dot,
    Expression,
    Fields,
    Include,
    Node,
    Place,
    Print,
    Program,
    Range,
    Set,
    Template,
    Text,
    Variable,
)
from marble_core.templates.parser import DEEPEST_NESTING
from marble_core.templates.printing import shown, type_name
from marble_core.templates.values import (
    MISSING,
    CertificatePart,
    Missing,
    Part,
    Record,
    SecretMap,
    Value,
)


@dataclass(slots=True)
class _Level:
    """A body that is being run. A loop's level takes one round after another."""

    nodes: Iterator[Node]
    dot: Value
    frame: list[Value]
    loop: Range | None = None
    rounds: Iterator[tuple[Value, Value]] = field(default_factory=lambda: iter(()))


class Machine:
    """Runs one program once, on one set of values, within a budget.

    Bodies are kept on a list of levels and not on Python's stack: nesting is the template's choice.
    """

    def __init__(
        self, source: Source, program: Program, functions: Mapping[str, Function], budget: Budget
    ) -> None:
        self._source = source
        self._program = program
        self._functions = functions
        self._budget = budget
        self._output: list[bytes] = []
        self._levels: list[_Level] = []

    def run(self, dot: Value) -> bytes:
        """The text printed. Raises TemplateError and BudgetSpentError."""
        self._enter_template(self._program.main, dot)
        while self._levels:
            level = self._levels[-1]
            node = next(level.nodes, None)
            if node is not None:
                self._budget.spend_steps()
                self._run_node(node, level)
            elif not self._next_round(level):
                self._levels.pop()
        return b"".join(self._output)

    def _enter_template(self, template: Template, dot: Value) -> None:
        self._budget.spend_steps(template.slots)
        self._enter(_Level(iter(template.body), dot, [dot, *[MISSING] * (template.slots - 1)]))

    def _enter(self, level: _Level) -> None:
        if len(self._levels) >= DEEPEST_NESTING:
            raise BudgetSpentError(f"nested deeper than {DEEPEST_NESTING}")
        self._levels.append(level)

    def _run_node(self, node: Node, level: _Level) -> None:
        match node:
            case Text(data):
                self._print(data)
            case Print(expression):
                self._print(self._shown(expression, level))
            case Set(slot, expression):
                level.frame[slot] = self._value(expression, level)
            case Branch():
                self._branch(node, level)
            case Range():
                self._start_loop(node, level)
            case Break():
                self._leave_to_loop()
                self._levels.pop()
            case Continue():
                self._leave_to_loop().nodes = iter(())
            case Include():
                self._include(node, level)
            case _:
                assert_never(node)

    def _print(self, text: bytes) -> None:
        self._budget.spend_bytes(len(text))
        self._output.append(text)

    def _shown(self, expression: Expression, level: _Level) -> bytes:
        try:
            return shown(self._value(expression, level))
        except CallError as error:
            raise self._error(str(error), expression) from error

    def _branch(self, branch: Branch, level: _Level) -> None:
        for clause in branch.clauses:
            value = self._value(clause.condition, level)
            if clause.slot is not None:
                level.frame[clause.slot] = value
            if truth(value):
                dot = value if branch.moves_dot else level.dot
                self._enter(_Level(iter(clause.body), dot, level.frame))
                return
        self._enter(_Level(iter(branch.otherwise), level.dot, level.frame))

    def _start_loop(self, loop: Range, level: _Level) -> None:
        rounds = iter(self._rounds(loop, self._value(loop.over, level)))
        inner = _Level(iter(()), level.dot, level.frame, loop, rounds)
        if not self._next_round(inner):
            inner.nodes = iter(loop.otherwise)
        self._enter(inner)

    def _next_round(self, level: _Level) -> bool:
        """Start the level's next round; False if it is no loop, or its rounds are over."""
        loop, following = level.loop, next(level.rounds, None)
        if loop is None or following is None:
            return False
        self._budget.spend_steps()
        key, value = following
        if loop.key_slot is not None:
            level.frame[loop.key_slot] = key
        if loop.value_slot is not None:
            level.frame[loop.value_slot] = value
        level.dot, level.nodes = value, iter(loop.body)
        return True

    def _leave_to_loop(self) -> _Level:
        """End the bodies inside the innermost loop; the parser has seen that there is one."""
        while self._levels[-1].loop is None:
            self._levels.pop()
        return self._levels[-1]

    def _rounds(self, loop: Range, over: Value) -> Iterable[tuple[Value, Value]]:
        match over:
            case SecretMap():
                return over.sorted_items
            case int() if not isinstance(over, bool):
                if loop.key_slot is not None:
                    raise self._error("can't use a number to iterate over more than one variable", loop.over)
                return ((number, number) for number in range(over))
            case Missing():
                return ()
            case _:
                raise self._error(f"range can't iterate over a value of type {type_name(over)}", loop.over)

    def _include(self, include: Include, level: _Level) -> None:
        template = self._program.named.get(include.name)
        if template is None:
            raise self._error(f'template "{include.name}" not defined', include)
        dot = MISSING if include.dot is None else self._value(include.dot, level)
        self._enter_template(template, dot)

    def _value(self, expression: Expression, level: _Level) -> Value:
        self._budget.spend_steps()
        match expression:
            case Constant(value):
                return value
            case Dot():
                return level.dot
            case Variable(slot):
                return level.frame[slot]
            case Fields():
                return self._fields(expression, level)
            case Call(function) if function in LAZY:
                return self._decide(expression, level)
            case Call():
                return self._call(expression, level)
            case _:
                assert_never(expression)

    def _fields(self, fields: Fields, level: _Level) -> Value:
        value = self._value(fields.of, level)
        for name in fields.names:
            value = self._field(value, name, fields)
        return value

    def _field(self, value: Value, name: str, place: Place) -> Value:
        match value, name:
            case SecretMap(), _:
                return value.by_field(name)
            case Record(fields=fields), _ if name in fields:
                return fields[name]
            case Secret(cert=cert), "Cert":
                return CertificatePart(cert)
            case Secret(public=public), "Public":
                return Part(public, "PUBLIC KEY")
            case Secret(private=private), "Private":
                return Part(private, "PRIVATE KEY")
            case Missing(), _:
                return value
            case _:
                raise self._error(f"can't evaluate field {name} in type {type_name(value)}", place)

    def _decide(self, call: Call, level: _Level) -> Value:
        """`and` and `or`: the first operand that decides, or the last one; those after it are not evaluated."""
        value: Value = MISSING
        for argument in call.arguments:
            value = self._value(argument, level)
            if truth(value) is (call.function == "or"):
                return value
        if not call.arguments:
            raise self._error(f"wrong number of args for {call.function}: want at least 1 got 0", call)
        return value

    def _call(self, call: Call, level: _Level) -> Value:
        function = self._functions[call.function]
        if complaint := function.refuse_count(call.function, len(call.arguments)):
            raise self._error(complaint, call)
        arguments = [self._value(argument, level) for argument in call.arguments]
        self._budget.spend_bytes(sum(map(_size, arguments)))
        try:
            result = function.call(arguments, self._budget)
        except CallError as error:
            raise self._error(f"error calling {call.function}: {error}", call) from error
        self._budget.spend_bytes(_size(result))
        return result

    def _error(self, detail: str, place: Place) -> TemplateError:
        return self._source.run_error(detail, place.start, place.end)


def _size(value: Value) -> int:
    match value:
        case bytes(data) | Part(data=data):
            return len(data)
        case _:
            return 0
