"""The real client API in this process, on any directory, called without sockets; and a manifest to set there.

Only TLS is left out: what the transport would say about a client is an argument of `call`.
"""

import asyncio
import base64
import datetime as dt
import io
import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_coordinator import logs
from marble_coordinator.adapters.file_store import FileStore
from marble_coordinator.adapters.plain_sealer import PlainSealer
from marble_coordinator.api.app import ClientApi
from marble_coordinator.lifecycle import Lifecycle
from marble_coordinator.services.changes import Changes
from marble_coordinator.services.reads import Reads
from marble_coordinator.services.workers import Workers
from marble_coordinator.starting import first_world
from marble_coordinator.vault import Vault
from marble_coordinator.world import World
from tests.fakes.simulated_directory import SimulatedDirectory
from tests.fakes.tls_client import Identity, make_identity

BODY_LIMIT = 16 * 1024 * 1024


@cache
def user(name: str) -> Identity:
    """The same identity for the same name."""
    return make_identity(name, ec.generate_private_key(ec.SECP256R1()))


@cache
def recovery_key(number: int = 0) -> rsa.RSAPrivateKey:
    del number
    return rsa.generate_private_key(65537, 2048)


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def decrypt(key: rsa.RSAPrivateKey, secret: str) -> bytes:
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return key.decrypt(base64.b64decode(secret), oaep)


def ferry() -> dict[str, Any]:
    """A manifest with one of everything that the client API can show or change. The mate may do all, the cook read."""
    return {
        "Packages": {
            "engine": {"SignerID": "e1" * 32, "ProductID": 4, "SecurityVersion": 2},
            "galley": {"SignerID": "e1" * 32, "ProductID": 5, "SecurityVersion": 7},
            "bridge": {"UniqueID": "b7" * 32},
        },
        "Marbles": {
            "pump": {
                "Package": "engine",
                "MaxActivations": 3,
                "Parameters": {
                    "Files": {"/run/valve.key": "{{ raw .Secrets.valve }}"},
                    "Env": {"DOOR": "{{ string .Secrets.door }}"},
                },
            },
            "radar": {"Package": "bridge"},
        },
        "Secrets": {
            "valve": {"Type": "symmetric-key", "Size": 256, "Shared": True},
            "horn": {"Type": "cert-ed25519", "Shared": True, "ValidFor": 9},
            "lamp": {"Type": "cert-ecdsa", "Size": 256, "Shared": True},
            "berth": {"Type": "symmetric-key", "Size": 128},
            "door": {"Type": "plain", "UserDefined": True},
            "code": {"Type": "symmetric-key", "Size": 64, "UserDefined": True},
        },
        "Users": {
            "mate": {"Certificate": user("mate").pem.decode(), "Roles": ["raise", "read", "write"]},
            "cook": {"Certificate": user("cook").pem.decode(), "Roles": ["read"]},
            "guest": {"Certificate": user("guest").pem.decode()},
        },
        "Roles": {
            "raise": {
                "ResourceType": "Packages",
                "ResourceNames": ["engine", "galley"],
                "Actions": ["UpdateSecurityVersion"],
            },
            "read": {
                "ResourceType": "Secrets",
                "ResourceNames": ["valve", "horn", "lamp", "door", "code"],
                "Actions": ["ReadSecret"],
            },
            "write": {
                "ResourceType": "Secrets",
                "ResourceNames": ["door", "code"],
                "Actions": ["WriteSecret"],
            },
        },
        "RecoveryKeys": {"owner": public_pem(recovery_key())},
    }


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @cached_property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        """The data of a success."""
        assert self.status == 200, self.body
        assert self.json["status"] == "success"
        return self.json["data"]

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and message of an error."""
        assert self.json["status"] == "error", self.body
        assert self.json["data"] is None
        return self.status, self.json.get("message", "")

    @property
    def failure(self) -> tuple[int, str]:
        """Status and message of a fail, which only version 2 knows."""
        assert self.json["status"] == "fail", self.body
        assert self.headers["content-type"] == "application/json"
        return self.status, self.json["message"]


class ApiDriver:
    """A coordinator on `directory`. Use as a context manager. What it logs is in `log`: refusals are its daily work."""

    def __init__(self, directory: SimulatedDirectory) -> None:
        self._former_stream = logs._output.stream
        self._log = logs._output.stream = io.StringIO()
        try:
            self._start(directory)
        except BaseException:
            logs._output.stream = self._former_stream
            raise

    def _start(self, directory: SimulatedDirectory) -> None:
        self.directory = directory
        self.runner = asyncio.Runner()
        self.workers = Workers()
        self.vault = Vault(FileStore(directory), PlainSealer())
        self.lifecycle = Lifecycle(first_world(self.vault, ["localhost"], _now), self.vault)
        self.changes = Changes(self.lifecycle, _now, ["localhost"], self.workers)
        self.api = ClientApi(Reads(self.lifecycle), lambda: self.changes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.workers.close()
        self.vault.close()
        self.runner.close()
        logs._output.stream = self._former_stream

    @property
    def log(self) -> str:
        return self._log.getvalue()

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]

    @property
    def world(self) -> World:
        return self.lifecycle.world

    def call(
        self, method: str, target: str, body: object = b"", *, as_user: str | Identity | None = None
    ) -> Reply:
        """One request; `body` is bytes, or an object to send as JSON, `as_user` a name or an identity."""
        return self.runner.run(self.request(method, target, body, as_user=as_user))

    async def request(
        self, method: str, target: str, body: object = b"", *, as_user: str | Identity | None = None
    ) -> Reply:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        identity = user(as_user) if isinstance(as_user, str) else as_user
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "https",
            "server": ("127.0.0.1", 4433),
            "client": ("127.0.0.1", 50000),
            "root_path": "",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"localhost"), (b"content-length", b"%d" % len(raw))],
            "state": {"peer_cert": identity.der if identity else None, "body_limit": BODY_LIMIT},
        }
        sent: list[dict[str, Any]] = []
        messages = iter([{"type": "http.request", "body": raw, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(messages, {"type": "http.disconnect"})

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.api(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:]))

    def set_manifest(self, manifest: object = None) -> Any:
        """Set a manifest, the ferry's by default; gives the data of the answer."""
        return self.call("POST", "/manifest", ferry() if manifest is None else manifest).data

    def snapshot(self) -> dict[str, Any]:
        """Everything a restart must keep, as clients see it."""
        secrets = "/secrets?s=valve&s=horn&s=lamp&s=door&s=code"
        return {
            "status": self.call("GET", "/status").json,
            "quote": self.call("GET", "/quote").json,
            "manifest": self.call("GET", "/manifest").json,
            "log": self.call("GET", "/update").json,
            "secrets": self.call("GET", secrets, as_user="mate").json,
        }


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
