"""The root of all errors that an operator may see."""

from __future__ import annotations

from typing import ClassVar


class MarbleError(Exception):
    """Something an operator can understand: a code for programs, a sentence, and a hint for the next step.

    `code` is stable and lower case with underscores; `sentence` ends with a full stop; `hint` says what to do
    next, or is empty. Neither ever holds a secret value.
    """

    code: ClassVar[str] = "error"

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
