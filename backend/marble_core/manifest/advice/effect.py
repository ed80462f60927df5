"""Warnings about fields that change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.advice.base import Remark, warn
from marble_core.manifest.model import Manifest
from marble_core.manifest.rules.base import secret_type


def without_effect(manifest: Manifest) -> Iterator[Remark]:
    for tag, entries in manifest.tls.items():
        for i, entry in enumerate(entries.outgoing):
            for field, is_given in (
                ("Cert", bool(entry.cert)),
                ("DisableClientAuth", entry.disable_client_auth),
            ):
                if is_given:
                    path = ("TLS", tag, "Outgoing", i, field)
                    yield warn("C8", path, f"{field} has no effect on outgoing connections.")
    for name, secret in manifest.secrets.items():
        kind = secret_type(secret)
        for field, value in (
            ("Private", secret.private),
            ("Public", secret.public),
            ("Cert", secret.cert_der),
        ):
            if value and not secret.user_defined:
                sentence = f"{field} has no effect: the coordinator generates secret {name}."
                yield warn("C8", ("Secrets", name, field), sentence)
        if kind and not kind.is_certificate and secret.cert is not None:
            sentence = f"Cert has no effect: secret {name} is no certificate."
            yield warn("C8", ("Secrets", name, "Cert"), sentence)
