"""Passphrases that the operator wants kept, in the keyring of the system: by explicit choice, one for each identity.

Only the keyrings that come with a desktop are used: the Secret Service of Linux, the credential store of Windows, the keychain
of macOS. What else a configuration of the library names is not looked at; it could be a file in the clear. All calls may
wait, also for the operator whom the keyring asks to unlock it: they belong on a worker.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, Protocol

from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.secretbytes import SecretBytes

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE: Final = "marble-console"


class KeyringUnusable(MarbleError):
    """The keyring of the system cannot be used: there is none, it stays locked, or it fails."""

    code = "keyring_unusable"


class Passphrases(Protocol):
    """Keeps a passphrase by the fingerprint of a certificate. Methods raise KeyringUnusable."""

    def get(self, fingerprint: str) -> SecretBytes | None: ...

    def keep(self, fingerprint: str, passphrase: SecretBytes) -> None: ...

    def forget(self, fingerprint: str) -> None: ...


class SystemKeyring:
    """The keyring of this desktop. `backend` is found at the first call."""

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        self._backend = backend

    def get(self, fingerprint: str) -> SecretBytes | None:
        found: str | None = self._call("get_password", fingerprint)
        return SecretBytes(found.encode()) if found is not None else None

    def keep(self, fingerprint: str, passphrase: SecretBytes) -> None:
        self._call("set_password", fingerprint, passphrase.reveal().decode())

    def forget(self, fingerprint: str) -> None:
        """Nothing kept is no error."""
        from keyring.errors import PasswordDeleteError

        try:
            self._call("delete_password", fingerprint)
        except KeyringUnusable as error:
            if not isinstance(error.__cause__, PasswordDeleteError):
                raise

    def _call(self, what: str, *arguments: str) -> str | None:
        try:
            if self._backend is None:
                self._backend = _of_this_desktop()
            answer: str | None = getattr(self._backend, what)(_SERVICE, *arguments)
        except Exception as error:  # each keyring has errors of its own, and none may take the window along
            raise _unusable() from error
        return answer


def _of_this_desktop() -> KeyringBackend:
    """Raises whatever says that there is none."""
    # ruff: noqa: PLC0415 -- what few need, and other platforms do not have
    if sys.platform == "win32":
        from keyring.backends import Windows

        return Windows.WinVaultKeyring()
    if sys.platform == "darwin":
        from keyring.backends import macOS

        return macOS.Keyring()
    from keyring.backends import SecretService

    _ = SecretService.Keyring.priority  # raises where it cannot work
    return SecretService.Keyring()  # type: ignore[no-untyped-call] # the library leaves it so


def _unusable() -> KeyringUnusable:
    # Not the library's own words: nobody has promised that none of them holds what was passed in.
    return KeyringUnusable(
        tr("The keyring of the system cannot be used."),
        hint=tr("It may be locked, or not be running. Without it the passphrase is asked for each time."),
    )
