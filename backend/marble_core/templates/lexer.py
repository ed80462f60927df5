"""Cut a template into literal text and actions (spec: manifest.md, section 6; Go's text/template).

White space has a meaning in three places only: it may trim the text around an action, it separates the operands of
a call, and it tells `.a.b` from `.a .b`. The first is settled here; for the others each token knows whether blanks
stand before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from marble_core.templates.errors import Source

_BLANKS = " \t\r\n"
_OPENING = re.compile(r"\{\{(?P<trim>-[ \t\r\n])?(?P<comment>/\*)?")
_COMMENT_END = re.compile(r"\*/(?P<trim>[ \t\r\n]-)?\}\}")
_TOKEN = re.compile(
    r"""
      (?P<trimming_close>[ \t\r\n]++-\}\})
    | (?P<close>\}\})
    | (?P<blanks>[ \t\r\n]++)
    | (?P<string>"(?:[^"\\\n]|\\[^\n])*+")
    | (?P<raw_string>`[^`]*+`)
    | (?P<number>(?:[+-]|\.?[0-9])[^ \t\r\n|(){}]*+)
    | (?P<field>\.\w++)
    | (?P<dot>\.)
    | (?P<variable>\$\w*+)
    | (?P<word>\w++)
    | (?P<declare>:=)
    | (?P<assign>=)
    | (?P<pipe>\|)
    | (?P<comma>,)
    | (?P<left>\()
    | (?P<right>\))
    | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_AFTER_NAME = re.compile(r"[ \t\r\n.,|:()]|\}\}|\Z")


class Kind(Enum):
    """What a token is; the values are the group names of the pattern above."""

    STRING = "string"
    RAW_STRING = "raw_string"
    NUMBER = "number"
    FIELD = "field"
    DOT = "dot"
    VARIABLE = "variable"
    WORD = "word"
    DECLARE = "declare"
    ASSIGN = "assign"
    PIPE = "pipe"
    COMMA = "comma"
    LEFT = "left"
    RIGHT = "right"


_NAMES = frozenset({Kind.FIELD, Kind.DOT, Kind.VARIABLE, Kind.WORD})


class Token(NamedTuple):
    kind: Kind
    text: str
    start: int
    after_blanks: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class Action(NamedTuple):
    """What stands between `{{` and `}}`; `end` is where its closing braces begin."""

    start: int
    end: int
    tokens: tuple[Token, ...]


def pieces(source: Source) -> Iterator[str | Action]:
    """The literal texts (trimmed, never empty) and actions in order. Raises TemplateError."""
    text = source.text
    at, trim_left = 0, False
    while True:
        opening = _OPENING.search(text, at)
        literal = text[at : opening.start() if opening else len(text)]
        if trim_left:
            literal = literal.lstrip(_BLANKS)
        if opening and opening["trim"]:
            literal = literal.rstrip(_BLANKS)
        if literal:
            yield literal
        if not opening:
            return
        if opening["comment"]:
            at, trim_left = _skip_comment(source, opening.end())
        else:
            action, at, trim_left = _read_action(source, opening)
            yield action


def _skip_comment(source: Source, at: int) -> tuple[int, bool]:
    end = source.text.find("*/", at)
    if end < 0:
        raise source.parse_error("unclosed comment", at)
    closing = _COMMENT_END.match(source.text, end)
    if not closing:
        raise source.parse_error("comment ends before closing delimiter", end)
    return closing.end(), closing["trim"] is not None


def _read_action(source: Source, opening: re.Match[str]) -> tuple[Action, int, bool]:
    tokens: list[Token] = []
    at, after_blanks = opening.end(), False
    while match := _TOKEN.match(source.text, at):
        group = match.lastgroup
        if group in {"close", "trimming_close"}:
            action = Action(opening.start(), match.start(), tuple(tokens))
            return action, match.end(), group == "trimming_close"
        at = match.end()
        if group == "blanks":
            after_blanks = True
            continue
        if group == "unknown":
            raise source.parse_error(_complaint(match.group()), match.start())
        token = Token(Kind(group), match.group(), match.start(), after_blanks)
        if token.kind in _NAMES:
            _check_name(source, token)
        tokens.append(token)
        after_blanks = False
    raise source.parse_error("unclosed action", opening.start())


def _complaint(character: str) -> str:
    match character:
        case '"':
            return "unterminated quoted string"
        case "`":
            return "unterminated raw quoted string"
        case _ if character.isascii() and character.isprintable():
            return f'unexpected "{character}" in action'
        case _:
            return f"unrecognized character in action: {_named(character)}"


def _check_name(source: Source, token: Token) -> None:
    """Names consist of letters, decimal digits and `_`: fewer characters than the pattern takes."""
    for offset, character in enumerate(token.text, token.start):
        if not (character.isalpha() or character.isdecimal() or character in "_.$"):
            raise source.parse_error(f"bad character {_named(character)}", offset)
    if not _AFTER_NAME.match(source.text, token.end):
        raise source.parse_error(f"bad character {_named(source.text[token.end])}", token.end)


def _named(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        character = "\ufffd"  # a byte that is not UTF-8
    shown = f" '{character}'" if character.isprintable() else ""
    return f"U+{ord(character):04X}{shown}"
