"""Version 2 of the Client API as typed calls (spec: client-api-v2.md): what several people do together, and the rest of it.

Raises as marble_client.client does, and NotOffered where a coordinator does not know the call. Ask `is_offered` first.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from marble_client import wire, wire_v2
from marble_client.answers import CertificateChain, CoordinatorState, Quote, ServedManifest, Status
from marble_client.calls import LARGE_ANSWER, SMALL_ANSWER, UNKNOWN_PATH, Calls, accepted, nothing
from marble_client.errors import cut
from marble_client.secret_objects import secret_as_json, secret_of
from marble_client.transport import Transport
from marble_client.trust import root_changed
from marble_client.witness import NOBODY, Deed, Sent, Witness
from marble_core.manifest.model import PackageName, RecoveryKeyName, SecretName, UserName
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret
from marble_core.usersecrets import UserSecret

PREFIX: Final = "/api/v2"
EPHEMERAL_BITS: Final = 2048  # of the key to encrypt a recovery secret to; the coordinator's has 4096


@dataclass(frozen=True, slots=True)
class UpdateProgress:
    """How far an update of the whole manifest is: in force when nobody is `missing`.

    `missing_users` may be more than are needed. `recovery_secrets` are shown this once, when the recovery keys have changed.
    `message` is the server's own text: untrusted.
    """

    missing: int
    missing_users: tuple[UserName, ...] = ()
    recovery_secrets: Mapping[RecoveryKeyName, bytes] = field(default_factory=dict, repr=False)
    message: str = ""

    @property
    def in_force(self) -> bool:
        return self.missing == 0


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A manifest that waits for users to acknowledge it: these bytes and no others. `missing_users` have not yet."""

    raw: bytes = field(repr=False)
    missing_users: tuple[UserName, ...]
    message: str = ""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class RecoveryProgress:
    """`remaining` counts recovery keys that were not used, not the secrets that are still needed; 0 means done."""

    remaining: int
    message: str = ""

    @property
    def done(self) -> bool:
        return self.remaining == 0


class ClientV2:
    """The calls below `/api/v2` of one coordinator. Safe for use from several threads."""

    def __init__(self, transport: Transport, witness: Witness = NOBODY) -> None:
        self._trust = transport.trust
        self._calls = Calls(transport, PREFIX, witness)

    def is_offered(self) -> bool:
        """Whether the coordinator knows version 2 at all. Raises Refused where it does but cannot say how it is."""
        answer = self._calls.ask("/status", limit=SMALL_ANSWER)
        if answer.status in UNKNOWN_PATH:
            return False
        accepted(wire.open_envelope(answer.status, answer.body))
        return True

    # What everybody may ask

    def status(self) -> Status:
        data = wire.parse(
            wire_v2.StatusData, self._calls.read("/status", limit=SMALL_ANSWER), "GET /api/v2/status"
        )
        try:
            state = CoordinatorState(data.code)
        except ValueError:
            raise wire.unexpected("GET /api/v2/status", f"no state has the code {data.code}") from None
        return Status(state, cut(data.message))

    def quote(self, nonce: bytes = b"") -> Quote:
        """The certificates and the quote, a new one over `nonce` where there is one.

        Raises ChainRejected and RootChanged as the call of version 1.
        """
        query = [("nonce", base64.urlsafe_b64encode(nonce).decode())] if nonce else []
        data = wire.parse(
            wire.QuoteData, self._calls.read("/quote", query=query, limit=SMALL_ANSWER), "GET /api/v2/quote"
        )
        chain = CertificateChain.parse(data.cert)
        if chain.root_fingerprint != self._trust.fingerprint:
            raise root_changed(self._trust.fingerprint, chain.root_der)
        return Quote(chain, data.quote)

    def manifest(self) -> ServedManifest:
        """The manifest in force, checked against the pinned root. Refused while there is none."""
        data = wire.parse(
            wire_v2.ManifestData, self._calls.read("/manifest", limit=LARGE_ANSWER), "GET /api/v2/manifest"
        )
        served = ServedManifest(
            data.manifest, data.manifest_fingerprint.lower(), data.manifest_signature_root_ecdsa
        )
        served.require_authentic(self._trust.root)
        return served

    def update_log(self) -> str:
        """The update log as JSON lines, as version 1 gives it."""
        data = wire.parse(
            wire_v2.LogData, self._calls.read("/update", limit=LARGE_ANSWER), "GET /api/v2/update"
        )
        return "".join(f"{line.rstrip()}\n" for line in data.update_log)

    # What changes the coordinator

    def set_manifest(self, raw: bytes) -> Mapping[RecoveryKeyName, bytes]:
        """Set a first manifest, byte for byte; the recovery secrets, shown this once."""
        return self._calls.change(
            Deed.of(Sent.SET_MANIFEST, content=raw),
            "/manifest",
            _json(manifest=raw),
            limit=LARGE_ANSWER,
            read=_recovery_secrets,
        )

    def recover(self, secret: SecretBytes, signature: bytes, holder: str = "") -> RecoveryProgress:
        """Give one holder's secret, plain or encrypted to `recovery_key`, with the signature over the plain one.

        A plain one has 16, 32 or 33 bytes; by its length alone the coordinator tells which it is. `holder` is for the witness.
        """
        body = _json(recoverySecret=secret.reveal(), recoverySecretSignature=signature)
        deed = Deed.of(Sent.RECOVER, filter(None, [holder]))
        return self._calls.change(deed, "/recover", body, limit=SMALL_ANSWER, read=_recovered)

    def recovery_key(self) -> RSAPublicKey:
        """The key to encrypt secrets to; Refused outside of state 1. Nothing signs it but the connection itself."""
        data = wire.parse(
            wire_v2.PublicKeyData,
            self._calls.read("/recover/public-key", limit=SMALL_ANSWER),
            "GET /api/v2/recover/public-key",
        )
        try:
            key = load_der_public_key(data.ephemeral_public_key)
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if data.algorithm != "RSA" or not isinstance(key, RSAPublicKey) or key.key_size < EPHEMERAL_BITS:
            raise wire.unexpected(
                "GET /api/v2/recover/public-key", f"no RSA key of at least {EPHEMERAL_BITS} bits"
            )
        return key

    # What needs a user, except to look at what is pending

    def update(self, raw: bytes) -> UpdateProgress:
        """Begin to replace the whole manifest by this one; it counts as the caller's own acknowledgement."""
        deed = Deed.of(Sent.BEGIN_UPDATE, content=raw)
        read = partial(_progress, "POST /api/v2/update")
        return self._calls.change(deed, "/update", _json(manifest=raw), limit=LARGE_ANSWER, read=read)

    def update_packages(self, versions: Mapping[PackageName, int]) -> None:
        """Raise the SecurityVersion of these packages; all or nothing."""
        update = package_update(versions)
        deed = Deed.of(Sent.RAISE_PACKAGES, versions, update)
        self._calls.change(deed, "/update", _json(manifest=update), limit=SMALL_ANSWER, read=nothing)

    def pending_update(self) -> PendingUpdate | None:
        """The update of the whole manifest that waits for acknowledgements; None when there is none."""
        answer = self._calls.ask("/update-manifest", limit=LARGE_ANSWER)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        found = wire.parse(
            wire_v2.PendingData,
            self._calls.data_of(answer, "/update-manifest"),
            "GET /api/v2/update-manifest",
        )
        return PendingUpdate(found.manifest, _users(found.missing_users), cut(found.message))

    def acknowledge(self, raw: bytes) -> UpdateProgress:
        """Agree to the pending manifest, which must be exactly these bytes."""
        deed = Deed.of(Sent.ACKNOWLEDGE_UPDATE, content=raw)
        read = partial(_progress, "POST /api/v2/update-manifest")
        return self._calls.change(
            deed, "/update-manifest", _json(manifest=raw), limit=LARGE_ANSWER, read=read
        )

    def cancel_update(self) -> str:
        """Drop the pending update, whoever began it; the server's own words."""
        deed = Deed.of(Sent.CANCEL_UPDATE)
        return self._calls.change(deed, "/update-cancel", b"", limit=SMALL_ANSWER, read=_cancelled)

    def read_secrets(self, names: Iterable[SecretName]) -> dict[SecretName, Secret]:
        """All of the named secrets, or none when one is refused."""
        query = [("s", name) for name in names]
        data = wire.parse(
            wire_v2.SecretsData,
            self._calls.read("/secrets", query=query, limit=LARGE_ANSWER),
            "GET /api/v2/secrets",
        )
        return {SecretName(name): secret_of(SecretName(name), value) for name, value in data.secrets.items()}

    def write_secrets(self, values: Mapping[SecretName, UserSecret]) -> None:
        """Set user-defined secrets; all or nothing. Replaces without a way back."""
        body = {"secrets": {name: secret_as_json(value) for name, value in values.items()}}
        deed = Deed.of(Sent.SET_SECRETS, values)
        self._calls.change(deed, "/secrets", json.dumps(body).encode(), limit=SMALL_ANSWER, read=nothing)


def package_update(versions: Mapping[PackageName, int]) -> bytes:
    """The update that raises these packages, as both versions of the API take it."""
    return json.dumps(
        {"Packages": {name: {"SecurityVersion": version} for name, version in versions.items()}}
    ).encode()


def _recovery_secrets(data: Any) -> Mapping[RecoveryKeyName, bytes]:
    return _by_key(wire.parse(wire.SetManifestData, data, "POST /api/v2/manifest").recovery_secrets)


def _recovered(data: Any) -> RecoveryProgress:
    read = wire.parse(wire_v2.RecoverData, data, "POST /api/v2/recover")
    return RecoveryProgress(read.remaining, cut(read.message))


def _cancelled(data: Any) -> str:
    return cut(wire.parse(wire_v2.MessageData, data or {}, "POST /api/v2/update-cancel").message)


def _progress(call: str, data: Any) -> UpdateProgress:
    # Some coordinators answer an update that is in force at once with no body at all (client-compat.md, section 1).
    read = wire.parse(wire_v2.UpdateData, {"missingacknowledgments": 0} if data is None else data, call)
    return UpdateProgress(
        read.missing_acknowledgments,
        _users(read.missing_users),
        _by_key(read.recovery_secrets or {}),
        cut(read.message),
    )


def _json(**values: bytes) -> bytes:
    """An object of byte strings, in base64."""
    return json.dumps(
        {name: base64.b64encode(value).decode("ascii") for name, value in values.items()}
    ).encode()


def _by_key(secrets: Mapping[str, bytes]) -> dict[RecoveryKeyName, bytes]:
    return {RecoveryKeyName(name): secret for name, secret in secrets.items()}


def _users(names: list[str] | None) -> tuple[UserName, ...]:
    return tuple(UserName(cut(name)) for name in names or ())
