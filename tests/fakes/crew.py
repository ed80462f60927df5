"""Holders of recovery keys and users who update the manifest, around the ferry of `api_driver`."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from marble_core.recovery import decrypt, sign
from marble_core.secretbytes import SecretBytes
from tests.fakes.api_driver import ApiDriver, Reply, ferry, public_pem, user

Brought = tuple[bytes, bytes]
"""What a holder brings: the plain secret and its signature."""


@cache
def holder_key(number: int) -> rsa.RSAPrivateKey:
    """Small, since many are needed. The same one for the same number."""
    del number
    return rsa.generate_private_key(65537, 1024)


def holder(number: int) -> str:
    return f"holder {number:02}"


def crewed(
    holders: int = 0, threshold: int = 0, updaters: tuple[str, ...] = ("mate",), needed: int = 0
) -> dict[str, Any]:
    """The ferry with so many recovery keys, and users who may update the manifest, of whom `needed` must agree."""
    manifest = ferry()
    manifest["RecoveryKeys"] = {holder(number): public_pem(holder_key(number)) for number in range(holders)}
    manifest["Config"] = {"RecoveryThreshold": threshold, "UpdateThreshold": needed}
    manifest["Roles"]["rebuild"] = {"ResourceType": "Manifest", "Actions": ["UpdateManifest"]}
    for name in updaters:
        manifest["Users"].setdefault(name, {"Certificate": user(name).pem.decode()})
        manifest["Users"][name].setdefault("Roles", []).append("rebuild")
    return manifest


def brought(secrets: Mapping[str, str]) -> list[Brought]:
    """What the holders make of their recovery secrets, in the order of their numbers."""
    result = []
    for name in sorted(secrets):
        key = holder_key(int(name.removeprefix("holder ")))
        secret = decrypt(key, base64.b64decode(secrets[name]))
        result.append((secret.reveal(), sign(key, secret)))
    return result


def signed_by(number: int, secret: bytes) -> Brought:
    return secret, sign(holder_key(number), SecretBytes(secret))


def bring(driver: ApiDriver, what: Brought) -> Reply:
    """POST `/api/v2/recover`."""
    secret, signature = map(b64, what)
    return driver.call(
        "POST", "/api/v2/recover", {"recoverySecret": secret, "recoverySecretSignature": signature}
    )


def remaining(driver: ApiDriver, what: Brought) -> int:
    return bring(driver, what).data["remaining"]


def submit(driver: ApiDriver, manifest: object, who: str = "mate") -> Reply:
    """POST `/api/v2/update`."""
    return driver.call("POST", "/api/v2/update", wrapped(manifest), as_user=who)


def acknowledge(driver: ApiDriver, manifest: object, who: str) -> Reply:
    """POST `/api/v2/update-manifest`."""
    return driver.call("POST", "/api/v2/update-manifest", wrapped(manifest), as_user=who)


def wrapped(manifest: object) -> dict[str, str]:
    raw = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    return {"manifest": b64(raw)}


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
