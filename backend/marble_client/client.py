"""The Client API 0.4.0 as typed calls (spec: client-api-v1.md; client-compat.md).

Every method makes one request, blocks at most as long as the transport's limits, and raises ClientErrors only: those
of marble_client.errors. Calls that change something raise OutcomeUnknown once the request may have been received and
no readable answer came; every other error means that nothing changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Self

from marble_client import wire
from marble_client.address import Address
from marble_client.answers import CertificateChain, CoordinatorState, Quote, ServedManifest, Status
from marble_client.calls import LARGE_ANSWER, SMALL_ANSWER, Calls, nothing
from marble_client.errors import cut
from marble_client.identity import Identity
from marble_client.link import DIRECT, Link
from marble_client.secret_objects import secret_as_json, secret_of
from marble_client.transport import Transport
from marble_client.trust import Trust, root_changed
from marble_client.v2 import ClientV2, package_update
from marble_client.witness import NOBODY, Deed, Sent, Witness
from marble_core.manifest.model import PackageName, RecoveryKeyName, SecretName
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret
from marble_core.usersecrets import UserSecret


class CoordinatorClient:
    """One coordinator, by address and trust. Safe for use from several threads; close it, or use it in `with`."""

    def __init__(self, transport: Transport, witness: Witness = NOBODY) -> None:
        self._transport = transport
        self._calls = Calls(transport, witness=witness)
        self.witness = witness
        self.v2 = ClientV2(transport, witness)

    @classmethod
    def connect(
        cls,
        address: Address,
        trust: Trust,
        identity: Identity | None = None,
        *,
        link: Link = DIRECT,
        witness: Witness = NOBODY,
    ) -> Self:
        """Make a client that acts as nobody, or with an identity; the first call opens the connection."""
        return cls(Transport(address, trust, identity, link=link), witness)

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

    @cached_property
    def offers_v2(self) -> bool:
        """Whether `v2` can be used: nothing else tells what a coordinator is able to. Asked once a connection."""
        return self.v2.is_offered()

    # What everybody may ask

    def status(self) -> Status:
        """GET `/status`."""
        data = wire.parse(wire.StatusData, self._calls.read("/status", limit=SMALL_ANSWER), "GET /status")
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
        data = wire.parse(wire.QuoteData, self._calls.read("/quote", limit=SMALL_ANSWER), "GET /quote")
        chain = CertificateChain.parse(data.cert)
        if chain.root_fingerprint != self.trust.fingerprint:
            raise root_changed(self.trust.fingerprint, chain.root_der)
        return Quote(chain, data.quote)

    def claimed_chain(self) -> CertificateChain:
        """The certificates of GET `/quote`, whatever root they end in: a new one that the pinned one may vouch for."""
        data = wire.parse(wire.QuoteData, self._calls.read("/quote", limit=SMALL_ANSWER), "GET /quote")
        return CertificateChain.parse(data.cert)

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
        data = wire.parse(
            wire.ManifestData, self._calls.read("/manifest", limit=LARGE_ANSWER), "GET /manifest"
        )
        if data.manifest is None:
            return None
        return ServedManifest(
            data.manifest, data.manifest_signature.lower(), data.manifest_signature_root_ecdsa or b""
        )

    def update_log(self) -> str:
        """GET `/update`: the update log, JSON lines. Refused unless the coordinator is running."""
        log = self._calls.read("/update", limit=LARGE_ANSWER)
        if not isinstance(log, str):
            raise wire.unexpected("GET /update", "data: should be text")
        return log

    # What changes the coordinator

    def set_manifest(self, raw: bytes) -> Mapping[RecoveryKeyName, bytes]:
        """POST `/manifest`, byte for byte. Returns the recovery secrets, encrypted to their keys (RSA-OAEP).

        They are given once and kept nowhere: save them before anything else. Empty without recovery keys.
        """
        return self._calls.change(
            Deed.of(Sent.SET_MANIFEST, content=raw),
            "/manifest",
            raw,
            limit=LARGE_ANSWER,
            read=_recovery_secrets,
        )

    def recover(self, secret: SecretBytes, holder: str = "") -> str:
        """POST `/recover`: the decrypted recovery secret. Returns the server's own words: untrusted text.

        They tell whether more secrets are wanted; `status` tells whether the state is back. `holder` is for the witness.
        """
        deed = Deed.of(Sent.RECOVER, filter(None, [holder]))
        return self._calls.change(deed, "/recover", secret.reveal(), limit=SMALL_ANSWER, read=_recovered)

    # What needs a user

    def read_secrets(self, names: Iterable[SecretName]) -> dict[SecretName, Secret]:
        """GET `/secrets`: all of the named secrets, or none when one is refused."""
        query = [("s", name) for name in names]
        data = self._calls.read("/secrets", query=query, limit=LARGE_ANSWER)
        if not isinstance(data, dict):
            raise wire.unexpected("GET /secrets", "data: should be an object")
        return {SecretName(name): secret_of(SecretName(name), value) for name, value in data.items()}

    def write_secrets(self, values: Mapping[SecretName, UserSecret]) -> None:
        """POST `/secrets`: set user-defined secrets; all or nothing. Replaces without a way back."""
        body = {name: secret_as_json(value) for name, value in values.items()}
        deed = Deed.of(Sent.SET_SECRETS, values)
        self._calls.change(deed, "/secrets", json.dumps(body).encode(), limit=SMALL_ANSWER, read=nothing)

    def update_packages(self, versions: Mapping[PackageName, int]) -> None:
        """POST `/update`: raise the SecurityVersion of these packages; all or nothing."""
        update = package_update(versions)
        deed = Deed.of(Sent.RAISE_PACKAGES, versions, update)
        self._calls.change(deed, "/update", update, limit=SMALL_ANSWER, read=nothing)


def _recovery_secrets(data: Any) -> Mapping[RecoveryKeyName, bytes]:
    if data is None:
        return {}
    secrets = wire.parse(wire.SetManifestData, data, "POST /manifest").recovery_secrets
    return {RecoveryKeyName(name): secret for name, secret in secrets.items()}


def _recovered(data: Any) -> str:
    return cut(wire.parse(wire.RecoverData, data, "POST /recover").status_message)
