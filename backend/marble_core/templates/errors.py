"""What goes wrong with a template, and where."""

from __future__ import annotations

from dataclasses import dataclass

from marble_core.errors import MarbleError
from marble_core.manifest.findings import Position

_EXCERPT = 60
_DETAIL = 300


class TemplateError(MarbleError):
    """A template does not parse, does not run, or lies outside the supported subset (docs/templates.md).

    `message` is the detail that a coordinator answers with, worded as Go words it: `template: data:1:3: ...`.
    `position` is the place in the template text; None when no place is to blame.
    """

    code = "template_refused"

    def __init__(self, sentence: str, *, message: str, position: Position | None = None) -> None:
        super().__init__(sentence)
        self.message = message
        self.position = position


class CallError(Exception):
    """A function cannot be called with these values; the text says why. Whoever evaluates knows the place."""


@dataclass(frozen=True, slots=True)
class Source:
    """A template's text. Bytes that are not UTF-8 stand in it as lone surrogates, so that they come out unchanged."""

    text: str

    @classmethod
    def of(cls, data: bytes) -> Source:
        return cls(data.decode("utf-8", "surrogateescape"))

    def position(self, offset: int) -> Position:
        line_start = self.text.rfind("\n", 0, offset) + 1
        return Position(offset, self.text.count("\n", 0, offset) + 1, offset - line_start + 1)

    def parse_error(self, detail: str, offset: int) -> TemplateError:
        """The text is not a template; `offset` counts characters."""
        position = self.position(offset)
        detail = _clipped(detail, _DETAIL)
        return self._error(detail, f"template: data:{position.line}: {detail}", position)

    def run_error(self, detail: str, start: int, end: int) -> TemplateError:
        """The expression from `start` to `end` cannot be evaluated."""
        position = self.position(start)
        # Go counts the columns of running templates in bytes and from zero.
        column = len(self.text[start - position.column + 1 : start].encode("utf-8", "surrogateescape"))
        excerpt = _clipped(" ".join(self.text[start:end].split()), _EXCERPT)
        detail = _clipped(detail, _DETAIL)
        message = f'template: data:{position.line}:{column}: executing "data" at <{excerpt}>: {detail}'
        return self._error(detail, message, position)

    @staticmethod
    def _error(detail: str, message: str, position: Position) -> TemplateError:
        sentence = f"The template fails at line {position.line}, column {position.column}: {detail}."
        return TemplateError(_printable(sentence), message=_printable(message), position=position)


def _clipped(text: str, longest: int) -> str:
    """Text that names of any length may stand in."""
    return text if len(text) <= longest else f"{text[:longest]}..."


def _printable(text: str) -> str:
    """Text without lone surrogates: messages must encode as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
