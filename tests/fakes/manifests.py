"""One valid manifest with every section, and a way to bend it once. The observatory is invented."""

import copy
import datetime as dt
import json
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

ABSENT = object()


@cache
def certificate(name: str) -> x509.Certificate:
    """A self-signed certificate, the same one for the same name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(start).not_valid_after(start + dt.timedelta(days=30)).sign(key, SHA256())


def certificate_pem(name: str) -> str:
    return certificate(name).public_bytes(Encoding.PEM).decode()


def certificate_der(name: str) -> bytes:
    return certificate(name).public_bytes(Encoding.DER)


@cache
def recovery_pem(bits: int = 2048, number: int = 0) -> str:
    """The PEM of an RSA public key. Different numbers give different keys."""
    del number
    key = rsa.generate_private_key(65537, bits).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def observatory() -> dict[str, Any]:
    """A fresh manifest that every rule accepts and that gives no warning, and no advice but that on its one recovery key."""
    return {
        "Packages": {
            "dome": {"SignerID": "a7" * 32, "ProductID": 3, "SecurityVersion": 5},
            "camera": {"UniqueID": "0d" * 32, "AcceptedTCBStatuses": ["UpToDate"]},
        },
        "Marbles": {
            "shutter": {
                "Package": "dome",
                "MaxActivations": 2,
                "Parameters": {
                    "Files": {
                        "/etc/star.key": "{{ raw .Secrets.star }}",
                        "/etc/noise": {"Data": "AAEC", "Encoding": "base64", "NoTemplates": True},
                    },
                    "Env": {
                        "SKY": "clear",
                        "NOTE": "{{ string .Secrets.note }}",
                        "OWN": "{{ hex .Secrets.own }}",
                    },
                    "Argv": ["shutter", "--slow"],
                },
                "TLS": ["link"],
            },
            "plate": {
                "Package": "camera",
                "MaxActivations": 1,
                "Parameters": {"Env": {"CA": "{{ pem .MarbleRun.RootCA.Cert }}"}},
            },
        },
        "Infrastructures": {"hill": {"CPUSVN": "AAEC", "QESVN": 2, "PCESVN": 3, "RootCA": [1, 2, 3]}},
        "TLS": {
            "link": {
                "Incoming": [{"Port": "7001"}, {"Port": "7002", "Cert": "web", "DisableClientAuth": True}],
                "Outgoing": [{"Addr": "weather.example", "Port": "7003"}],
            }
        },
        "Secrets": {
            "star": {"Type": "symmetric-key", "Size": 256, "Shared": True},
            "own": {"Type": "symmetric-key", "Size": 128},
            "web": {
                "Type": "cert-ecdsa",
                "Size": 384,
                "Shared": True,
                "ValidFor": 30,
                "Cert": {"Subject": {"CommonName": "observatory"}, "DNSNames": ["sky.example"]},
            },
            "note": {"Type": "plain", "UserDefined": True},
        },
        "Users": {
            "vera": {"Certificate": certificate_pem("vera"), "Roles": ["keeper", "raiser"]},
            "carl": {"Certificate": certificate_pem("carl"), "Roles": ["raiser"]},
        },
        "Roles": {
            "keeper": {
                "ResourceType": "Secrets",
                "ResourceNames": ["note"],
                "Actions": ["ReadSecret", "WriteSecret"],
            },
            "raiser": {
                "ResourceType": "Packages",
                "ResourceNames": ["dome"],
                "Actions": ["UpdateSecurityVersion"],
            },
        },
        "RecoveryKeys": {"vault": recovery_pem()},
        "Config": {"SealMode": "ProductKey", "FeatureGates": ["SignQuoteEndpoint"]},
    }


def bent(*changes: tuple[tuple[str | int, ...], Any]) -> dict[str, Any]:
    """The observatory with the values at some paths replaced, or removed by ABSENT."""
    manifest = observatory()
    for path, value in changes:
        node: Any = manifest
        for step in path[:-1]:
            node = node[step]
        if value is ABSENT:
            del node[path[-1]]
        else:
            node[path[-1]] = copy.deepcopy(value)
    return manifest


def encoded(manifest: Any) -> bytes:
    return json.dumps(manifest, indent=1).encode()
