"""Saved shares in every form that they are kept in: the JSON as a coordinator gave it, base64, raw bytes.

What is read here is still encrypted to its holder, but it is treated as what it protects: it is never shown or logged.
"""

from __future__ import annotations

import base64
import binascii
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from typing import Any

from marble_console.recovering.errors import SharesUnreadable
from marble_console.words import ntr, tr

LARGEST = 1 << 20  # bytes of a file with shares; that of two hundred holders has a tenth of it
MOST = 255  # entries; there are no more parties to a secret
_SMALLEST_RSA, _LARGEST_RSA = 128, 2048  # bytes that RSA gives for keys of 1024 to 16384 bits
_PLAIN = frozenset({16, 32, 33})  # lengths of decrypted secrets


@dataclass(frozen=True, slots=True)
class SavedShare:
    """What is encrypted to one holder. `holder` is the name it was saved under, empty for none."""

    holder: str
    encrypted: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SavedShares:
    """The shares of one source: the name of a file, or where else they came from."""

    source: str
    entries: tuple[SavedShare, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The names in the source, in its order."""
        return tuple(entry.holder for entry in self.entries if entry.holder)

    @property
    def summary(self) -> str:
        """What was found, without a value: for the page and for logs."""
        if not self.named:
            return tr("one share without a name, {count} bytes", count=len(self.entries[0].encrypted))
        shown = ", ".join(self.named[:4])
        more = len(self.named) - 4
        if more > 0:
            shown = ntr("{shown} and {count} more", "{shown} and {count} more", more, shown=shown)
        return ntr("{count} share: {shown}", "{count} shares: {shown}", len(self.entries), shown=shown)


def read_shares(content: bytes, source: str) -> SavedShares:
    """Read whatever form the shares have; raises SharesUnreadable, which names the source."""
    if len(content) > LARGEST:
        raise _unreadable(source, tr("it is larger than any file of recovery secrets"))
    text = _text(content)
    if text is None:
        return SavedShares(source, (_entry("", content, source),))
    if "-----BEGIN" in text:
        raise _unreadable(
            source,
            tr("it is PEM, as a key or a certificate is"),
            hint=tr("Choose the saved recovery secret here. The private key comes in the next step."),
        )
    if text.startswith(("{", "[", '"')):
        return _from_json(text, source)
    return SavedShares(source, (_entry("", _base64(text, source), source),))


def _text(content: bytes) -> str | None:
    """The text that the bytes are, or None where they are none. PowerShell writes answers as UTF-16."""
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = content.decode(encoding).strip()
    except UnicodeDecodeError:
        return None
    return text if text and all(sign.isprintable() or sign in "\r\n\t" for sign in text) else None


def _from_json(text: str, source: str) -> SavedShares:
    try:
        document = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise _unreadable(source, tr("its JSON cannot be read")) from None
    if isinstance(document, str):
        return SavedShares(source, (_entry("", _base64(document, source), source),))
    named = _secrets_in(document)
    if named is None:
        raise _unreadable(source, tr("its JSON holds no recovery secrets"))
    if not named:
        raise _unreadable(source, tr("the manifest had no recovery key, so there is nothing in it"))
    if len(named) > MOST:
        raise _unreadable(source, tr("it names more holders than there can be"))
    return SavedShares(
        source, tuple(_entry(name, _base64(value, source, name), source) for name, value in named)
    )


class _Pairs(list[tuple[str, Any]]):
    """An object with all its fields, those of the same name too."""

    def get(self, *names: str) -> Any:
        return next((value for name, value in self if name.lower() in names), None)


def _secrets_in(document: Any) -> list[tuple[str, str]] | None:
    """The map of secrets: alone, under its name, or in the whole answer of a coordinator."""
    if not isinstance(document, _Pairs):
        return None
    if isinstance(data := document.get("data"), _Pairs):
        document = data
    inner = document.get("recoverysecrets")
    if isinstance(inner, _Pairs):
        document = inner
    elif inner is not None:
        return None
    if not all(isinstance(value, str) for _, value in document):
        return None
    return list(document)


def _base64(text: str, source: str, holder: str = "") -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        what = (
            tr("the entry “{holder}” is no base64", holder=holder)
            if holder
            else tr("it is neither JSON nor base64")
        )
        raise _unreadable(source, what) from None


def _entry(holder: str, encrypted: bytes, source: str) -> SavedShare:
    if len(encrypted) in _PLAIN:
        raise _unreadable(
            source,
            tr("it has {count} bytes, as a secret that is decrypted already", count=len(encrypted)),
            hint=tr("Give it as “decrypted elsewhere”, with its signature."),
        )
    if not _SMALLEST_RSA <= len(encrypted) <= _LARGEST_RSA:
        raise _unreadable(source, tr("{count} bytes are not what RSA gives", count=len(encrypted)))
    return SavedShare(holder, encrypted)


def _unreadable(source: str, why: str, *, hint: str = "") -> SharesUnreadable:
    return SharesUnreadable(
        tr("{source} holds no recovery secret: {why}.", source=source, why=why),
        hint=hint or tr("Choose the file that was saved when the manifest was set, or paste its content."),
    )
