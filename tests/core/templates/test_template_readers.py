"""A coordinator tries only the marbles that look at an uploaded secret: the verdict must be that of trying all."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.model import (
    Manifest,
    Marble,
    MarbleType,
    Parameters,
    ParameterValue,
    SecretDefinition,
    SecretName,
    SecretType,
)
from marble_core.secrets import Secret
from marble_core.templates import dry_run, readers

NAMES = [SecretName(name) for name in ("a", "b", "c")]
SECRETS = {name: SecretDefinition("plain", user_defined=True) for name in NAMES}

# What looks at a secret directly, by its name as a text, through a loop, behind a condition, or in the previous generation.
LOOKS = st.sampled_from(
    [
        "{{ string .Secrets.a }}",
        "{{ if eq (base64 .Secrets.a) `AA==` }}{{ string .Secrets.b }}{{ end }}",
        "{{ if .Secrets.b }}{{ string .Secrets.c }}{{ end }}",
        '{{ string (index .Secrets "c") }}',
        "{{ range .Secrets }}{{ string . }}{{ end }}",
        "{{ string .Previous.Secrets.b }}",
        "{{ len .Secrets }}",
        "no template at all",
    ]
)
VALUES = st.sampled_from([b"", b"\0", b"*", b"long enough"])


def manifest_of(texts):
    return Manifest(
        marbles={
            MarbleType(f"m{number}"): Marble(parameters=Parameters(env={"E": ParameterValue(text.encode())}))
            for number, text in enumerate(texts)
        },
        secrets=SECRETS,
    )


@given(st.lists(LOOKS, max_size=5), st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1))
def test_trying_the_readers_alone_finds_what_trying_all_finds(texts, values):
    manifest = manifest_of(texts)
    uploaded = {
        name: Secret(name, SecretType.PLAIN, user_defined=True, private=value, public=value)
        for name, value in values.items()
    }
    looking = readers(manifest)
    chosen = set().union(*(looking.get(name, ()) for name in uploaded))
    part = dataclasses.replace(manifest, marbles={name: manifest.marbles[name] for name in chosen})
    assert list(dry_run(part, uploaded)) == list(dry_run(manifest, uploaded))


def test_each_marble_is_listed_under_what_it_looks_at_and_nothing_else():
    looking = readers(manifest_of(["{{ string .Secrets.a }}", "{{ string .Secrets.b }}", "text"]))
    assert looking == {"a": {"m0"}, "b": {"m1"}}
