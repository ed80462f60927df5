"""Files that are open and change on disk: noticed when the page comes to the front, and now and then. No Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from marble_console.pages.manifest.desk import Desk
from marble_console.pages.manifest.documents import MAX_BYTES, Document
from marble_console.parts import Action, BannerState, Tone
from marble_console.tasks import Runner
from marble_console.words import tr
from marble_core.errors import MarbleError


class Host(Protocol):
    """What the watch wants of the presenter."""

    def set_banner(self, banner: BannerState | None) -> None: ...

    def show_texts(self, title: str, before: str, after: str) -> None: ...

    def select(self, key: str) -> None: ...

    def reload(self) -> None: ...


class _Seen(NamedTuple):
    """A file as it was last looked at."""

    modified: int
    size: int


class _Changed(NamedTuple):
    key: str
    title: str
    raw: bytes


class Watching:
    """Asks about one changed file at a time."""

    def __init__(self, runner: Runner, desk: Desk, host: Host) -> None:
        self._runner = runner
        self._desk = desk
        self._host = host
        self._seen: dict[Path, _Seen] = {}
        self._changed: _Changed | None = None
        self._looking = False

    def look(self) -> None:
        """Look at all files that are open."""
        documents = [(it.key, it.document, it.kept_mine) for it in self._desk if it.document.path is not None]
        if self._looking or not documents:
            return
        self._looking = True
        self._runner.read(partial(self._find, documents), then=self._found, failed=_never)

    def chosen(self, key: str) -> bool:
        """Whether a button of the banner was about a changed file."""
        changed = self._changed
        if changed is None or not key.startswith("disk-"):
            return False
        opened = self._desk.get(changed.key)
        if key == "disk-compare" and opened is not None:
            title = tr("{name}: on disk, and in the editor.", name=changed.title)
            self._host.show_texts(title, changed.raw.decode("utf-8", "replace"), opened.document.text)
            return True
        self._changed = None
        if opened is not None and key == "disk-reload":
            self._host.select(changed.key)
            self._host.reload()
        elif opened is not None:  # what stands there now is known, and saving will replace it
            opened.kept_mine = changed.raw
            opened.document = replace(opened.document, stored=changed.raw)
        self._host.set_banner(None)
        return True

    def _find(self, documents: Iterable[tuple[str, Document, bytes | None]]) -> _Changed | None:
        """On a worker: the first file that holds something else than what was read or written."""
        for key, document, kept_mine in documents:
            path = document.path
            if path is None:
                continue
            with contextlib.suppress(OSError):
                status = path.stat()
                seen = _Seen(status.st_mtime_ns, status.st_size)
                if self._seen.get(path) == seen or status.st_size > MAX_BYTES:
                    continue
                raw = path.read_bytes()
                self._seen[path] = seen
                if raw not in {document.stored, kept_mine}:
                    return _Changed(key, document.title, raw)
        return None

    def _found(self, changed: _Changed | None) -> None:
        self._looking = False
        opened = self._desk.get(changed.key) if changed is not None else None
        if changed is None or opened is None or changed.raw == opened.document.stored:
            return
        self._changed = changed
        self._host.set_banner(
            BannerState(
                "disk",
                Tone.CAUTION,
                "triangle-alert",
                tr("{name} was changed on disk.", name=changed.title),
                tr("Reloading drops your edits.") if opened.is_modified else "",
                (
                    Action("disk-keep", tr("Keep mine")),
                    Action("disk-compare", tr("Compare")),
                    Action("disk-reload", tr("Reload"), "primary"),
                ),
            )
        )


def _never(error: MarbleError) -> None:
    raise error
