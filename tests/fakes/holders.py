"""Holders of recovery keys with files of their own, as people keep them: keys under a passphrase or not, saved shares."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from tests.fakes.manifests import observatory

PASSPHRASE = "four crows on a wire"


@cache
def key_of(name: str) -> rsa.RSAPrivateKey:
    """The same key for the same name."""
    del name
    return rsa.generate_private_key(65537, 2048)


def public_pem(name: str) -> str:
    public = key_of(name).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def manifest(*names: str, threshold: int = 0) -> dict[str, Any]:
    """The observatory with these holders."""
    content = observatory()
    content["RecoveryKeys"] = {name: public_pem(name) for name in names}
    content["Config"] = {"RecoveryThreshold": threshold}
    return content


def write_manifest(path: Path, *names: str, threshold: int = 0) -> Path:
    path.write_text(json.dumps(manifest(*names, threshold=threshold), indent=2), encoding="utf-8")
    return path


@dataclass(frozen=True)
class KeyFiles:
    """The files of one holder's private key in every form."""

    folder: Path

    def pem(self, name: str) -> Path:
        return self._write(
            f"{name}.pem", key_of(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )

    def traditional(self, name: str) -> Path:
        raw = key_of(name).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return self._write(f"{name}.rsa.pem", raw)

    def locked(self, name: str, passphrase: str = PASSPHRASE) -> Path:
        encryption = BestAvailableEncryption(passphrase.encode())
        return self._write(
            f"{name}.locked.pem", key_of(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        )

    def der(self, name: str) -> Path:
        return self._write(
            f"{name}.der", key_of(name).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        )

    def locked_der(self, name: str, passphrase: str = PASSPHRASE) -> Path:
        encryption = BestAvailableEncryption(passphrase.encode())
        return self._write(
            f"{name}.locked.der", key_of(name).private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption)
        )

    def pkcs12(self, name: str, passphrase: str = PASSPHRASE) -> Path:
        encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return self._write(
            f"{name}.p12", serialize_key_and_certificates(name.encode(), key_of(name), None, None, encryption)
        )

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path
