"""From saved shares and a private key to what is sent: the entry that the key fits, decrypted and signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from marble_console.recovering.errors import RepeatedShare, WrongShare
from marble_console.recovering.keys import HolderKey, fingerprint
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.shares import SavedShare, SavedShares
from marble_console.words import tr
from marble_core.recovery import Contribution, is_signed_by
from marble_core.secretbytes import SecretBytes

_OLD_SIZE: Final = 16  # of the secret of coordinators before version 2
_SIZES: Final = frozenset({_OLD_SIZE, 32, 33})


class Where(Enum):
    """Where a share was decrypted."""

    HERE = "here"
    OFFLINE = "offline"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Contributed:
    """What one holder gives. `holder` is a name of the manifest or of the file, empty where nobody knows.

    `sent` is the plain secret, or one that is encrypted to the coordinator. `digest` is the SHA-256 of the plain one, by which
    a repeated share is known; empty where it was decrypted elsewhere.
    """

    holder: str
    source: str
    where: Where
    sent: SecretBytes
    signature: bytes = field(repr=False)
    key_fingerprint: str = ""
    digest: str = ""

    @property
    def is_sealed(self) -> bool:
        """Whether the secret is encrypted to the coordinator."""
        return len(self.sent) not in _SIZES

    def wipe(self) -> None:
        """Overwrite the secret."""
        self.sent.wipe()


Given = Mapping[str, str]
"""The digests and key fingerprints of shares that were given, with the names of their holders."""


def open_share(
    shares: SavedShares, key: HolderKey, known: Deployment | None = None, given: Given | None = None
) -> Contributed:
    """Decrypt the entry that the key fits, and sign it; raises WrongShare or RepeatedShare. Nothing is sent."""
    print_ = fingerprint(key.public)
    owner = known.holder_of(print_) if known is not None else None
    given, given_by = given or {}, None
    # The holder's own entry first: on a token, each attempt takes its time.
    for entry in sorted(shares.entries, key=lambda entry: owner is None or entry.holder != owner.name):
        secret = _opened(entry, key)
        if secret is None:
            continue
        name = owner.name if owner is not None else entry.holder
        digest = digest_of(secret)
        if digest in given:
            given_by = given_by or name
            secret.wipe()
            continue
        if len(secret) not in _SIZES:
            raise WrongShare(
                tr("What the key opens in {source} is no recovery secret: it has {count} bytes.", source=shares.source, count=len(secret)),
                hint=tr("A recovery secret has 32 bytes, a share 33. Choose the file that was saved when the manifest was set."),
                holder=name,
            )  # fmt: skip
        return Contributed(name, shares.source, Where.HERE, secret, key.sign(secret), print_, digest)
    if given_by is not None:
        raise repeated(given_by)
    raise _fits_nothing(shares, owner, known)


def take_plain(
    secret: SecretBytes, signature: bytes, source: str, known: Deployment | None, given: Given | None = None
) -> Contributed:
    """What a holder has decrypted and signed by other means; raises WrongShare or RepeatedShare."""
    if len(secret) not in _SIZES:
        raise WrongShare(
            tr("{source} is no decrypted recovery secret: it has {count} bytes.", source=source, count=len(secret)),
            hint=tr("A recovery secret has 32 bytes, a share 33. What is longer is encrypted still: give it as a saved share."),
        )  # fmt: skip
    signer = _signer(known, Contribution(secret, signature)) if known is not None else None
    if known is not None and known.holders and signature and signer is None:
        raise WrongShare(
            tr("The signature with {source} is by none of the recovery keys of the last known manifest.", source=source),
            hint=tr("The holder signs the decrypted secret itself with the private recovery key: RSA PKCS #1 v1.5, SHA-256."),
        )  # fmt: skip
    digest = digest_of(secret)
    if digest in (given or {}):
        raise repeated((given or {})[digest])
    return Contributed(
        signer.name if signer is not None else "",
        source,
        Where.ELSEWHERE,
        secret,
        signature,
        signer.fingerprint if signer is not None else "",
        digest,
    )


def digest_of(secret: SecretBytes) -> str:
    return hashlib.sha256(secret.reveal()).hexdigest()


def repeated(holder: str) -> RepeatedShare:
    """The error for a share that was given before."""
    who = tr("Encrypted for {holder}, who has given a share already.", holder=holder)
    sentence = who if holder else tr("This share was given already.")
    return RepeatedShare(
        sentence, hint=tr("Not sent, not counted. Another holder has to go on."), holder=holder
    )


def _opened(entry: SavedShare, key: HolderKey) -> SecretBytes | None:
    if len(entry.encrypted) * 8 != key.public.key_size:
        return None
    try:
        return key.decrypt(entry.encrypted)
    except ValueError:
        return None


def _signer(known: Deployment, contribution: Contribution) -> Holder | None:
    for holder in known.holders:
        public = holder.public
        if public is not None and is_signed_by(public, contribution):
            return holder
    return None


def _fits_nothing(shares: SavedShares, owner: Holder | None, known: Deployment | None) -> WrongShare:
    """Say as exactly as can be told what does not fit: the file, the entry or the key."""
    named: Sequence[str] = shares.named
    names = ", ".join(named)
    if owner is not None and owner.name in named:
        return WrongShare(
            tr("The key is that of {holder}, but it does not open the entry {holder} in {source}.", holder=owner.name, source=shares.source),
            hint=tr("The file may be of another coordinator, or from before the recovery keys were changed, or damaged. Nothing was sent."),
            holder=owner.name,
        )  # fmt: skip
    if owner is not None and named:
        return WrongShare(
            tr("The key is that of {holder}, and {source} has a share for {names} only.", holder=owner.name, source=shares.source, names=names),
            hint=tr("Choose the file of {holder}, or the key of the other holder. Nothing was sent.", holder=owner.name),
            holder=owner.name,
        )  # fmt: skip
    if owner is not None:
        return WrongShare(
            tr("The key is that of {holder}, and {source} was encrypted to another key.", holder=owner.name, source=shares.source),
            hint=tr("Choose the share of {holder}, or the key that belongs to this one. Nothing was sent.", holder=owner.name),
            holder=owner.name,
        )  # fmt: skip
    if known is not None and known.holders:
        return WrongShare(
            tr("The key is none of the recovery keys of the last known manifest, and opens nothing in {source}.", source=shares.source),
            hint=tr("The holders are {names}. Choose the private key of one of them.", names=", ".join(each.name for each in known.holders[:6])),
        )  # fmt: skip
    return WrongShare(
        tr("The key opens nothing in {source}.", source=shares.source),
        hint=tr("It was made for {names}. Choose the private key of that holder.", names=names)
        if named
        else tr("Share and key belong to different holders, or to different coordinators."),
    )
