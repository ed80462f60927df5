"""What outlives the window: which documents were open, which were opened lately, and drafts of edits nobody has saved.

A draft is a file that only its owner may read, written some seconds after an edit and removed when the edit is saved or
given up: one that is found at the start is left from a crash. A text that seems to hold secret values is kept in no draft
(`secretly`). No Qt; files are read and written here, on a worker thread.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from marble_console.files import replace_file
from marble_console.pages.manifest.documents import Document, Origin, digest
from marble_console.secretly import holds_secrets

MOST_RECENT = 12
_MOST_DRAFTS = 50
_LARGEST_DRAFT = 100 << 20
_TABS, _RECENT = "manifest.tabs", "manifest.recent"


class Memory(Protocol):
    """Small texts by name that outlive the window."""

    def text(self, name: str) -> str: ...

    def keep(self, name: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True)
class OpenTabs:
    """The files that were open, and which of them was in front."""

    paths: tuple[Path, ...] = ()
    front: Path | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Edits left from a crash. `based_on` is the SHA-256 of the file that was edited, empty if there was none."""

    file: Path
    title: str
    path: Path | None
    based_on: str
    raw: bytes

    def document(self) -> Document:
        """The document as it was when the draft was kept; its file is taken as it is now."""
        stored = None
        if self.path is not None:
            with contextlib.suppress(OSError):
                stored = self.path.read_bytes()
        return Document(self.title, self.raw, Origin.FILE, self.path if stored is not None else None, stored)


class Keeper:
    """Keeps tabs and recent files in a memory, and drafts in a folder."""

    def __init__(self, memory: Memory, drafts: Path) -> None:
        self._memory = memory
        self._drafts = drafts

    def tabs(self) -> OpenTabs:
        told = _as_dict(self._memory.text(_TABS))
        paths = tuple(Path(path) for path in _texts(told.get("paths")))
        front = told.get("front")
        return OpenTabs(paths, Path(front) if isinstance(front, str) and front else None)

    def keep_tabs(self, tabs: OpenTabs) -> None:
        told = {"paths": [str(path) for path in tabs.paths], "front": str(tabs.front or "")}
        self._memory.keep(_TABS, json.dumps(told))

    def recent(self) -> tuple[Path, ...]:
        return tuple(Path(path) for path in _texts(_as_dict(self._memory.text(_RECENT)).get("paths")))

    def note_recent(self, path: Path) -> None:
        paths = [path, *(it for it in self.recent() if it != path)][:MOST_RECENT]
        self._memory.keep(_RECENT, json.dumps({"paths": [str(it) for it in paths]}))

    # -- drafts, on a worker --------------------------------------------------------------------------------------
    def drafts(self) -> tuple[Draft, ...]:
        """The drafts that were left. What cannot be read is no draft."""
        with contextlib.suppress(OSError):
            files = sorted(self._drafts.glob("*.draft"))[:_MOST_DRAFTS]
            return tuple(draft for file in files if (draft := _read_draft(file)) is not None)
        return ()

    def keep_draft(self, key: str, document: Document) -> bool:
        """Keep a document's edits; says whether they may be kept. A disk that is full keeps none."""
        if holds_secrets(document.text):
            self.drop_draft(key)
            return False
        told = {
            "title": document.title,
            "path": str(document.path or ""),
            "based_on": digest(document.stored) if document.stored is not None else "",
            "raw": base64.b64encode(document.raw).decode(),
        }
        with contextlib.suppress(OSError):
            self._drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._drafts / f"{key}.draft", json.dumps(told).encode(), mode=0o600)
        return True

    def drop_draft(self, key: str) -> None:
        with contextlib.suppress(OSError):
            (self._drafts / f"{key}.draft").unlink(missing_ok=True)

    @staticmethod
    def drop(draft: Draft) -> None:
        with contextlib.suppress(OSError):
            draft.file.unlink(missing_ok=True)


class Nothing:
    """A memory that forgets."""

    def text(self, name: str) -> str:
        del name
        return ""

    def keep(self, name: str, value: str) -> None:
        """Forget it."""


def _read_draft(file: Path) -> Draft | None:
    try:
        if file.stat().st_size > _LARGEST_DRAFT:
            return None
        told = _as_dict(file.read_text("utf-8"))
        raw = base64.b64decode(str(told.get("raw", "")), validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error):
        return None
    if not raw:
        return None
    title, path, based_on = (told.get(name) for name in ("title", "path", "based_on"))
    if not (isinstance(title, str) and isinstance(path, str) and isinstance(based_on, str)):
        return None
    return Draft(file, title, Path(path) if path else None, based_on, raw)


def _as_dict(text: str) -> dict[str, object]:
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _texts(value: object) -> list[str]:
    return [it for it in value if isinstance(it, str) and it] if isinstance(value, list) else []
