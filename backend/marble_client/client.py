"""The Client API 0.4.0 as typed calls (spec: client-api-v1.md; client-compat.md).

Every method makes one request, blocks at most as long as the transport's limits, and raises ClientErrors only: those
of marble_client.errors. Calls that change something raise OutcomeUnknown once the request may have been received and
no readable answer came; every other error means that nothing changed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Self

from marble_client import wire
from marble_client.address import Address
from marble_client.answers import CertificateChain, CoordinatorState, Quote, ServedManifest, Status
from marble_client.errors import Refused, Unauthorized, UnexpectedAnswer, cut
from marble_client.identity import Identity
from marble_client.transport import Transport, outcome_unknown
from marble_client.trust import Trust, root_changed
from marble_core.manifest.model import PackageName, RecoveryKeyName, SecretName, SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret
from marble_core.usersecrets import UserSecret

# Bytes. A coordinator takes manifests of up to 16 MiB, which base64 makes a third larger; the log grows without bound.
SMALL_ANSWER = 1 << 20
LARGE_ANSWER = 32 << 20


class CoordinatorClient:
    """One coordinator, by address and trust. Safe for use from several threads; close it, or use it in `with`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @classmethod
    def connect(cls, address: Address, trust: Trust, identity: Identity | None = None) -> Self:
        """Make a client that acts as nobody, or with an identity; the first call opens the connection."""
        return cls(Transport(address, trust, identity))

    @property
    def address(self) -> Address:
        return self._transport.address

    @property
    def trust(self) -> Trust:
        return self._transport.trust

    @property
    def identity(self) -> Identity | None:
        return self._transport.identity

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What everybody may ask

    def status(self) -> Status:
        """GET `/status`."""
        data = wire.parse(wire.StatusData, self._read("/status", limit=SMALL_ANSWER), "GET /status")
        try:
            state = CoordinatorState(data.status_code)
        except ValueError:
            raise wire.unexpected("GET /status", f"no state has the code {data.status_code}") from None
        return Status(state, cut(data.status_message))

    def quote(self) -> Quote:
        """GET `/quote`: the certificates, and the quote where there is SGX.

        Raises ChainRejected when they do not belong together, and RootChanged when their root is not the pinned one,
        as on a connection that was open while the coordinator recovered its state.
        """
        data = wire.parse(wire.QuoteData, self._read("/quote", limit=SMALL_ANSWER), "GET /quote")
        chain = CertificateChain.parse(data.cert)
        if chain.root_fingerprint != self.trust.fingerprint:
            raise root_changed(self.trust.fingerprint, chain.root_fingerprint)
        return Quote(chain, data.quote)

    def manifest(self) -> ServedManifest | None:
        """GET `/manifest`: the manifest as first set, checked against the pinned root; None when there is none.

        Raises ManifestNotAuthentic.
        """
        served = self.claimed_manifest()
        if served is not None:
            served.require_authentic(self.trust.root)
        return served

    def claimed_manifest(self) -> ServedManifest | None:
        """GET `/manifest` as the coordinator claims it to be, for a verification that tells what does not fit."""
        data = wire.parse(wire.ManifestData, self._read("/manifest", limit=LARGE_ANSWER), "GET /manifest")
        if data.manifest is None:
            return None
        return ServedManifest(
            data.manifest, data.manifest_signature.lower(), data.manifest_signature_root_ecdsa or b""
        )

    def update_log(self) -> str:
        """GET `/update`: the update log, JSON lines. Refused unless the coordinator is running."""
        log = self._read("/update", limit=LARGE_ANSWER)
        if not isinstance(log, str):
            raise wire.unexpected("GET /update", "data: should be text")
        return log

    # What changes the coordinator

    def set_manifest(self, raw: bytes) -> Mapping[RecoveryKeyName, bytes]:
        """POST `/manifest`, byte for byte. Returns the recovery secrets, encrypted to their keys (RSA-OAEP).

        They are given once and kept nowhere: save them before anything else. Empty without recovery keys.
        """
        data = self._change("/manifest", raw, limit=LARGE_ANSWER)
        if data is None:
            return {}
        secrets = self._after_change(wire.SetManifestData, data, "POST /manifest").recovery_secrets
        return {RecoveryKeyName(name): secret for name, secret in secrets.items()}

    def recover(self, secret: SecretBytes) -> str:
        """POST `/recover`: the decrypted recovery secret. Returns the server's own words: untrusted text.

        They tell whether more secrets are wanted; `status` tells whether the state is back.
        """
        data = self._change("/recover", secret.reveal(), limit=SMALL_ANSWER)
        return cut(self._after_change(wire.RecoverData, data, "POST /recover").status_message)

    # What needs a user

    def read_secrets(self, names: Iterable[SecretName]) -> dict[SecretName, Secret]:
        """GET `/secrets`: all of the named secrets, or none when one is refused."""
        query = [("s", name) for name in names]
        data = self._read("/secrets", query=query, limit=LARGE_ANSWER)
        if not isinstance(data, dict):
            raise wire.unexpected("GET /secrets", "data: should be an object")
        return {SecretName(name): _secret(SecretName(name), value) for name, value in data.items()}

    def write_secrets(self, values: Mapping[SecretName, UserSecret]) -> None:
        """POST `/secrets`: set user-defined secrets; all or nothing. Replaces without a way back."""
        body = {name: _as_json(value) for name, value in values.items()}
        self._change("/secrets", json.dumps(body).encode(), limit=SMALL_ANSWER)

    def update_packages(self, versions: Mapping[PackageName, int]) -> None:
        """POST `/update`: raise the SecurityVersion of these packages; all or nothing."""
        update = {"Packages": {name: {"SecurityVersion": version} for name, version in versions.items()}}
        self._change("/update", json.dumps(update).encode(), limit=SMALL_ANSWER)

    def _read(self, path: str, *, query: Iterable[tuple[str, str]] = (), limit: int) -> Any:
        answer = self._transport.get(path, query=tuple(query), limit=limit)
        return _accepted(wire.open_envelope(answer.status, answer.body))

    def _change(self, path: str, body: bytes, *, limit: int) -> Any:
        answer = self._transport.post(path, body, limit=limit)
        try:
            envelope = wire.open_envelope(answer.status, answer.body)
        except UnexpectedAnswer as error:
            raise outcome_unknown(self.address) from error
        return _accepted(envelope)

    def _after_change(self, model: type[wire.Model], data: object, call: str) -> wire.Model:
        try:
            return wire.parse(model, data, call)
        except UnexpectedAnswer as error:
            raise outcome_unknown(self.address) from error


def _accepted(envelope: wire.Success | wire.Failure) -> Any:
    if isinstance(envelope, wire.Success):
        return envelope.data
    if envelope.status == HTTPStatus.UNAUTHORIZED:
        raise Unauthorized(
            "The coordinator knows no user with this certificate, or none was sent.",
            hint="Choose an identity whose certificate belongs to a user of the manifest in force.",
            status=envelope.status,
            server_text=envelope.message,
        )
    raise Refused(
        "The coordinator refused the request. Nothing changed.",
        hint="Its own words tell why.",
        status=envelope.status,
        server_text=envelope.message,
    )


def _secret(name: SecretName, value: object) -> Secret:
    data = wire.parse(wire.SecretData, value, "GET /secrets")
    try:
        kind = SecretType(data.type)
    except ValueError:
        raise wire.unexpected(
            "GET /secrets", "a secret has a type that the Client API does not know"
        ) from None
    return Secret(
        name,
        kind,
        data.size,
        data.shared,
        data.user_defined,
        data.valid_for,
        data.cert or b"",
        data.private or b"",
        data.public or b"",
    )


def _as_json(value: UserSecret) -> dict[str, str]:
    parts = {"Key": value.key, "Cert": value.cert, "Private": value.private}
    return {name: base64.b64encode(part).decode("ascii") for name, part in parts.items() if part is not None}
