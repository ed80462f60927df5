"""Manifest documents: the exact bytes, what of them is shown, and how an edit becomes bytes again.

The bytes are what counts: they are hashed, sent and saved as they are. Text is made from them for the eye alone, and an
edit is the only thing that makes new bytes. No Qt; files are read and written here, on a worker thread.
"""

from __future__ import annotations

import errno
import hashlib
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cached_property
from pathlib import Path

from marble_console.files import reason, replace_file
from marble_core.errors import MarbleError

# Far more than a coordinator takes (16 MiB, transport.md, Limits), for those who look at what has grown too large.
MAX_BYTES = 64 * 1024 * 1024
# A text widget needs seconds for one line of megabytes, and nobody reads it: longer lines are shown shortened.
MAX_LINE = 5000
# Each line costs a text widget memory and time; a manifest of the largest size and usual form has no more.
MAX_LINES = 400_000


class DocumentError(MarbleError):
    code = "document"


class ChangedOnDiskError(DocumentError):
    """The file is no longer what was opened; saving would overwrite somebody's change."""

    code = "changed_on_disk"


class Origin(Enum):
    FILE = auto()
    RUNNING = auto()  # as it was submitted
    EFFECTIVE = auto()  # the submitted one with what was raised since


@dataclass(frozen=True)
class Document:
    """One manifest as bytes. `stored` are the bytes on disk as last read or written, None if there is no file."""

    title: str
    raw: bytes = field(repr=False)
    origin: Origin
    path: Path | None = None
    stored: bytes | None = field(default=None, repr=False)

    @property
    def modified(self) -> bool:
        return self.origin is Origin.FILE and self.raw != self.stored

    @property
    def is_yaml(self) -> bool:
        """Whether the file is YAML, of which JSON is made before anything is sent."""
        return self.path is not None and is_yaml(self.path)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes in lower-case hex, as the coordinator computes it."""
        return digest(self.raw)

    @cached_property
    def text(self) -> str:
        """The text for the editor: lines end with a line feed; what is not UTF-8 shows as U+FFFD."""
        text = self.raw.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        return _shorten(text) if self.is_shortened else text

    @cached_property
    def is_shortened(self) -> bool:
        # Counted first: to split a file of millions of lines holds up everybody.
        if self.raw.count(b"\n") >= MAX_LINES:
            return True
        return any(len(line) > MAX_LINE for line in self.raw.split(b"\n"))

    @cached_property
    def not_editable_because(self) -> str:
        """Why an edit could not keep the rest of the bytes as they are; empty if it can."""
        if self.origin is not Origin.FILE:
            return "This is the manifest in force. Save a copy to edit it."
        if self.is_shortened:
            return (
                "Lines too long or too many to edit here are shown shortened. The bytes are kept as they are."
            )
        try:
            text = self.raw.decode("utf-8")
        except UnicodeDecodeError as error:
            return f"The file is not UTF-8 (byte {error.start}). It is shown as well as it can be and kept as it is."
        if "\x00" in text:
            return "The file holds NUL characters. It is kept as it is."
        if "\r" in text.replace("\r\n", "") or ("\r\n" in text and text.count("\r\n") != text.count("\n")):
            return "The file mixes line endings. It is kept as it is."
        return ""

    @cached_property
    def facts(self) -> str:
        """Encoding, line ends and size in words for the status bar."""
        try:
            self.raw.decode("utf-8")
            encoding = "UTF-8"
        except UnicodeDecodeError:
            encoding = "not UTF-8"
        ends = "CRLF" if b"\r\n" in self.raw else "LF"
        return f"{encoding} · {ends} · {len(self.raw):,} bytes"

    def with_text(self, text: str) -> Document:
        """The document after an edit; line ends stay what they were."""
        if self.not_editable_because:
            raise DocumentError(self.not_editable_because)
        written = text.replace("\n", "\r\n") if b"\r\n" in self.raw else text
        edited = replace(self, raw=written.encode("utf-8"))
        # What the editor holds is known, and can be edited further. To find that out again takes time on a large text.
        edited.__dict__.update(text=text, is_shortened=False, not_editable_because="")
        return edited


def is_yaml(path: Path) -> bool:
    """By its name alone: JSON is YAML too, and would be read as such."""
    return path.suffix.lower() in {".yaml", ".yml"}


def digest(raw: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(raw).hexdigest()


def _shorten(text: str) -> str:
    hidden = max(0, text.count("\n") + 1 - MAX_LINES)
    lines = text.split("\n", MAX_LINES)
    shown = [
        line
        if len(line) <= MAX_LINE
        else f"{line[: MAX_LINE // 2]} … {len(line) - MAX_LINE:,} characters not shown … {line[-MAX_LINE // 2 :]}"
        for line in lines[:MAX_LINES]
    ]
    if hidden:
        shown.append(f"… {hidden:,} lines not shown …")
    return "\n".join(shown)


def open_document(path: Path) -> Document:
    """Read a file; raises DocumentError that names the file and the cause."""
    try:
        raw = _read(path)
    except OSError as error:
        raise DocumentError(
            f"{path.name} cannot be read: {reason(error)}.",
            hint="Choose another file, or change its permissions.",
        ) from error
    if len(raw) > MAX_BYTES:
        raise DocumentError(
            f"{path.name} is larger than 64 MiB, far more than a coordinator accepts.",
            hint="Choose a manifest file.",
        )
    return looked_through(Document(path.name, raw, Origin.FILE, path, raw))


def running_document(title: str, raw: bytes) -> Document:
    """The manifest in force."""
    return looked_through(Document(title, raw, Origin.RUNNING))


def looked_through(document: Document) -> Document:
    """The document with its text at hand: working that out takes time on a large one, and it is shown at once."""
    _ = document.text, document.not_editable_because
    return document


def _read(path: Path) -> bytes:
    # A pipe or a device may have nothing to read and no end, and would be waited for.
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "Not a file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def save_document(document: Document, path: Path, *, overwrite_changes: bool = False) -> Document:
    """Write the bytes to `path`, whole or not at all; raises DocumentError, or ChangedOnDiskError.

    A file opened from the same path is overwritten only while it still holds what was read, unless the operator said
    otherwise. Its permissions are kept.
    """
    path = path.resolve()
    try:
        if path == document.path and not overwrite_changes and document.stored is not None:
            _refuse_if_changed(path, document.stored)
        replace_file(path, document.raw)
    except OSError as error:
        raise DocumentError(
            f"{path.name} cannot be written: {reason(error)}.",
            hint="Nothing was changed. Choose another place.",
        ) from error
    return replace(document, title=path.name, origin=Origin.FILE, path=path, stored=document.raw)


def _refuse_if_changed(path: Path, stored: bytes) -> None:
    try:
        on_disk = path.read_bytes()
    except FileNotFoundError:
        return
    if on_disk != stored:
        raise ChangedOnDiskError(
            f"{path.name} was changed on disk since it was opened.",
            hint="Save to overwrite that change, or open the file again to see it.",
        )
