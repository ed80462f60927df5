"""A new recovery key for one holder: made here, kept under a passphrase, its public half for the manifest. On a worker."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)

from marble_console.files import reason, replace_file
from marble_console.recovering.errors import RecoveringError
from marble_console.recovering.files import read_file
from marble_console.recovering.keys import fingerprint, read_key
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes

BITS: Final = 4096
SHORTEST: Final = 16  # characters of a passphrase
_FEWEST_KINDS: Final = 6
_EXPONENT: Final = 65537


class KeyNotSaved(RecoveringError):
    """The key is not where it should be. It was not given to anybody yet."""

    code = "key_not_saved"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair, its private half under the passphrase."""

    holder: str
    fingerprint: str
    public_pem: str
    _private_pem: bytes = field(repr=False)

    @property
    def snippet(self) -> str:
        """The lines of a manifest that name this key."""
        return json.dumps({"RecoveryKeys": {self.holder: self.public_pem}}, indent=2, ensure_ascii=False)

    def save(self, path: Path, passphrase: SecretBytes) -> Path:
        """Write the private key, readable by its owner alone, read it back and open it. Raises KeyNotSaved."""
        try:
            replace_file(path, self._private_pem, mode=0o600)
            key = read_key(SecretBytes(read_file(path)), path.name, passphrase)
        except OSError as error:
            raise KeyNotSaved(
                tr("{name} cannot be written: {reason}.", name=path.name, reason=reason(error)),
                hint=tr("Choose another place. The key is still here."),
            ) from error
        except RecoveringError as error:
            raise KeyNotSaved(error.sentence, hint=tr("Choose another disk.")) from error
        if fingerprint(key.public) != self.fingerprint:
            raise KeyNotSaved(
                tr("{name} reads back as another key.", name=path.name), hint=tr("Choose another disk.")
            )
        return path


def make_key(holder: str, passphrase: SecretBytes, bits: int = BITS) -> NewKey:
    """Make a key pair. Takes seconds."""
    private = rsa.generate_private_key(_EXPONENT, bits)
    public = private.public_key()
    return NewKey(
        holder,
        fingerprint(public),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        private.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.reveal())
        ),
    )


def weakness(passphrase: str, again: str, holder: str) -> str:
    """Why a passphrase will not do; empty for one that will. It protects a file that may be copied and tried for years."""
    if len(passphrase) < SHORTEST:
        return tr("At least {count} characters: five words that nobody would put together.", count=SHORTEST)
    if len(set(passphrase)) < _FEWEST_KINDS:
        return tr("Too much of it is the same.")
    if holder and holder.casefold() in passphrase.casefold() and len(passphrase) - len(holder) < SHORTEST:
        return tr("Too much of it is the holder's name.")
    if passphrase != again:
        return tr("Type the same passphrase twice.")
    return ""
