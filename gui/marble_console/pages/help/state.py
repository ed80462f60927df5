"""What the help shows, as one frozen value. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from marble_console.parts import Notice, Row


@dataclass(frozen=True, slots=True)
class HelpState:
    """`rows` are the contents, or what was found of `words`; `current` is the key of the section that is read, which is the
    one at `section` of the chapter in `markdown`. `notice` stands in place of the chapter.
    """

    rows: tuple[Row, ...] = ()
    current: str = ""
    chapter: str = ""
    markdown: str = ""
    section: int = 0
    words: tuple[str, ...] = ()
    said: str = ""
    notice: Notice | None = None
