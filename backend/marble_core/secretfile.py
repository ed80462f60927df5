"""Files with the values of several secrets: the form of the API, a friendlier one, and one encrypted under a password.

The API's form is the body of POST `/secrets`. The friendlier one gives, for each name, a text (a plain value, a key as hex
or base64, or certificate and key as PEM) or an object with one of `Text`, `Hex`, `Base64`, `Pem`, `File` (a path beside the
file) or `Generate`. Both may stand in one file.

An encrypted file is JSON around AES-256-GCM under a key that scrypt derives from the password; inside is the API's form.
No error holds a value.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes
from marble_core.usersecrets import UserSecret

FORMAT: Final = "marble-console-secrets"
_VERSION = 1
_SALT, _NONCE, _KEY = 16, 12, 32  # bytes
_COST, _BLOCK, _PARALLEL = 1 << 16, 8, 1  # scrypt: 64 MiB and about a quarter of a second
_HIGHEST_COST = 1 << 20  # of a file that somebody else made
_PARTS = {"key", "cert", "private"}


class SecretFileRefused(MarbleError):
    """The file is no such file, or another password opens it."""

    code = "secret_file_refused"


class PasswordNeeded(SecretFileRefused):
    """The file is encrypted, and no password was given."""

    code = "password_needed"


class Given(Enum):
    """In which way an entry gives its value."""

    API = "api"
    TEXT = "text"
    HEX = "hex"
    BASE64 = "base64"
    PEM = "pem"
    FILE = "file"
    GENERATE = "generate"
    ANY = "any"  # a bare text, which the type of the secret tells how to read
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a file. `api` is for Given.API, `text` for the others; `why` tells what is wrong with it."""

    name: str
    given: Given
    api: UserSecret | None = field(default=None, repr=False)
    text: str = field(default="", repr=False)
    why: str = ""


def is_encrypted(content: bytes) -> bool:
    """Whether the content looks like an encrypted file of ours."""
    return FORMAT.encode() in content[:200]


def read_entries(content: bytes) -> tuple[Entry, ...]:
    """The entries of a file in clear, in its order; raises SecretFileRefused. Of a name that comes twice the last counts."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        # Without the cause: its text may quote the file.
        raise SecretFileRefused(
            "The file is no JSON.", hint="It has to be an object with a value for each name."
        ) from None
    if not isinstance(document, dict) or not document:
        raise SecretFileRefused(
            "The file has no entries.", hint="It has to be an object with a value for each name."
        )
    return tuple(_entry(str(name), value) for name, value in document.items())


def _entry(name: str, value: Any) -> Entry:
    if isinstance(value, str):
        return Entry(name, Given.ANY, text=value)
    if not isinstance(value, dict):
        return Entry(name, Given.WRONG, why="The entry is neither a text nor an object.")
    folded = {str(key).lower(): item for key, item in value.items()}
    if folded.keys() & _PARTS:
        return _api_entry(name, folded)
    return _friendly_entry(name, folded)


def _friendly_entry(name: str, folded: Mapping[str, Any]) -> Entry:
    ways = [way for way in _WAYS if way.value in folded]
    if len(ways) != 1:
        why = "The entry has to say one of Text, Hex, Base64, Pem, File or Generate."
        return Entry(name, Given.WRONG, why=why)
    way, given = ways[0], folded[ways[0].value]
    if way is Given.GENERATE and given is True:
        return Entry(name, way)
    if way is not Given.GENERATE and isinstance(given, str):
        return Entry(name, way, text=given)
    why = "Generate has to be true." if way is Given.GENERATE else "The value is no text."
    return Entry(name, Given.WRONG, why=why)


_WAYS = (Given.TEXT, Given.HEX, Given.BASE64, Given.PEM, Given.FILE, Given.GENERATE)


def _api_entry(name: str, folded: Mapping[str, Any]) -> Entry:
    parts: dict[str, bytes | None] = {}
    for part in sorted(_PARTS):
        given = folded.get(part)
        if given is None:
            parts[part] = None
            continue
        try:
            parts[part] = base64.b64decode(given, validate=True) if isinstance(given, str) else None
        except binascii.Error:
            parts[part] = None
        if parts[part] is None:
            return Entry(name, Given.WRONG, why=f"{part.capitalize()} is no base64.")
    return Entry(name, Given.API, api=UserSecret(parts["key"], parts["cert"], parts["private"]))


def write_entries(values: Mapping[str, UserSecret]) -> bytes:
    """The API's form of some values."""
    document = {}
    for name, value in sorted(values.items()):
        parts = {"Key": value.key, "Cert": value.cert, "Private": value.private}
        document[name] = {
            part: base64.b64encode(content).decode("ascii")
            for part, content in parts.items()
            if content is not None
        }
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def encrypt(content: bytes, password: SecretBytes) -> bytes:
    """Encrypt a file under a password. Takes about a quarter of a second, on purpose."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    header = {"format": FORMAT, "version": _VERSION, "kdf": "scrypt", "n": _COST, "r": _BLOCK, "p": _PARALLEL}
    key = _derive(password, salt, _COST, _BLOCK, _PARALLEL)
    sealed = AESGCM(key).encrypt(nonce, content, _bound(header))
    document = header | {"salt": _text(salt), "nonce": _text(nonce), "data": _text(sealed)}
    return json.dumps(document, indent=1).encode() + b"\n"


def decrypt(content: bytes, password: SecretBytes | None) -> bytes:
    """What `encrypt` hid; raises PasswordNeeded, or SecretFileRefused for a wrong password and a damaged file alike."""
    if not password:
        raise PasswordNeeded("The file is encrypted.", hint="Give its password.")
    try:
        document = json.loads(content)
        header = {name: document[name] for name in ("format", "version", "kdf", "n", "r", "p")}
        salt, nonce, sealed = (
            base64.b64decode(document[name], validate=True) for name in ("salt", "nonce", "data")
        )
        cost = _within(header["n"], _HIGHEST_COST)
        block, parallel = _within(header["r"], 32), _within(header["p"], 4)
        _require_ours(header)
        key = _derive(password, salt, cost, block, parallel)
        return AESGCM(key).decrypt(nonce, sealed, _bound(header))
    except InvalidTag:
        raise SecretFileRefused(
            "The password does not open the file, or the file was changed.", hint="Check the spelling."
        ) from None
    except (
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        MemoryError,
    ):  # the last: costs that scrypt refuses
        raise SecretFileRefused(
            "The encrypted file is damaged, or was written by a newer console.", hint="Export it again."
        ) from None


def _require_ours(header: Mapping[str, object]) -> None:
    if (header["format"], header["version"], header["kdf"]) != (FORMAT, _VERSION, "scrypt"):
        raise ValueError("another format")


def _within(value: object, highest: int) -> int:
    if not isinstance(value, int) or not 0 < value <= highest:
        raise ValueError("out of range")
    return value


def _derive(password: SecretBytes, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return Scrypt(salt, _KEY, cost, block, parallel).derive(password.reveal())


def _bound(header: Mapping[str, object]) -> bytes:
    """What the ciphertext is bound to, so that nobody changes how its key is derived."""
    return json.dumps(header, sort_keys=True).encode()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
