"""Make an expression of the tokens of an action: operands, calls, pipes, parentheses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from marble_core.templates.errors import Source, TemplateError
from marble_core.templates.lexer import Action, Kind, Token
from marble_core.templates.literals import parse_integer, parse_raw_string, parse_string
from marble_core.templates.nodes import Call, Constant, Dot, Expression, Fields, Variable
from marble_core.templates.scope import Scope

MOST_PARENTHESES = 10_000  # as in Go
DEEPEST_CALLS = 64
_MOST_FIELDS = 16  # the longest path that leads anywhere has four
_KEYWORDS = frozenset(
    {"block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"}
)
# They evaluate their operands one by one and stop early; what a pipe sends would have to be evaluated first.
_LAZY = frozenset({"and", "or"})


@dataclass
class _Level:
    """What stands between one pair of parentheses, up to the token being read."""

    opened: Token | None = None
    piped: Expression | None = None
    operands: list[Expression] = field(default_factory=list)
    function: Token | None = None  # set when the first operand is a function's name

    @property
    def is_fresh(self) -> bool:
        return not self.operands


def parse_expression(
    source: Source,
    tokens: Sequence[Token],
    clause: str,
    action: Action,
    scope: Scope,
    functions: Collection[str],
) -> Expression:
    """Parse all of `tokens`; `clause` names their place in messages. Raises TemplateError."""
    return _ExpressionParser(source, clause, action, scope, functions).parse(tokens)


class _ExpressionParser:
    def __init__(
        self, source: Source, clause: str, action: Action, scope: Scope, functions: Collection[str]
    ) -> None:
        self._source = source
        self._clause = clause
        self._action = action
        self._scope = scope
        self._functions = functions
        self._levels = [_Level()]
        self._after: Token | None = None  # the token before the one being read

    def parse(self, tokens: Sequence[Token]) -> Expression:
        for token in tokens:
            self._read(token)
            self._after = token
        level = self._levels.pop()
        if self._levels:
            raise self._error("unclosed left paren", level.opened or tokens[0])
        return self._close(level, self._action.end)

    def _read(self, token: Token) -> None:
        match token.kind:
            case Kind.LEFT:
                self._want_operand(token)
                if len(self._levels) > MOST_PARENTHESES:
                    raise self._error("max expression depth exceeded", token)
                self._levels.append(_Level(token))
            case Kind.RIGHT:
                if len(self._levels) == 1:
                    raise self._error('unexpected ")"', token)
                level = self._levels.pop()
                self._levels[-1].operands.append(self._close(level, token.start))
            case Kind.PIPE:
                level = self._levels[-1]
                level.piped = self._close(level, token.start)
                level.operands, level.function = [], None
            case Kind.FIELD if not token.after_blanks and not self._may_start:
                self._add_field(token)
            case _:
                self._want_operand(token)
                self._levels[-1].operands.append(self._operand(token))

    @property
    def _may_start(self) -> bool:
        """Whether an operand may stand here without a blank before it."""
        return self._after is None or self._after.kind in {Kind.LEFT, Kind.PIPE}

    def _want_operand(self, token: Token) -> None:
        if not (token.after_blanks or self._may_start):
            raise self._error(f'unexpected "{token.text}" in operand', token)

    def _operand(self, token: Token) -> Expression:
        start, end = token.start, token.end
        match token.kind:
            case Kind.DOT:
                return Dot(start=start, end=end)
            case Kind.FIELD:
                return Fields(Dot(start=start, end=start), (token.text[1:],), start=start, end=end)
            case Kind.VARIABLE:
                slot = self._scope.slot_of(token.text)
                if slot is None:
                    raise self._error(f'undefined variable "{token.text}"', token)
                return Variable(slot, start=start, end=end)
            case Kind.WORD:
                return self._word(token)
            case Kind.STRING | Kind.RAW_STRING | Kind.NUMBER:
                return Constant(self._literal(token), start=start, end=end)
            case _:
                raise self._error(f'unexpected "{token.text}" in operand', token)

    def _word(self, token: Token) -> Expression:
        if token.text in {"true", "false"}:
            return Constant(token.text == "true", start=token.start, end=token.end)
        if token.text in _KEYWORDS:
            raise self._error(f"unexpected <{token.text}> in command", token)
        if token.text not in self._functions:
            raise self._error(f'function "{token.text}" not defined', token)
        level = self._levels[-1]
        if level.is_fresh:
            level.function = token
        return Call(token.text, (), 1, start=token.start, end=token.end)

    def _literal(self, token: Token) -> bytes | int:
        try:
            match token.kind:
                case Kind.STRING:
                    return parse_string(token.text)
                case Kind.RAW_STRING:
                    return parse_raw_string(token.text)
                case _:
                    return parse_integer(token.text)
        except ValueError as error:
            raise self._error(str(error), token) from error

    def _add_field(self, token: Token) -> None:
        """Take one more field of the operand just read: `.a` and then `.b`, `$x` or `(...)` and then `.b`."""
        operands = self._levels[-1].operands
        if self._after is None or self._after.kind not in {Kind.FIELD, Kind.VARIABLE, Kind.RIGHT}:
            raise self._error(f'unexpected "{token.text}" in operand', token)
        value = operands[-1]
        of, names = (value.of, value.names) if isinstance(value, Fields) else (value, ())
        if len(names) == _MOST_FIELDS:
            raise self._error(f"more than {_MOST_FIELDS} fields in a row", token)
        operands[-1] = Fields(of, (*names, token.text[1:]), start=value.start, end=token.end)

    def _close(self, level: _Level, end: int) -> Expression:
        """The value of a level's last command, with what was piped into it as its last argument."""
        if level.is_fresh:
            raise self._source.parse_error(f"missing value for {self._clause}", end)
        first = level.operands[0]
        if level.function is None:
            if len(level.operands) > 1 or level.piped is not None:
                detail = "can't give arguments to a value that is no function"
                raise self._source.parse_error(detail, first.start)
            return first
        name = level.function.text
        arguments = level.operands[1:]
        if level.piped is not None:
            if name in _LAZY:
                raise self._error(f"a pipe into {name} is not supported", level.function)
            arguments.append(level.piped)
        depth = 1 + max((_depth(argument) for argument in arguments), default=0)
        if depth > DEEPEST_CALLS:
            raise self._error("max expression depth exceeded", level.function)
        return Call(name, tuple(arguments), depth, start=level.function.start, end=level.operands[-1].end)

    def _error(self, detail: str, token: Token) -> TemplateError:
        return self._source.parse_error(detail, token.start)


def _depth(expression: Expression) -> int:
    match expression:
        case Call(depth=depth):
            return depth
        case Fields(of=of):
            return _depth(of)
        case _:
            return 0
