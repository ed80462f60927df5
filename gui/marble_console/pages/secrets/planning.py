"""What would become of each entry of a file of secrets: read, made and judged before anything is sent. For workers."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from marble_console.pages.secrets.listing import Listing, SecretItem, Status
from marble_console.pages.secrets.making import Made, content_of, made_of_key, made_of_pair
from marble_console.parts import Tone
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.keypair import KeyPairRefused, pair_of, read_certificates, read_key, read_pair
from marble_core.manifest.model import Manifest, SecretName, SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secretfile import Entry, Given, decrypt, is_encrypted, read_entries
from marble_core.secretinput import (
    Grade,
    InputRefused,
    key_from_file,
    key_from_text,
    new_key,
    new_password,
)
from marble_core.usersecrets import UserSecret


class Fate(Enum):
    """What would become of an entry."""

    SET = "set"
    REPLACE = "replace"
    REFUSED = "refused"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry, judged. `made` is the value, for those that could be sent; `outcome` what came of sending it."""

    name: str
    fate: Fate
    why: str = ""
    item: SecretItem | None = None
    made: Made | None = None
    outcome: str = ""
    tone: Tone | None = None

    @property
    def can_send(self) -> bool:
        """Whether there is a value that is not set yet: one that was refused can be sent again."""
        return self.made is not None and self.tone is not Tone.NEUTRAL


def plan(path: Path, password: SecretBytes | None, listing: Listing, now: dt.datetime) -> tuple[Planned, ...]:
    """Judge every entry of a file; nothing is sent."""
    content = content_of(path)
    try:
        if is_encrypted(content):
            content = decrypt(content, password)
    finally:
        if password is not None:
            password.wipe()
    by_name: dict[str, SecretItem] = {each.name: each for each in listing.items}
    return tuple(
        _judge(entry, by_name.get(entry.name), _reading(listing, entry.name), path.parent, now)
        for entry in read_entries(content)
    )


def _reading(listing: Listing, name: str) -> Manifest:
    """The manifest with those marbles only that look at a secret: no others need be tried with its value."""
    marbles = listing.manifest.marbles
    chosen = {use.marble for use in listing.uses.get(SecretName(name), ())}
    return replace(listing.manifest, marbles={each: marbles[each] for each in sorted(chosen)})


def _judge(
    entry: Entry, item: SecretItem | None, manifest: Manifest, folder: Path, now: dt.datetime
) -> Planned:
    if item is None:
        return Planned(entry.name, Fate.UNKNOWN, tr("The manifest has no secret of this name."))
    if not item.may_write:
        generated = not item.definition.user_defined
        why = tr("The coordinator generates it.") if generated else tr("You have no right WriteSecret on it.")
        return Planned(entry.name, Fate.REFUSED, why, item)
    try:
        made = _make(entry, item, manifest, folder, now)
        _require_no_error(made)
    except MarbleError as error:
        return Planned(entry.name, Fate.INVALID, error.sentence, item)
    warned = " ".join(each.sentence for each in made.remarks if each.grade is Grade.WARNING)
    fate = Fate.REPLACE if item.status is Status.SET else Fate.SET
    return Planned(entry.name, fate, warned, item, made)


def _require_no_error(made: Made) -> None:
    for remark in made.remarks:
        if remark.grade is Grade.ERROR:
            made.secret.wipe()
            raise InputRefused(remark.sentence)


def _beside(folder: Path, name: str) -> Path:
    """A file beside the batch, or below. A batch from somebody else must not send whatever this computer holds."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InputRefused(tr("The file does not lie beside the batch, or below."))
    return path


def _make(entry: Entry, item: SecretItem, manifest: Manifest, folder: Path, now: dt.datetime) -> Made:
    """The value of an entry; raises InputRefused, KeyPairRefused and SecretFileUnreadable."""
    if entry.given is Given.WRONG:
        raise InputRefused(entry.why)
    if entry.api is not None:
        return _from_api(entry.api, item, manifest, now)
    if item.kind.is_certificate:
        content = (
            content_of(_beside(folder, entry.text)) if entry.given is Given.FILE else entry.text.encode()
        )
        if entry.given not in {Given.PEM, Given.ANY, Given.FILE}:
            raise InputRefused(tr("A certificate is given as PEM, or as a file."))
        return made_of_pair(item, manifest, read_pair(content), now)
    return made_of_key(item, manifest, _value(entry, item, folder))


def _value(entry: Entry, item: SecretItem, folder: Path) -> SecretBytes:
    bits = item.definition.size
    is_key = item.kind is SecretType.SYMMETRIC_KEY
    match entry.given:
        case Given.GENERATE:
            return new_key(bits) if is_key else new_password()
        case Given.FILE:
            content = content_of(_beside(folder, entry.text))
            return key_from_file(content, bits) if is_key else SecretBytes(content)
        case Given.HEX | Given.BASE64:
            return _decoded(entry, item)
        case Given.PEM:
            raise InputRefused(tr("Only certificates are given as PEM."))
        case _:
            return key_from_text(entry.text, bits) if is_key else SecretBytes(entry.text.encode())


def _decoded(entry: Entry, item: SecretItem) -> SecretBytes:
    try:
        content = (
            bytes.fromhex(entry.text)
            if entry.given is Given.HEX
            else base64.b64decode(entry.text, validate=True)
        )
    except (ValueError, binascii.Error):
        raise InputRefused(tr("This is no {form}.", form=entry.given.value)) from None
    if item.kind is SecretType.SYMMETRIC_KEY:
        return key_from_file(content, item.definition.size)
    return SecretBytes(content)


def _from_api(given: UserSecret, item: SecretItem, manifest: Manifest, now: dt.datetime) -> Made:
    if item.kind.is_certificate:
        if given.cert is None:
            raise InputRefused(tr("A certificate needs Cert."))
        certificates = read_certificates(given.cert)
        if given.private is None:
            raise KeyPairRefused(tr("The entry has no Private. Marbles that use the key would not start."))
        return made_of_pair(item, manifest, pair_of(certificates, read_key(given.private)), now)
    if given.key is None:
        raise InputRefused(tr("The entry has no Key."))
    if item.kind is SecretType.SYMMETRIC_KEY and len(given.key) * 8 != item.definition.size:
        raise InputRefused(
            tr(
                "The key has {bits} bits, and {size} are needed.",
                bits=len(given.key) * 8,
                size=item.definition.size,
            )
        )
    return made_of_key(item, manifest, SecretBytes(given.key))
