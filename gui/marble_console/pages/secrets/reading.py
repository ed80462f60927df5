"""Reading secrets: jobs that fetch what is allowed, and values as the page holds them. No Qt.

A value is fetched when the operator asks for it and held only as long as it is shown or compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from marble_client.errors import Refused, Unauthorized
from marble_client.witness import Deed, Witness
from marble_console.journal.deeds import Done
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.keypair import KeyPairRefused, belongs_to, read_key
from marble_core.manifest.model import SecretName, SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret

_AT_ONCE = 100  # names in one request, whose line has its limit
SHORTEST_FINGERPRINTED = 16  # bytes; a hash of less can be found by trying


class Reader(Protocol):
    """What reading needs of a client."""

    @property
    def witness(self) -> Witness: ...

    def read_secrets(self, names: Sequence[SecretName]) -> dict[SecretName, Secret]: ...


class SecretMissing(MarbleError):
    """The coordinator answered without the secret that was asked for."""

    code = "secret_missing"


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a secret. `secret` is the private part: the key, the text, the private key as PKCS#8 DER.

    `certificate` is None but for certificates that can be read, `matches` whether the key belongs to it; None where
    there is no key. `cert_der` may be there without: then it could not be read.
    """

    name: SecretName
    kind: SecretType
    secret: SecretBytes
    cert_der: bytes = field(default=b"", repr=False)
    certificate: x509.Certificate | None = None
    matches: bool | None = None

    @classmethod
    def of(cls, read: Secret) -> Value:
        certificate, matches = None, None
        if read.cert:
            try:
                certificate = x509.load_der_x509_certificate(read.cert)
            except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
                certificate = None
        if certificate is not None and read.private:
            try:
                matches = belongs_to(certificate, read_key(read.private))
            except KeyPairRefused:
                matches = False
        return cls(read.name, read.type, SecretBytes(read.private), read.cert, certificate, matches)

    @property
    def is_set(self) -> bool:
        return bool(self.secret) or bool(self.cert_der)

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hex: of a certificate's DER, else of the value; empty where that would give it away."""
        if self.kind.is_certificate:
            return hashlib.sha256(self.cert_der).hexdigest() if self.cert_der else ""
        if self.kind is SecretType.PLAIN and len(self.secret) < SHORTEST_FINGERPRINTED:
            return ""
        return hashlib.sha256(self.secret.reveal()).hexdigest()

    def same_as(self, other: Value) -> bool:
        """Compare two values without showing them."""
        return self.cert_der == other.cert_der and self.secret.same_as(other.secret)

    def wipe(self) -> None:
        self.secret.wipe()


def read_value(client: Reader, name: SecretName, purpose: Done) -> Value:
    """Fetch one secret, and account for what it is fetched for; raises ClientErrors and SecretMissing."""
    with client.witness.during(Deed.of(purpose, [name])):
        read = client.read_secrets([name]).get(name)
        if read is None:
            raise SecretMissing(
                tr("The coordinator answered without {name}.", name=name),
                hint=tr("It may be of a version that this console does not know."),
            )
        return Value.of(read)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of asking for several: the values, and by name why others were refused."""

    values: dict[SecretName, Value]
    refused: dict[SecretName, MarbleError]


def read_allowed(client: Reader, names: Sequence[SecretName]) -> Reading:
    """Fetch as many of the named secrets as the coordinator lets us: it refuses all for the sake of one.

    Where it refuses, the names are halved until those that it means are found. Raises what is no such refusal.
    """
    reading = Reading({}, {})
    pending = [tuple(names[at : at + _AT_ONCE]) for at in range(0, len(names), _AT_ONCE)]
    while pending:
        asked = pending.pop(0)
        try:
            found = client.read_secrets(asked)
        except Unauthorized:
            raise
        except Refused as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            if len(asked) == 1:
                reading.refused[asked[0]] = error
            else:
                half = len(asked) // 2
                pending += [asked[:half], asked[half:]]
            continue
        for name in asked:
            if name in found:
                reading.values[name] = Value.of(found[name])
            else:
                reading.refused[name] = SecretMissing(
                    tr("The coordinator answered without {name}.", name=name)
                )
    return reading


def explain_refusal(error: MarbleError, acting_as: str) -> MarbleError:
    """A refusal in the terms of who asked. The server's own words stay with it."""
    if isinstance(error, Unauthorized):
        return Unauthorized(
            tr("The coordinator knows no user with the certificate that was sent.")
            if acting_as
            else tr("No certificate was sent, and the coordinator answers users only."),
            hint=tr(
                "It was that of {name}. Compare its fingerprint with the users on the page Access.",
                name=acting_as,
            )
            if acting_as
            else tr("Choose an identity at the right of the header."),
            status=error.status,
            server_text=error.server_text,
        )
    if isinstance(error, Refused):
        return Refused(
            tr("The coordinator refused this. Nothing changed."),
            hint=_refusal_hint(error.server_text),
            status=error.status,
            server_text=error.server_text,
        )
    return error


_HINTS: tuple[tuple[str, Callable[[], str]], ...] = (
    (
        "not allowed to read",
        lambda: tr("The user lacks the right ReadSecret. A role of the manifest has to give it."),
    ),
    (
        "not allowed to update",
        lambda: tr("The user lacks the right WriteSecret. A role of the manifest has to give it."),
    ),
    ("not writeable", lambda: tr("The coordinator generates this secret itself.")),
    (
        "does not contain",
        lambda: tr("The manifest in force has no secret of this name. Refresh: it may have been replaced."),
    ),
    (
        "declared size and actual size",
        lambda: tr("The key has another length than the manifest declares."),
    ),
    (
        "template dry run",
        lambda: tr("A template of a marble cannot take this value. Its own words tell which."),
    ),
    (
        "not in expected state",
        lambda: tr("The coordinator is not running: it waits for a manifest or a recovery."),
    ),
    ("malformed certificate", lambda: tr("It cannot read the certificate.")),
)


def _refusal_hint(server_text: str) -> str:
    folded = server_text.casefold()
    return next((hint() for sign, hint in _HINTS if sign in folded), tr("Its own words tell why."))
