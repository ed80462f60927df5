"""Files with recovery secrets: written once, read back, compared. No Qt; for worker threads.

The secrets are encrypted to the holders' keys, so a file is worth nothing without a key; but the coordinator shows them
only once, so a file that is not really there cannot be made again (spec: client-api-v1.md, POST `/manifest`).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from marble_console.files import reason, replace_file
from marble_core.errors import MarbleError
from marble_core.manifest.model import RecoveryKeyName


class RecoveryFileError(MarbleError):
    code = "recovery_file"


def encode(secrets: Mapping[RecoveryKeyName, bytes]) -> bytes:
    """The JSON on one line that the coordinator answers with and MarbleRun's own CLI reads (client-compat.md, section 4)."""
    named = {name: base64.b64encode(secret).decode("ascii") for name, secret in secrets.items()}
    return json.dumps({"RecoverySecrets": named}, ensure_ascii=False).encode() + b"\n"


def decode(raw: bytes) -> dict[RecoveryKeyName, bytes]:
    """The secrets in a file by name of their key; raises RecoveryFileError."""
    try:
        named = json.loads(raw)["RecoverySecrets"]
        return {RecoveryKeyName(name): base64.b64decode(text, validate=True) for name, text in named.items()}
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise RecoveryFileError("The file holds no recovery secrets.") from error


def save(secrets: Mapping[RecoveryKeyName, bytes], path: Path) -> Path:
    """Write the file, readable by its owner alone, read it back and compare; raises RecoveryFileError."""
    try:
        replace_file(path, encode(secrets), mode=0o600)
        read_back = path.read_bytes()
    except OSError as error:
        raise RecoveryFileError(
            f"{path.name} cannot be written: {reason(error)}.",
            hint="Choose another place. The secrets are still here.",
        ) from error
    if decode(read_back) != dict(secrets):
        raise RecoveryFileError(
            f"{path.name} reads back differently from what was written.", hint="Choose another disk."
        )
    return path


def save_in_one(secrets: Mapping[RecoveryKeyName, bytes], path: Path) -> dict[RecoveryKeyName, Path]:
    """All of them in one file; where each is now. Raises RecoveryFileError."""
    return dict.fromkeys(secrets, save(secrets, path))


def save_each(secrets: Mapping[RecoveryKeyName, bytes], folder: Path) -> dict[RecoveryKeyName, Path]:
    """One file a holder, named after the key; where each is now. Raises RecoveryFileError, after which earlier files are there."""
    names = file_names(secrets)
    return {name: save({name: secret}, folder / names[name]) for name, secret in secrets.items()}


def file_names(key_names: Iterable[RecoveryKeyName]) -> dict[RecoveryKeyName, str]:
    """A file name for each key that keeps what it can of the key's name.

    Key names come from the manifest and may hold anything: path separators, nothing at all, or two that differ in what
    a file system does not tell apart. File names differ even where case is ignored.
    """
    taken: set[str] = set()
    names = {}
    for key_name in key_names:
        kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in key_name).strip(
            "."
        )
        stem = f"recovery-{kept[:80] or 'key'}"
        tries = (f"{stem}.json", *(f"{stem}-{n}.json" for n in range(2, len(taken) + 3)))
        names[key_name] = next(name for name in tries if name.casefold() not in taken)
        taken.add(names[key_name].casefold())
    return names
