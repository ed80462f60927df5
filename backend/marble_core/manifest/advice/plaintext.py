"""Advice on secrets that stand in the manifest, which everybody can read. No sentence repeats a value."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.advice.base import Remark, advise
from marble_core.manifest.model import Manifest, ParameterValue, SecretType
from marble_core.manifest.pasted import is_private_key, is_secret_argument, is_secret_variable
from marble_core.manifest.rules.base import secret_type

_EVERYBODY = "everybody can read the manifest."


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
            if is_secret_argument(argument):
                path = ("Marbles", marble, "Parameters", "Argv", at)
                sentence = f"An argument of marble {marble} seems to hold a secret, and {_EVERYBODY}"
                yield advise("A7", path, sentence)


def _kept_in(section: str, name: str, value: ParameterValue) -> str:
    """What secret stands in a parameter, as the end of a sentence; empty where there is none to be seen."""
    text = value.data.decode("utf-8", "replace")
    if is_private_key(text):
        return "holds a private key"
    if section == "Env" and is_secret_variable(name, text, no_templates=value.no_templates):
        return "seems to hold a secret"
    return ""
