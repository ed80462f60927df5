"""Advice on secrets that stand in the manifest, which everybody can read. No sentence repeats a value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from marble_core.manifest.advice.base import Remark, advise
from marble_core.manifest.model import Manifest, ParameterValue, SecretType
from marble_core.manifest.rules.base import secret_type

_EVERYBODY = "everybody can read the manifest."

_private_key = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----")
_secret_name = re.compile(
    r"(?:^|[_\W])(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?)$",
    re.IGNORECASE,
)
_secret_option = re.compile(
    r"--?(?:[\w-]*[_-])?(?:password|passwd|passphrase|secret|token|api-?key|private-?key)=(?=.)",
    re.IGNORECASE,
)
# These say where a secret is, or that there is none.
_harmless = re.compile(rb"\s*(?:|/.*|\./.*|true|false|yes|no|on|off|none|null|\d{1,5})\s*", re.IGNORECASE)


def values_of_secrets(manifest: Manifest) -> Iterator[Remark]:
    for name, secret in manifest.secrets.items():
        if not secret.user_defined:
            continue
        fields = [("Private", secret.private)]
        if secret_type(secret) in {SecretType.SYMMETRIC_KEY, SecretType.PLAIN}:
            fields.append(("Public", secret.public))
        for field, value in fields:
            if value:
                sentence = f"The value of secret {name} stands here, and {_EVERYBODY}"
                yield advise("A6", ("Secrets", name, field), sentence)


def parameters(manifest: Manifest) -> Iterator[Remark]:
    for marble, definition in manifest.marbles.items():
        given = definition.parameters
        for section, entries in (("Files", given.files), ("Env", given.env)):
            for name, value in entries.items():
                if what := _kept_in(section, name, value):
                    yield advise(
                        "A7",
                        ("Marbles", marble, "Parameters", section, name),
                        f"{name} of marble {marble} {what}, and {_EVERYBODY}",
                    )
        for at, argument in enumerate(given.argv):
            if _secret_option.match(argument):
                path = ("Marbles", marble, "Parameters", "Argv", at)
                sentence = f"An argument of marble {marble} seems to hold a secret, and {_EVERYBODY}"
                yield advise("A7", path, sentence)


def _kept_in(section: str, name: str, value: ParameterValue) -> str:
    """What secret stands in a parameter, as the end of a sentence; empty where there is none to be seen."""
    if _private_key.search(value.data):
        return "holds a private key"
    is_template = b"{{" in value.data and not value.no_templates
    if (
        section == "Env"
        and _secret_name.search(name)
        and not is_template
        and not _harmless.fullmatch(value.data)
    ):
        return "seems to hold a secret"
    return ""
