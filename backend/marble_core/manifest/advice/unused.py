"""Advice on what nothing in the manifest uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from marble_core.manifest.advice.base import Remark, advise
from marble_core.manifest.model import Manifest, ResourceType
from marble_core.manifest.rules.access import resource_type

# Bounded, since an unclosed quotation mark must not be followed to the end of a large file again and again.
_names_in_template = re.compile(r'\.Secrets\.(\w+)|"((?:[^"\\]|\\.){0,256}+)"|`([^`]{0,256}+)`')
_all_secrets = re.compile(
    r"\b(?:range|with|template|define|printf?|println)\b[^{}]{0,100}\.Secrets(?!\.\w)|:?=\s*\.Secrets(?!\.\w)"
)


def packages(manifest: Manifest) -> Iterator[Remark]:
    used = {marble.package for marble in manifest.marbles.values()}
    for name in manifest.packages:
        if name not in used:
            yield advise("A11", ("Packages", name), f"No marble uses package {name}.")


def tags(manifest: Manifest) -> Iterator[Remark]:
    used = {tag for marble in manifest.marbles.values() for tag in marble.tls}
    for name in manifest.tls:
        if name not in used:
            yield advise("A12", ("TLS", name), f"No marble uses TLS tag {name}.")


def roles(manifest: Manifest) -> Iterator[Remark]:
    used = {role for user in manifest.users.values() for role in user.roles}
    for name in manifest.roles:
        if name not in used:
            yield advise("A13", ("Roles", name), f"No user has role {name}.")


def secrets(manifest: Manifest) -> Iterator[Remark]:
    used = _secrets_named(manifest)
    for name in manifest.secrets:
        if used is not None and name not in used:
            yield advise("A14", ("Secrets", name), f"No template, TLS tag or role uses secret {name}.")


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
