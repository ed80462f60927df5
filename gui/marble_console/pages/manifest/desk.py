"""The documents that are open, in the order of their tabs, and which is in front. No Qt."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from marble_console.pages.manifest.checking import Checked
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.pages.manifest.inforce import Difference
from marble_console.pages.manifest.keeping import OpenTabs
from marble_console.tasks import Generation

RUNNING, EFFECTIVE = "running", "effective"


@dataclass
class Opened:
    """A document in a tab, with what is known of it. `checked` is what the last check found: it takes time."""

    key: str
    document: Document
    checked: Checked | None = None
    typed: bool = False  # the operator typed since the text was last taken over
    revision: int = 1
    unkept: bool = False  # it seems to hold secrets, so no draft of it is kept
    differences: tuple[Difference, ...] = ()  # of the effective manifest, from the submitted one
    kept_mine: bytes | None = None  # what stands on disk and was not wanted
    generation: Generation = field(default_factory=Generation)

    @property
    def is_modified(self) -> bool:
        return self.document.modified or self.typed

    @property
    def sendable(self) -> Document:
        """The document as it is sent: of YAML its JSON, if the last check could make it."""
        sent = self.checked.sent if self.checked is not None else None
        if sent is None or self.document.path is None:
            return self.document
        return Document(f"{self.document.path.stem}.json", sent, Origin.FILE)

    @property
    def fingerprint(self) -> str:
        return self.checked.fingerprint if self.checked is not None else ""


class Desk:
    """Keys stay with their documents, wherever these are saved."""

    def __init__(self) -> None:
        self._opened: dict[str, Opened] = {}
        self.current = ""

    def __iter__(self) -> Iterator[Opened]:
        return iter(self._opened.values())

    @property
    def front(self) -> Opened | None:
        return self._opened.get(self.current)

    def get(self, key: str) -> Opened | None:
        return self._opened.get(key)

    def at(self, path: Path) -> Opened | None:
        """The document of a file, if it is open."""
        path = path.resolve()
        return next(
            (it for it in self if it.document.path is not None and it.document.path.resolve() == path), None
        )

    def put(
        self,
        document: Document,
        key: str = "",
        *,
        focus: bool = True,
        differences: tuple[Difference, ...] = (),
    ) -> Opened:
        """Open a document, or show another one in its tab."""
        before = self._opened.get(key)
        revision = before.revision + 1 if before else 1
        opened = Opened(key or uuid.uuid4().hex, document, revision=revision, differences=differences)
        self._opened[opened.key] = opened
        if focus or not self.current:
            self.current = opened.key
        return opened

    def select(self, key: str) -> bool:
        changes = key in self._opened and key != self.current
        if changes:
            self.current = key
        return changes

    def close(self, key: str) -> Opened | None:
        closed = self._opened.pop(key, None)
        if closed is not None and key == self.current:
            self.current = next(reversed(self._opened), "")
        return closed

    def unsaved(self, key: str | None = None) -> tuple[Opened, ...]:
        """Documents with edits that no file has: one, or all."""
        return tuple(it for it in self if it.is_modified and key in {None, it.key})

    def tabs(self) -> OpenTabs:
        paths = tuple(it.document.path for it in self if it.document.path is not None)
        front = self.front
        return OpenTabs(paths, front.document.path if front is not None else None)

    @property
    def drafts(self) -> int:
        """How many documents come from no file."""
        return sum(it.document.path is None and it.document.origin is Origin.FILE for it in self)
