"""The user guide as chapters of sections: read from its files, without pictures and without a way out of it. No Qt.

What stands in the files is part of the product. All the same nothing in it is fetched: a link leads to another place of the
guide or is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from marble_console.words import tr
from marble_core.errors import MarbleError

FIRST: Final = "README"
SCHEME: Final = "help"
_LARGEST: Final = 1 << 20  # bytes of a file; the guide has far less

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$")
_FENCE = re.compile(r"^\s*```")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_MARKS = re.compile(r"[*`|]|\[|\]\([^)]*\)")


class GuideUnreadable(MarbleError):
    """The files of the guide are missing or damaged in this installation."""

    code = "guide_unreadable"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it. `key` names it in links: the chapter alone for the first one of it."""

    key: str
    title: str
    level: int
    text: str

    @property
    def plain(self) -> str:
        """What is read, without the marks of Markdown, for searching."""
        return _MARKS.sub("", f"{self.title}\n{self.text}").casefold()


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of the guide. Its first section is the one below its title."""

    key: str
    title: str
    sections: tuple[Section, ...]

    @property
    def markdown(self) -> str:
        return "\n".join(f"{'#' * each.level} {each.title}\n\n{each.text}" for each in self.sections)


def read_guide(folder: Callable[[], Path]) -> tuple[Chapter, ...]:
    """All chapters, the first one first and the others in the order in which it names them. Raises GuideUnreadable."""
    try:
        texts = {path.stem: _read(path) for path in sorted(folder().glob("*.md"))}
        first = texts[FIRST]
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise GuideUnreadable(
            tr("The guide cannot be read."), hint=tr("It is missing in this installation: install it anew.")
        ) from error
    named = [target.removesuffix(".md") for _, target in _LINK.findall(first) if "#" not in target]
    order = dict.fromkeys([FIRST, *(each for each in named if each in texts), *texts])
    return tuple(chapter(key, texts[key], known=texts.keys()) for key in order)


def chapter(key: str, text: str, *, known: Iterable[str]) -> Chapter:
    """A chapter from its Markdown. Links to chapters that are `known` stay."""
    known = frozenset(known)
    sections: list[Section] = []
    title, level, lines = key, 1, list[str]()

    def close() -> None:
        if sections or lines or title != key:
            name = f"{key}#{_anchor(title)}" if sections else key
            sections.append(Section(name, title, level, "\n".join(lines).strip() + "\n"))

    for line, is_code in _lines(text):
        heading = None if is_code else _HEADING.match(line)
        if heading is None:
            lines.append(line if is_code else _tamed(line, key, known))
            continue
        close()
        title, level, lines = heading[2], len(heading[1]), []
    close()
    return Chapter(key, sections[0].title if sections else key, tuple(sections))


def found(chapters: Sequence[Chapter], words: str) -> tuple[Section, ...]:
    """The sections in which every word stands, in the order of the guide; those with all of them in their title first."""
    wanted = words.casefold().split()
    hits = [each for one in chapters for each in one.sections if all(word in each.plain for word in wanted)]
    return tuple(sorted(hits, key=lambda each: not all(word in each.title.casefold() for word in wanted)))


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LARGEST).decode()


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """The lines, and whether each belongs to a block of code."""
    in_code = False
    for line in text.splitlines():
        fence = _FENCE.match(line) is not None
        yield line, in_code or fence
        in_code ^= fence


def _tamed(line: str, key: str, known: frozenset[str]) -> str:
    """A line without pictures, and with links that stay within the guide alone."""

    def inside(match: re.Match[str]) -> str:
        text, target = match[1], match[2]
        file, _, anchor = target.partition("#")
        chapter_key = file.removesuffix(".md") if file else key
        if chapter_key not in known or (file and not file.endswith(".md")):
            return text
        return f"[{text}]({SCHEME}:{chapter_key}{f'#{anchor}' if anchor else ''})"

    return _LINK.sub(inside, _IMAGE.sub("", line))


def _anchor(title: str) -> str:
    """What links call a heading, as the sites that show the files make it."""
    kept = re.sub(r"[^\w\- ]", "", title.casefold())
    return kept.strip().replace(" ", "-")
