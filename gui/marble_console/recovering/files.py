"""Reading what holders bring as files. For worker threads; nothing is written."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

from marble_console.files import reason, replace_file
from marble_console.recovering.errors import RecoveringError
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes

_LARGEST = 1 << 20
_LARGEST_MANIFEST = 16 << 20
_PLAIN = frozenset({16, 32, 33})
_LARGEST_SIGNATURE = 2048
_LARGEST_PICTURE = 32 << 20


class FileUnreadable(RecoveringError):
    """The file cannot be read, or is none of those that are wanted."""

    code = "file_unreadable"


class FileUnwritable(RecoveringError):
    """The file cannot be written."""

    code = "file_unwritable"


def read_manifest(path: Path) -> bytes:
    """The bytes of a manifest file; raises FileUnreadable."""
    return read_file(path, _LARGEST_MANIFEST)


def read_file(path: Path, largest: int = _LARGEST) -> bytes:
    """The bytes of a file that an operator chose; raises FileUnreadable."""
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise FileUnreadable(
            tr("{name} cannot be read: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Check the file, and your right to read it."),
        ) from error
    if len(content) > largest:
        raise FileUnreadable(
            tr("{name} is larger than anything that belongs here.", name=path.name),
            hint=tr("Choose another file."),
        )
    return content


def read_secret_file(path: Path) -> SecretBytes:
    """A decrypted secret: its bytes as they are, or in base64. What it is worth is told when it is put to use."""
    content = read_file(path)
    return SecretBytes(content if len(content) in _PLAIN else _plain(content))


def read_signature_file(path: Path) -> bytes:
    """A signature: its bytes as they are, or in base64; raises FileUnreadable."""
    signature = _plain(read_file(path))
    if not signature or len(signature) > _LARGEST_SIGNATURE:
        raise FileUnreadable(
            tr("{name} is no signature.", name=path.name),
            hint=tr("The signature of a recovery key has 128 to 2048 bytes."),
        )
    return signature


def _plain(content: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return content


def read_packet(path: Path, read_picture: Callable[[Path], str]) -> str:
    """The text of a packet, from its file or from a picture of its QR code. Raises FileUnreadable and what the picture may."""
    content = read_file(path, _LARGEST_PICTURE)
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        text = ""
    return text if text.startswith("{") else read_picture(path)


def write_packet(text: str, path: Path) -> Path:
    """Write a packet, readable by its owner alone; raises FileUnwritable."""
    try:
        replace_file(path, text.encode() + b"\n", mode=0o600)
    except OSError as error:
        raise FileUnwritable(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another place."),
        ) from error
    return path
