"""Making the value of a secret of what is given, and what is to be said of it before it is sent. Pure functions, for workers.

Values are held in buffers that whoever asked for them wipes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_console.files import read_whole
from marble_console.pages.secrets.listing import SecretItem
from marble_console.pages.secrets.reading import SHORTEST_FINGERPRINTED
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.keypair import KeyPair, is_pkcs12, read_pair
from marble_core.manifest.model import Manifest, SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secretinput import (
    Grade,
    InputRefused,
    Remark,
    judge_certificate,
    key_from_file,
    key_from_text,
    new_key,
    new_password,
    private_der,
)
from marble_core.secrets import Secret
from marble_core.templates import dry_run, readers
from marble_core.usersecrets import UserSecret

LARGEST_FILE = 4 << 20  # bytes; a coordinator takes 16 MiB, which base64 and JSON make less


@dataclass(frozen=True, slots=True)
class Current:
    """What is known of the present value: nothing that would give it away."""

    fingerprint: str = ""
    certificate: x509.Certificate | None = None


class Way(Enum):
    """How a value is given."""

    TEXT = "text"
    FILE = "file"
    GENERATE = "generate"
    PEM = "pem"
    PASTE = "paste"
    PKCS12 = "pkcs12"


def ways(kind: SecretType) -> tuple[Way, ...]:
    """The ways that fit a type, the usual one first."""
    if kind.is_certificate:
        return (Way.PEM, Way.PASTE, Way.PKCS12)
    if kind is SecretType.PLAIN:
        return (Way.TEXT, Way.FILE, Way.GENERATE)
    return (Way.PASTE, Way.FILE, Way.GENERATE)


class SecretFileUnreadable(MarbleError):
    """A file with a value cannot be read."""

    code = "secret_file_unreadable"


@dataclass(frozen=True, slots=True)
class Given:
    """What the dialog has at present. Files are read when they are chosen and again when the value is made."""

    way: Way
    text: SecretBytes | None = None
    file: Path | None = None
    key_file: Path | None = None
    passphrase: SecretBytes | None = None

    def wipe(self) -> None:
        for secret in (self.text, self.passphrase):
            if secret is not None:
                secret.wipe()


@dataclass(frozen=True, slots=True)
class Made:
    """A value that could be sent, and what is to be said of it."""

    value: UserSecret = field(repr=False)
    secret: SecretBytes
    fingerprint: str
    length: int
    remarks: tuple[Remark, ...] = ()
    marbles: tuple[str, ...] = ()

    @property
    def digest(self) -> bytes:
        """To tell later whether this very value is in force, without keeping it."""
        return digest_of(self.value.cert if self.value.cert is not None else self.value.key or b"")


# A keyed hash of this process: what is kept of a value that was sent must not help anybody to guess it.
_DIGEST_KEY = secrets.token_bytes(32)


def digest_of(content: bytes) -> bytes:
    return hmac.digest(_DIGEST_KEY, content, "sha256")


class NothingGiven(InputRefused):
    """Nothing to judge yet."""

    code = "nothing_given"


NEEDS = {
    Way.TEXT: tr("Type the value."),
    Way.FILE: tr("Choose the file."),
    Way.GENERATE: tr("Press Generate."),
    Way.PEM: tr("Choose certificate and key."),
    Way.PASTE: tr("Paste the value."),
    Way.PKCS12: tr("Choose the file."),
}


def make(item: SecretItem, manifest: Manifest, given: Given, now: dt.datetime, current: Current) -> Made:
    """Make a value of what is given; raises InputRefused and KeyPairRefused."""
    if item.kind.is_certificate:
        return made_of_pair(item, manifest, _pair(given), now, current)
    return made_of_key(item, manifest, _plain(item, given), current)


def made_of_pair(
    item: SecretItem,
    manifest: Manifest,
    pair: KeyPair,
    now: dt.datetime,
    current: Current = Current(),
) -> Made:
    """A certificate with its key as the value of a secret, judged."""
    remarks = judge_certificate(pair, item.kind, item.definition.size, now, current.certificate)
    der = pair.certificate.public_bytes(Encoding.DER)
    secret = private_der(pair)
    public = pair.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    stored = Secret(item.name, item.kind, cert=der, private=secret.reveal(), public=public)
    tried, marbles = _try_out(item, manifest, stored)
    return Made(
        UserSecret(cert=der, private=secret.reveal()),
        secret,
        hashlib.sha256(der).hexdigest(),
        len(der),
        (*remarks, *tried),
        marbles,
    )


def made_of_key(
    item: SecretItem,
    manifest: Manifest,
    secret: SecretBytes,
    current: Current = Current(),
) -> Made:
    """A key or a plain value, judged."""
    value = secret.reveal()
    stored = Secret(item.name, item.kind, item.definition.size, private=value, public=value)
    short = item.kind is SecretType.PLAIN and len(value) < SHORTEST_FINGERPRINTED
    fingerprint = "" if short else hashlib.sha256(value).hexdigest()
    same = bool(fingerprint) and fingerprint == current.fingerprint
    remarks = (Remark(Grade.WARNING, tr("This is the value that is set already.")),) if same else ()
    tried, marbles = _try_out(item, manifest, stored)
    return Made(
        UserSecret(key=value),
        secret,
        fingerprint,
        len(value),
        (*remarks, *tried),
        marbles,
    )


def _try_out(
    item: SecretItem, manifest: Manifest, stored: Secret
) -> tuple[tuple[Remark, ...], tuple[str, ...]]:
    """Whether the templates of all marbles can take the value, as the coordinator wants it; and which marbles look at it."""
    affected = tuple(sorted(readers(manifest).get(item.name, frozenset())))
    if not affected:
        return (), ()
    reduced = replace(manifest, marbles={name: manifest.marbles[name] for name in affected})
    problem = next(dry_run(reduced, {item.name: stored}), None)
    if problem is not None:
        place = f"{problem.marble} · {problem.section} {problem.entry}"
        sentence = tr("{place} cannot take this value: {why}", place=place, why=problem.sentence)
        return (Remark(Grade.ERROR, sentence),), affected
    text = ntr(
        "Template check of {count} marble passes with this value.",
        "Template check of {count} marbles passes with this value.",
        len(affected),
    )
    return (Remark(Grade.PASSED, text),), affected


def _plain(item: SecretItem, given: Given) -> SecretBytes:
    bits = item.definition.size
    is_key = item.kind is SecretType.SYMMETRIC_KEY
    match given.way:
        case Way.GENERATE:
            return new_key(bits) if is_key else new_password()
        case Way.FILE:
            if given.file is None:
                raise NothingGiven(tr("Choose the file."))
            content = content_of(given.file)
            if is_key:
                return key_from_file(content, bits)
            if not content:
                raise InputRefused(tr("The file is empty."))
            return SecretBytes(content)
        case _:
            if not given.text:
                raise NothingGiven(NEEDS[given.way])
            return (
                key_from_text(given.text.reveal().decode(), bits)
                if is_key
                else SecretBytes(given.text.reveal())
            )


def _pair(given: Given) -> KeyPair:
    if given.way is Way.PASTE:
        if not given.text:
            raise NothingGiven(tr("Paste certificate and key as PEM."))
        return read_pair(given.text.reveal(), None, given.passphrase)
    if given.file is None:
        raise NothingGiven(NEEDS[given.way])
    content = content_of(given.file)
    if given.way is Way.PKCS12 and not is_pkcs12(content):
        raise InputRefused(tr("{name} is no PKCS#12 file.", name=given.file.name))
    key = content_of(given.key_file) if given.key_file is not None else None
    return read_pair(content, key, given.passphrase)


def content_of(path: Path) -> bytes:
    """All of a file with a value; raises SecretFileUnreadable."""
    return read_whole(path, LARGEST_FILE, SecretFileUnreadable)
