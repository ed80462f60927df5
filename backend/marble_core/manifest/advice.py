"""What a coordinator accepts, though an operator may not have meant it: C-numbers for no effect, A-numbers for risk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from marble_core.gojson import Path
from marble_core.manifest.findings import Severity
from marble_core.manifest.model import Manifest, ResourceType, SecretType
from marble_core.manifest.rules.access import resource_type
from marble_core.manifest.rules.base import Judged, secret_type
from marble_core.manifest.rules.recovery import recovery_key
from marble_core.manifest.rules.services import missing_identity, two_identities, used_packages

_STRONG_RSA = 2048  # bits; NIST SP 800-57 calls less than this legacy

# Bounded, since an unclosed quotation mark must not be followed to the end of a large file again and again.
_names_in_template = re.compile(r'\.Secrets\.(\w+)|"((?:[^"\\]|\\.){0,256}+)"|`([^`]{0,256}+)`')
_all_secrets = re.compile(
    r"\b(?:range|with|template|define|printf?|println)\b[^{}]{0,100}\.Secrets(?!\.\w)|:?=\s*\.Secrets(?!\.\w)"
)


class Remark(NamedTuple):
    """Something to think about at `path`."""

    rule: str
    severity: Severity
    path: Path
    sentence: str


def advice(manifest: Manifest) -> Iterator[Remark]:
    """All remarks on a manifest that decoded; whether it breaks rules does not matter here."""
    for remarks in _REMARKS:
        yield from remarks(manifest)


def _debug_packages(manifest: Manifest) -> Iterator[Remark]:
    for name, package in manifest.packages.items():
        if package.debug:
            sentence = f"Package {name} is for debugging. Whoever runs the host can read its memory."
            yield Remark("A1", Severity.ADVICE, ("Packages", name, "Debug"), sentence)
    for name, package in used_packages(Judged(manifest)):
        if not package.debug:
            continue
        for fault in two_identities(name, package):
            yield Remark("C7", Severity.WARNING, fault.path, f"{fault.sentence} Debugging excuses it.")
        if missing := [str(fault.path[-1]) for fault in missing_identity(name, package)]:
            sentence = f"Package {name} has no {', '.join(missing)}. Debugging excuses it."
            yield Remark("C7", Severity.WARNING, ("Packages", name), sentence)


def _unused_packages(manifest: Manifest) -> Iterator[Remark]:
    used = {marble.package for marble in manifest.marbles.values()}
    for name in manifest.packages:
        if name not in used:
            yield Remark("C8", Severity.WARNING, ("Packages", name), f"No marble uses package {name}.")


def _unused_tags(manifest: Manifest) -> Iterator[Remark]:
    used = {tag for marble in manifest.marbles.values() for tag in marble.tls}
    for name in manifest.tls:
        if name not in used:
            yield Remark("C9", Severity.WARNING, ("TLS", name), f"No marble uses TLS tag {name}.")


def _unused_roles(manifest: Manifest) -> Iterator[Remark]:
    used = {role for user in manifest.users.values() for role in user.roles}
    for name in manifest.roles:
        if name not in used:
            yield Remark("C10", Severity.WARNING, ("Roles", name), f"No user has role {name}.")


def _unused_secrets(manifest: Manifest) -> Iterator[Remark]:
    used = _secrets_named(manifest)
    for name in manifest.secrets:
        if used is not None and name not in used:
            sentence = f"No template, TLS tag or role uses secret {name}."
            yield Remark("C11", Severity.WARNING, ("Secrets", name), sentence)


def _secrets_named(manifest: Manifest) -> set[str] | None:
    """Every name that a role, a TLS tag or a template mentions; None when a template goes through all secrets."""
    named: set[str] = {entry.cert for tag in manifest.tls.values() for entry in tag.incoming}
    for role in manifest.roles.values():
        if resource_type(role) is ResourceType.SECRETS:
            named.update(role.resource_names)
    for marble in manifest.marbles.values():
        for value in (*marble.parameters.files.values(), *marble.parameters.env.values()):
            if value.no_templates or b"{{" not in value.data:
                continue
            text = value.data.decode(errors="replace")
            if _all_secrets.search(text):
                return None
            for match in _names_in_template.finditer(text):
                named.update(filter(None, match.groups()))
    return named


def _without_effect(manifest: Manifest) -> Iterator[Remark]:
    for tag, entries in manifest.tls.items():
        for i, entry in enumerate(entries.outgoing):
            for field, is_given in (
                ("Cert", bool(entry.cert)),
                ("DisableClientAuth", entry.disable_client_auth),
            ):
                if is_given:
                    path = ("TLS", tag, "Outgoing", i, field)
                    yield Remark(
                        "C12", Severity.WARNING, path, f"{field} has no effect on outgoing connections."
                    )
    for name, secret in manifest.secrets.items():
        kind = secret_type(secret)
        for field, value in (
            ("Private", secret.private),
            ("Public", secret.public),
            ("Cert", secret.cert_der),
        ):
            if value and not secret.user_defined:
                sentence = f"{field} has no effect: the coordinator generates secret {name}."
                yield Remark("C12", Severity.WARNING, ("Secrets", name, field), sentence)
        if kind and not kind.is_certificate and secret.cert is not None:
            sentence = f"Cert has no effect: secret {name} is no certificate."
            yield Remark("C12", Severity.WARNING, ("Secrets", name, "Cert"), sentence)


def _secrets_in_clear(manifest: Manifest) -> Iterator[Remark]:
    for name, secret in manifest.secrets.items():
        if not secret.user_defined:
            continue
        kind = secret_type(secret)
        fields = [("Private", secret.private)]
        if kind in {SecretType.SYMMETRIC_KEY, SecretType.PLAIN}:
            fields.append(("Public", secret.public))
        for field, value in fields:
            if value:
                sentence = (
                    f"The manifest holds the value of secret {name}, and everybody can read the manifest."
                )
                yield Remark("C13", Severity.WARNING, ("Secrets", name, field), sentence)


def _recovery(manifest: Manifest) -> Iterator[Remark]:
    if not manifest.recovery_keys:
        sentence = (
            "No recovery key is defined. If the coordinator cannot unseal its state, the state is lost."
        )
        yield Remark("A3", Severity.ADVICE, (), sentence)
    for name, text in manifest.recovery_keys.items():
        key = recovery_key(text)
        if key is not None and key.key_size < _STRONG_RSA:
            sentence = f"Recovery key {name} has {key.key_size} bits. At least {_STRONG_RSA} are advisable."
            yield Remark("A2", Severity.ADVICE, ("RecoveryKeys", name), sentence)


def _weak_rsa(manifest: Manifest) -> Iterator[Remark]:
    for name, secret in manifest.secrets.items():
        if (
            secret_type(secret) is SecretType.CERT_RSA
            and not secret.user_defined
            and secret.size < _STRONG_RSA
        ):
            sentence = f"Secret {name} has {secret.size} bits. At least {_STRONG_RSA} are advisable for RSA."
            yield Remark("A4", Severity.ADVICE, ("Secrets", name, "Size"), sentence)


def _idle_users(manifest: Manifest) -> Iterator[Remark]:
    for name, user in manifest.users.items():
        if not user.roles:
            sentence = f"User {name} has no role and may do nothing."
            yield Remark("A5", Severity.ADVICE, ("Users", name), sentence)


_REMARKS: tuple[Callable[[Manifest], Iterator[Remark]], ...] = (
    _debug_packages,
    _unused_packages,
    _unused_tags,
    _unused_roles,
    _unused_secrets,
    _without_effect,
    _secrets_in_clear,
    _recovery,
    _weak_rsa,
    _idle_users,
)
