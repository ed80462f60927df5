"""Manifests and identities to measure with: an invented chain of bakeries."""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

PACKAGE = {"SignerID": "b4" * 32, "ProductID": 7, "SecurityVersion": 1, "Debug": False}
SECRET_SIZE = 48  # bytes of a value written by POST /secrets


@dataclass(frozen=True)
class User:
    """A client identity: its certificate for the manifest, and a PEM file with certificate and key for TLS."""

    certificate: str
    file: Path


def new_user(folder: Path) -> User:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    ).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "user.pem"
    file.write_bytes(certificate + private)
    return User(certificate.decode(), file)


class RecoveryKey:
    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
        self.public = (
            self._key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def decrypt(self, recovery_secret: str) -> bytes:
        """The secret for POST /recover out of the base64 text that POST /manifest answers."""
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return self._key.decrypt(base64.b64decode(recovery_secret), oaep)


def manifest(
    user: User,
    *,
    marbles: int = 1,
    secrets: Mapping[str, Any] | None = None,
    recovery_key: str | None = None,
    filler: int = 0,
    activations: int = 0,
) -> bytes:
    """A manifest whose user may do everything. `filler` bytes of plain text are spread over the marbles' files.

    Above 0, each marble may be activated so often: then a coordinator has to count, and to store the count.
    Besides `secrets` there is always `recipe`, which the user may write and read.
    """
    declared = {"recipe": {"Type": "plain", "UserDefined": True}} | dict(secrets or {})
    readable = [
        name for name, secret in declared.items() if secret.get("Shared") or secret.get("UserDefined")
    ]
    names = list(declared)[1:]
    text = "flour water salt " * (filler // marbles // 17)

    def marble(number: int) -> dict[str, Any]:
        files = {"/etc/oven.conf": f"oven = {number}\n"}
        if text:
            files["/etc/recipes.txt"] = text
        if names:
            files["/etc/key.hex"] = f'{{{{ hex (index .Secrets "{names[number % len(names)]}") }}}}'
        env = {"ROOT_CA": "{{ pem .MarbleRun.RootCA.Cert }}", "SHOP": f"shop-{number}"}
        return {
            "Package": "bakery",
            "MaxActivations": activations,
            "Parameters": {"Files": files, "Env": env, "Argv": ["bake", str(number)]},
        }

    document: dict[str, Any] = {
        "Packages": {"bakery": PACKAGE},
        "Marbles": {f"oven-{number}": marble(number) for number in range(marbles)},
        "Secrets": declared,
        "Users": {
            "bench": {"Certificate": user.certificate, "Roles": ["all-packages", "all-secrets", "recipe"]}
        },
        "Roles": {
            "all-packages": {
                "ResourceType": "Packages",
                "ResourceNames": ["bakery"],
                "Actions": ["UpdateSecurityVersion"],
            },
            "all-secrets": {"ResourceType": "Secrets", "ResourceNames": readable, "Actions": ["ReadSecret"]},
            "recipe": {"ResourceType": "Secrets", "ResourceNames": ["recipe"], "Actions": ["WriteSecret"]},
        },
    }
    if recovery_key:
        document["RecoveryKeys"] = {"bench": recovery_key}
    return json.dumps(document).encode()


def big_secrets() -> dict[str, Any]:
    """300 generated secrets: 100 symmetric keys and 200 certificates, 50 of them with RSA-2048 keys."""
    kinds: list[tuple[str, int, dict[str, Any]]] = [
        ("key", 100, {"Type": "symmetric-key", "Size": 256}),
        ("rsa", 50, {"Type": "cert-rsa", "Size": 2048}),
        ("ecdsa", 75, {"Type": "cert-ecdsa", "Size": 256}),
        ("ed25519", 75, {"Type": "cert-ed25519"}),
    ]
    return {
        f"{kind}-{n}": definition | {"Shared": True}
        for kind, count, definition in kinds
        for n in range(count)
    }


def rsa_secrets(count: int, bits: int) -> dict[str, Any]:
    return {f"rsa-{n}": {"Type": "cert-rsa", "Size": bits, "Shared": True} for n in range(count)}


def secret_upload(number: int) -> bytes:
    """A body for POST /secrets; each number gives another value."""
    value = base64.b64encode(number.to_bytes(SECRET_SIZE)).decode()
    return json.dumps({"recipe": {"Key": value}}).encode()


def update(version: int) -> bytes:
    return json.dumps({"Packages": {"bakery": {"SecurityVersion": version}}}).encode()
