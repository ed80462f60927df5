"""Make a tree of a template's pieces (spec: manifest.md, section 6; Go's text/template).

Nothing here recurses: blocks and parentheses are kept on lists, so that deep nesting ends in an error and not in a
crash. What Go accepts but docs/templates.md does not list is refused here, with a message that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from marble_core.templates.budget import Budget
from marble_core.templates.errors import Source, TemplateError
from marble_core.templates.expressions import parse_expression
from marble_core.templates.lexer import Action, Kind, Token, pieces
from marble_core.templates.literals import parse_raw_string, parse_string
from marble_core.templates.nodes import (
    Body,
    Branch,
    Break,
    Clause,
    Continue,
    Expression,
    Include,
    Node,
    Print,
    Program,
    Range,
    Set,
    Template,
    Text,
)
from marble_core.templates.scope import Scope

DEEPEST_NESTING = 10_000
_MAIN = "data"  # the name under which coordinators parse each text; it shows in messages


@dataclass
class _Block:
    """A block that is not closed yet. `mark` is where its variables begin."""

    keyword: str
    action: Action
    mark: int
    nodes: list[Node] = field(default_factory=list)
    condition: Expression | None = None
    slots: tuple[int | None, int | None] = (None, None)
    clauses: list[Clause] = field(default_factory=list)
    body: Body | None = None  # what stands before `else`, once that was met
    name: str = ""

    def finished_body(self) -> Body:
        """The nodes met so far; collecting starts afresh."""
        body = tuple(self.nodes)
        self.nodes.clear()
        return body


def parse(source: Source, functions: Collection[str], budget: Budget) -> Program:
    """Parse a text. Raises TemplateError, and BudgetSpentError for a text of too many tokens."""
    return _Parser(source, functions).parse(budget)


class _Parser:
    def __init__(self, source: Source, functions: Collection[str]) -> None:
        self._source = source
        self._functions = functions
        self._main_scope = Scope()
        self._scope = self._main_scope
        self._nodes: list[Node] = []
        self._open: list[_Block] = []
        self._named: dict[str, Template] = {}
        self._keywords: dict[str, Callable[[Action], None]] = {
            "if": self._open_condition,
            "with": self._open_condition,
            "range": self._open_range,
            "define": self._open_define,
            "else": self._else,
            "end": self._end,
            "break": self._leave_loop,
            "continue": self._leave_loop,
            "template": self._include,
            "block": self._refuse_block,
        }

    def parse(self, budget: Budget) -> Program:
        for piece in pieces(self._source):
            if isinstance(piece, str):
                budget.spend_steps()
                self._add(Text(piece.encode("utf-8", "surrogateescape")))
            else:
                budget.spend_steps(1 + len(piece.tokens))
                self._read(piece)
        if self._open:
            raise self._error("unexpected EOF", self._open[-1].action.start)
        main = Template(tuple(self._nodes), self._main_scope.most)
        return Program(main, {**self._named, _MAIN: main})

    def _read(self, action: Action) -> None:
        first = action.tokens[0] if action.tokens else None
        if first and first.kind is Kind.WORD and first.text in self._keywords:
            self._keywords[first.text](action)
        else:
            self._add(self._statement(action))

    def _statement(self, action: Action) -> Node:
        """A value to print, or a variable to declare or to change."""
        tokens = action.tokens
        if len(tokens) < 2 or tokens[1].kind not in {Kind.DECLARE, Kind.ASSIGN}:  # noqa: PLR2004, name and sign
            return Print(self._expression(tokens, "command", action))
        variable, sign = tokens[:2]
        if variable.kind is not Kind.VARIABLE:
            raise self._error(f'unexpected "{sign.text}" in operand', sign.start)
        slot = None if sign.kind is Kind.DECLARE else self._slot_of(variable)
        # A declared name is known only after its value: `$x := $x` takes the outer one.
        value = self._expression(tokens[2:], "command", action)
        return Set(self._declare(variable) if slot is None else slot, value)

    def _open_condition(self, action: Action) -> None:
        keyword = action.tokens[0].text
        block = self._push(keyword, action)
        block.condition, block.slots = self._condition(action.tokens[1:], keyword, action)

    def _condition(
        self, tokens: Sequence[Token], keyword: str, action: Action
    ) -> tuple[Expression, tuple[int | None, int | None]]:
        if len(tokens) > 1 and tokens[0].kind is Kind.VARIABLE and tokens[1].kind is Kind.DECLARE:
            condition = self._expression(tokens[2:], keyword, action)
            return condition, (None, self._declare(tokens[0]))
        return self._expression(tokens, keyword, action), (None, None)

    def _open_range(self, action: Action) -> None:
        block = self._push("range", action)
        tokens = action.tokens[1:]
        kinds = [token.kind for token in tokens[:4]]
        if kinds == [Kind.VARIABLE, Kind.COMMA, Kind.VARIABLE, Kind.DECLARE]:
            block.condition = self._expression(tokens[4:], "range", action)
            block.slots = (self._declare(tokens[0]), self._declare(tokens[2]))
        else:
            block.condition, block.slots = self._condition(tokens, "range", action)

    def _open_define(self, action: Action) -> None:
        if self._open:
            raise self._error("unexpected <define> in command", action.start)
        name, rest = self._template_name(action, "define clause")
        if rest:
            raise self._error(f'unexpected "{rest[0].text}" in define clause', rest[0].start)
        if name in self._named or name == _MAIN:
            raise self._error(f'template: multiple definition of template "{name}"', action.start)
        self._push("define", action).name = name
        self._scope = Scope()

    def _else(self, action: Action) -> None:
        block = self._open[-1] if self._open else None
        if block is None or block.keyword == "define":
            raise self._error("unexpected {{else}}", action.start)
        if block.body is not None:
            raise self._error("expected end; found {{else}}", action.start)
        if len(action.tokens) == 1:
            block.body = block.finished_body()
            if block.keyword == "range":
                self._scope.leave(block.mark)
        elif block.keyword == "if" and action.tokens[1].text == "if":
            block.clauses.append(self._clause(block, block.finished_body()))
            block.condition, block.slots = self._condition(action.tokens[2:], "if", action)
        else:
            raise self._error(f'unexpected "{action.tokens[1].text}" after else', action.tokens[1].start)

    def _end(self, action: Action) -> None:
        if len(action.tokens) > 1:
            raise self._error(f'unexpected "{action.tokens[1].text}" in end', action.tokens[1].start)
        if not self._open:
            raise self._error("unexpected {{end}}", action.start)
        block = self._open.pop()
        last = block.finished_body()
        body, otherwise = (last, ()) if block.body is None else (block.body, last)
        if block.keyword == "define":
            self._named[block.name] = Template(body, self._scope.most)
            self._scope = self._main_scope
            return
        self._scope.leave(block.mark)
        if block.keyword == "range":
            key_slot, value_slot = block.slots
            self._add(Range(self._condition_of(block), key_slot, value_slot, body, otherwise))
        else:
            clauses = (*block.clauses, self._clause(block, body))
            self._add(Branch(clauses, otherwise, moves_dot=block.keyword == "with"))

    def _leave_loop(self, action: Action) -> None:
        keyword = action.tokens[0].text
        if len(action.tokens) > 1:
            raise self._error(
                f'unexpected "{action.tokens[1].text}" in {{{{{keyword}}}}}', action.tokens[1].start
            )
        if not any(block.keyword == "range" and block.body is None for block in self._open):
            raise self._error(f"{{{{{keyword}}}}} outside {{{{range}}}}", action.start)
        self._add(Break() if keyword == "break" else Continue())

    def _include(self, action: Action) -> None:
        name, rest = self._template_name(action, "template clause")
        dot = self._expression(rest, "template clause", action) if rest else None
        self._add(Include(name, dot, start=action.start, end=action.end))

    def _refuse_block(self, action: Action) -> None:
        raise self._error("block is not supported; use define and template", action.start)

    def _template_name(self, action: Action, clause: str) -> tuple[str, tuple[Token, ...]]:
        _, *rest = action.tokens
        if not rest:
            raise self._error(f'unexpected "}}}}" in {clause}', action.end)
        token = rest[0]
        try:
            if token.kind is Kind.STRING:
                name = parse_string(token.text)
            elif token.kind is Kind.RAW_STRING:
                name = parse_raw_string(token.text)
            else:
                raise self._error(f'unexpected "{token.text}" in {clause}', token.start)
        except ValueError as error:
            raise self._error(str(error), token.start) from error
        return name.decode("utf-8", "surrogateescape"), tuple(rest[1:])

    def _clause(self, block: _Block, body: Body) -> Clause:
        return Clause(self._condition_of(block), block.slots[1], body)

    @staticmethod
    def _condition_of(block: _Block) -> Expression:
        if block.condition is None:
            raise AssertionError(f"a {block.keyword} block was opened without its condition")
        return block.condition

    def _expression(self, tokens: Sequence[Token], clause: str, action: Action) -> Expression:
        return parse_expression(self._source, tokens, clause, action, self._scope, self._functions)

    def _push(self, keyword: str, action: Action) -> _Block:
        if len(self._open) >= DEEPEST_NESTING:
            raise self._error(f"blocks are nested deeper than {DEEPEST_NESTING}", action.start)
        block = _Block(keyword, action, self._scope.mark)
        self._open.append(block)
        return block

    def _add(self, node: Node) -> None:
        (self._open[-1].nodes if self._open else self._nodes).append(node)

    def _declare(self, variable: Token) -> int:
        return self._scope.declare(variable.text)

    def _slot_of(self, variable: Token) -> int:
        slot = self._scope.slot_of(variable.text)
        if slot is None:
            raise self._error(f'undefined variable "{variable.text}"', variable.start)
        return slot

    def _error(self, detail: str, offset: int) -> TemplateError:
        return self._source.parse_error(detail, offset)
