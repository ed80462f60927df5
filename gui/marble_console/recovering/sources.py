"""Where a holder's private key is: in a file that was read, or on a PKCS #11 token. Used once, on a worker; PINs and passphrases are wiped."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from marble_client.tokens import (
    NotForThisKey,
    PinRefused,
    TokenError,
    TokenInfo,
    TokenKey,
    UnlockedToken,
    list_tokens,
    unlocked,
)
from marble_console.recovering.errors import KeyUnreadable, RepeatedShare, WrongShare
from marble_console.recovering.files import read_file
from marble_console.recovering.keys import HolderKey, fingerprint, read_key
from marble_console.recovering.known import Deployment
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes

T = TypeVar("T")
Use = Callable[[HolderKey], T]


class KeySource(Protocol):
    """A key that waits for its passphrase or PIN."""

    def use(self, word: SecretBytes | None, job: Use[T]) -> T:
        """Do `job` with the key, and wipe `word`, the passphrase or PIN. Raises what the job does, RecoveringErrors, TokenErrors."""
        ...

    def wipe(self) -> None: ...


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of a key file."""

    name: str
    _content: SecretBytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> KeyFile:
        """Raises FileUnreadable."""
        return cls(path.name, SecretBytes(read_file(path)))

    def use(self, word: SecretBytes | None, job: Use[T]) -> T:
        try:
            key = read_key(self._content, self.name, word)
        finally:
            if word is not None:
                word.wipe()
        return job(key)

    def wipe(self) -> None:
        self._content.wipe()


@dataclass(frozen=True, slots=True)
class KeyOnToken:
    """A token; which of its keys is meant, is found: those in `first` (fingerprints) are tried before others."""

    module: Path
    token: TokenInfo
    first: Collection[str] = ()

    def use(self, word: SecretBytes | None, job: Use[T]) -> T:
        try:
            with unlocked(self.module, self.token.slot, word) as token:
                return self._try_each(token, job)
        except PinRefused as error:
            raise self._refused(error) from error
        finally:
            if word is not None:
                word.wipe()

    def wipe(self) -> None:
        """There is nothing secret in it."""

    def _try_each(self, token: UnlockedToken, job: Use[T]) -> T:
        keys = sorted(token.list_keys(), key=lambda key: fingerprint(key.public) not in self.first)
        wrong: WrongShare | None = None
        for key in keys:
            try:
                return job(TokenHolderKey(token, key))
            except WrongShare as error:
                # The first key says most, being the holder's if any is; but one that fits says more than one that does not.
                if wrong is None or isinstance(error, RepeatedShare):
                    wrong = error
        if wrong is not None:
            raise wrong
        raise KeyUnreadable(
            tr("The token “{token}” has no key that can be used.", token=self.token.label),
            hint=tr("A recovery key is an RSA key, and the token has to tell its public half. Choose another token."),
        )  # fmt: skip

    def _refused(self, error: PinRefused) -> PinRefused:
        """Add what the token says of tries that are left, where it says anything."""
        try:
            now = next((each for each in list_tokens(self.module) if each.slot == self.token.slot), None)
        except TokenError:
            now = None
        if now is not None and now.locked:
            return PinRefused(
                tr("The token is locked: too many wrong PINs."),
                hint=tr("Unlock it with the vendor's program and the PUK or the security officer's PIN."),
            )
        if now is not None and now.last_try:
            return PinRefused(
                error.sentence, hint=tr("One try is left. One more wrong PIN, and the token locks itself.")
            )
        return error


@dataclass(frozen=True, slots=True)
class TokenHolderKey:
    """A holder's key on an unlocked token."""

    _token: UnlockedToken
    _key: TokenKey

    @property
    def public(self) -> RSAPublicKey:
        return self._key.public

    def decrypt(self, encrypted: bytes) -> SecretBytes:
        try:
            return self._token.decrypt(self._key, encrypted)
        except NotForThisKey as error:
            raise ValueError(error.sentence) from error

    def sign(self, secret: SecretBytes) -> bytes:
        return self._token.sign(self._key, secret)


def fingerprints(known: Deployment | None) -> frozenset[str]:
    """The keys of all holders."""
    return frozenset(holder.fingerprint for holder in known.holders) if known is not None else frozenset()
