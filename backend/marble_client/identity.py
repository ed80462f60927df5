"""Who acts: a client certificate and its key, as a TLS connection presents them.

The key is kept encrypted under a passphrase that this process makes up once and keeps in a buffer of its own. The only
way into OpenSSL by the standard library is a file, so that is what the file holds: ciphertext, in a folder of its own,
for the moment of loading (docs/adr/0015).
"""

from __future__ import annotations

import datetime as dt
import secrets
import ssl
import tempfile
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from marble_client.errors import ClientError
from marble_client.trust import fingerprint
from marble_core.keypair import KeyPair, key_words
from marble_core.secretbytes import SecretBytes

_PASSPHRASE_BYTES = 32


class IdentityUnusable(ClientError):
    """The certificate or its key cannot be used for a TLS connection of this computer."""

    code = "identity_unusable"


class Identity:
    """A certificate that proves who asks. Immutable but for `wipe`, after which it can present nothing.

    Only the certificate itself is sent, never a chain: a coordinator compares it with its users byte for byte. Whether
    it has ended is for the coordinator to judge, and coordinators take such certificates.
    """

    def __init__(self, certificate: x509.Certificate, sealed_key: bytes, passphrase: SecretBytes) -> None:
        self.certificate = certificate
        self._sealed_key = sealed_key
        self._passphrase = passphrase

    @classmethod
    def of(cls, pair: KeyPair) -> Self:
        """Take a pair in hand. Encrypting the key takes some milliseconds."""
        passphrase = SecretBytes(secrets.token_hex(_PASSPHRASE_BYTES).encode())
        sealed = pair.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.reveal())
        )
        return cls(pair.certificate, sealed, passphrase)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.der)

    @property
    def not_after(self) -> dt.datetime:
        return self.certificate.not_valid_after_utc

    @property
    def key_words(self) -> str:
        return key_words(self.certificate.public_key())

    def wipe(self) -> None:
        """Make the key useless. Connections that are open keep the copy that TLS made of it until they are closed."""
        self._passphrase.wipe()

    def present_on(self, context: ssl.SSLContext) -> None:
        """Let a context present this certificate from now on; raises IdentityUnusable. Waits for the disk."""
        pem = self.certificate.public_bytes(Encoding.PEM)
        try:
            with tempfile.TemporaryDirectory(
                prefix="marble-console-"
            ) as folder:  # readable by its owner only
                file = Path(folder) / "identity.pem"
                file.write_bytes(pem + self._sealed_key)
                context.load_cert_chain(file, password=self._passphrase.reveal())
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "unknown reason"
            raise IdentityUnusable(
                f"The identity cannot be used on this computer ({reason}). Nothing was sent.",
                hint="Unlock it again. If that does not help, its key may be weaker than TLS allows here.",
            ) from None

    def __repr__(self) -> str:
        return f"<identity {self.fingerprint[:12]}>"
