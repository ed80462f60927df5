"""Manifests to begin with: made from the model, so they are valid by construction. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from marble_console.words import tr
from marble_core.manifest.model import (
    Manifest,
    Marble,
    MarbleType,
    Package,
    PackageName,
    Parameters,
    ParameterValue,
    SecretDefinition,
    SecretName,
    SecretType,
    TlsEntry,
    TlsTag,
    TlsTagName,
)
from marble_core.manifest.written import written_manifest


class Template(NamedTuple):
    """`key` names it, `title` and `what` are for people."""

    key: str
    title: str
    what: str


def templates() -> tuple[Template, ...]:
    """What there is to choose from."""
    return (
        Template("small", tr("Smallest manifest"), tr("One package and one marble.")),
        Template(
            "service",
            tr("Service with TLS"),
            tr("A server and a client whose connection is protected, and a key that both share."),
        ),
        Template(
            "secrets",
            tr("Service with secrets"),
            tr(
                "A key, a certificate and a text that a user sets; with files and environment that take them."
            ),
        ),
    )


def new_manifest(key: str) -> bytes:
    """The text of a new manifest."""
    return written_manifest(_MADE[key])


# A measurement stands in for one that only the operator knows; no enclave has it.
_NONE = "00" * 32
_PACKAGES = {
    PackageName("service"): Package(signer_id=_NONE, product_id=1, security_version=1),
}


def _texts(**given: str) -> Mapping[str, ParameterValue]:
    return {name: ParameterValue(text.encode()) for name, text in given.items()}


_MADE: Mapping[str, Manifest] = {
    "small": Manifest(
        packages=_PACKAGES,
        marbles={MarbleType("service"): Marble(package=PackageName("service"), max_activations=1)},
    ),
    "service": Manifest(
        packages=_PACKAGES
        | {PackageName("client"): Package(signer_id=_NONE, product_id=2, security_version=1)},
        marbles={
            MarbleType("server"): Marble(
                package=PackageName("service"),
                max_activations=1,
                parameters=Parameters(
                    env=_texts(DATA_KEY="{{ hex .Secrets.data_key }}"), argv=("server", "--port", "8443")
                ),
                tls=(TlsTagName("serve"),),
            ),
            MarbleType("client"): Marble(
                package=PackageName("client"),
                max_activations=1,
                parameters=Parameters(env=_texts(DATA_KEY="{{ hex .Secrets.data_key }}")),
                tls=(TlsTagName("call"),),
            ),
        },
        secrets={
            SecretName("data_key"): SecretDefinition(type=SecretType.SYMMETRIC_KEY, size=256, shared=True)
        },
        tls={
            TlsTagName("serve"): TlsTag(incoming=(TlsEntry(port="8443"),)),
            TlsTagName("call"): TlsTag(outgoing=(TlsEntry(port="8443", addr="server"),)),
        },
    ),
    "secrets": Manifest(
        packages=_PACKAGES,
        marbles={
            MarbleType("service"): Marble(
                package=PackageName("service"),
                max_activations=1,
                parameters=Parameters(
                    files={
                        "/etc/service/server.crt": ParameterValue(b"{{ pem .Secrets.server.Cert }}"),
                        "/etc/service/server.key": ParameterValue(b"{{ pem .Secrets.server.Private }}"),
                    },
                    env=_texts(DATA_KEY="{{ hex .Secrets.data_key }}", NOTE="{{ string .Secrets.note }}"),
                ),
            )
        },
        secrets={
            SecretName("data_key"): SecretDefinition(type=SecretType.SYMMETRIC_KEY, size=256, shared=True),
            SecretName("server"): SecretDefinition(
                type=SecretType.CERT_ECDSA, size=256, shared=True, valid_for=365
            ),
            SecretName("note"): SecretDefinition(type=SecretType.PLAIN, user_defined=True),
        },
    ),
}
