"""A holder's private key for a command: from a file, or on a token.

Passphrase and PIN are asked for, or read from a file descriptor; there is no argument for them, because arguments are seen by
everybody.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import TypeVar

from marble_client.tokens import TokenInfo, list_tokens
from marble_console.cli.output import UsageError
from marble_console.recovering.errors import PassphraseNeeded
from marble_console.recovering.known import Deployment
from marble_console.recovering.sources import KeyFile, KeyOnToken, Use, fingerprints
from marble_console.words import tr
from marble_core.secretbytes import SecretBytes

T = TypeVar("T")
_LONGEST_WORD = 1 << 12


def use_file(options: argparse.Namespace, job: Use[T]) -> T:
    """Do `job` with the key of `--key`."""
    source = KeyFile.read(options.key)
    try:
        return source.use(_from(options.passphrase_fd), job)
    except PassphraseNeeded:
        if options.passphrase_fd is not None:
            raise
        sentence = tr("The key in {name} is encrypted, and there is no terminal to ask for its passphrase.", name=source.name)  # fmt: skip
        hint = tr("Give it by a file descriptor with --passphrase-fd.")
        return source.use(_asked(tr("Passphrase of {name}: ", name=source.name), sentence, hint), job)
    finally:
        source.wipe()


def use_token(options: argparse.Namespace, known: Deployment | None, job: Use[T]) -> T:
    """Do `job` with the key that fits on the token of `--token-module`."""
    token = _token(options)
    pin = None
    if not token.has_pin_pad:
        sentence = tr("There is no terminal to ask for the PIN of the token “{token}”.", token=token.label)
        hint = tr("Give it by a file descriptor with --pin-fd.")
        asked = tr("PIN of the token {token}: ", token=token.label)
        pin = _from(options.pin_fd) or _asked(asked, sentence, hint)
    return KeyOnToken(options.token_module, token, fingerprints(known)).use(pin, job)


def _token(options: argparse.Namespace) -> TokenInfo:
    tokens = list_tokens(options.token_module)
    labels = ", ".join(f"“{token.label}”" for token in tokens)
    if options.token is not None:
        tokens = tuple(token for token in tokens if token.label == options.token)
    if len(tokens) == 1:
        return tokens[0]
    if not labels:
        raise UsageError(tr("The library sees no token."), hint=tr("Insert it, and run the command again."))
    if not tokens:
        raise UsageError(
            tr("No token is called “{label}”.", label=options.token),
            hint=tr("The library sees {labels}.", labels=labels),
        )
    raise UsageError(
        tr("The library sees several tokens: {labels}.", labels=labels),
        hint=tr("Name one of them with --token."),
    )


def _from(number: int | None) -> SecretBytes | None:
    if number is None:
        return None
    try:
        with os.fdopen(number, "rb") as stream:
            line = stream.readline(_LONGEST_WORD)
    except OSError as error:
        raise UsageError(
            tr("File descriptor {number} cannot be read: {reason}.", number=number, reason=(error.strerror or "").lower()),
            hint=tr("Open it for the command, for example with 3< FILE or 3<<< TEXT."),
        ) from error  # fmt: skip
    return SecretBytes(line.rstrip(b"\r\n"))


def _asked(prompt: str, sentence: str, hint: str) -> SecretBytes:
    if not sys.stdin.isatty():
        raise UsageError(sentence, hint=hint)
    return SecretBytes(getpass.getpass(prompt).encode())
