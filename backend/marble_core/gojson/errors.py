"""The one error of reading JSON."""

from __future__ import annotations

from marble_core.errors import MarbleError
from marble_core.gojson.source import Span


class GoJsonError(MarbleError):
    """The text is no JSON, or not of the shape asked for.

    `message` is the detail for the wire, close to Go's wording; `span` is the place.
    """

    code = "json_refused"

    def __init__(self, message: str, sentence: str, span: Span, *, hint: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.message = message
        self.span = span
