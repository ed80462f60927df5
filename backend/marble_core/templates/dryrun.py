"""Try all templates of a manifest without real values (spec: manifest.md, section 6, rules R29 and R30).

A coordinator does this whenever a manifest or secrets are uploaded; the console does it while one types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from marble_core.manifest.findings import Position
from marble_core.manifest.model import (
    Manifest,
    MarbleType,
    ParameterValue,
    SecretDefinition,
    SecretName,
    SecretType,
)
from marble_core.secrets import Secret
from marble_core.templates.budget import Budget
from marble_core.templates.engine import render
from marble_core.templates.errors import TemplateError
from marble_core.templates.values import MarbleRunValues, Target, TemplateValues

_NOTHING: Mapping[SecretName, Secret] = MappingProxyType({})
_FILLER = b"*"
# Longer keys are refused by other rules; a stand-in must not fill the memory before that.
_LONGEST_STAND_IN = 1 << 20


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """A `Files` or `Env` value that a coordinator refuses. `section` is `Files` or `Env`, `entry` the path or name.

    `message` is the coordinator's text without its stage: `in Marble M: file F: ...`. `position` is the place in the
    decoded template text, None when no place is to blame. `rule` is R29 or R30.
    """

    rule: str
    marble: MarbleType
    section: str
    entry: str
    message: str
    sentence: str
    position: Position | None = None


def dry_run(
    manifest: Manifest, uploaded: Mapping[SecretName, Secret] = _NOTHING
) -> Iterator[TemplateProblem]:
    """The problems of all templates, in order of names, files before variables.

    Secrets have stand-ins (`placeholders`), those in `uploaded` their real values. All templates share one budget of
    work; the problem that tells of its end is the last one.
    """
    for _, problem in _tries(manifest, placeholders(manifest, uploaded)):
        if problem:
            yield problem


def readers(manifest: Manifest) -> dict[SecretName, frozenset[MarbleType]]:
    """Which marbles' templates look at which secrets; the manifest has passed its dry run.

    Templates see nothing but secrets, and stand-ins never change. So a dry run with uploaded values can only differ from
    that one in the marbles that looked at one of these secrets, and need try no others.
    """
    values = placeholders(manifest)
    watched = _Watched(values.secrets)
    found: dict[SecretName, set[MarbleType]] = {}
    for marble_type, _ in _tries(manifest, replace(values, secrets=watched, previous=watched)):
        for name in watched.seen:
            found.setdefault(name, set()).add(marble_type)
        watched.seen.clear()
    return {name: frozenset(marbles) for name, marbles in found.items()}


class _Watched(Mapping[SecretName, Secret]):
    """Secrets that remember the names under which they were looked at."""

    def __init__(self, secrets: Mapping[SecretName, Secret]) -> None:
        self._secrets = secrets
        self.seen: set[SecretName] = set()

    def __getitem__(self, name: SecretName) -> Secret:
        self.seen.add(name)
        return self._secrets[name]

    def __iter__(self) -> Iterator[SecretName]:
        return iter(self._secrets)

    def __len__(self) -> int:
        return len(self._secrets)


def _tries(manifest: Manifest, values: TemplateValues) -> Iterator[tuple[MarbleType, TemplateProblem | None]]:
    """Each entry of each marble, in order of names, and what is wrong with it; ends where the budget does."""
    budget = Budget.of_a_manifest()
    for marble_type in sorted(manifest.marbles):
        parameters = manifest.marbles[marble_type].parameters
        for target, section, entries in (
            (Target.FILE, "Files", parameters.files),
            (Target.ENV, "Env", parameters.env),
        ):
            for entry in sorted(entries):
                yield (
                    marble_type,
                    _try(marble_type, target, section, entry, entries[entry], values, budget),
                )
                if budget.is_spent:
                    return


def _try(
    marble: MarbleType,
    target: Target,
    section: str,
    entry: str,
    value: ParameterValue,
    values: TemplateValues,
    budget: Budget,
) -> TemplateProblem | None:
    if target is Target.ENV and b"\0" in value.data:
        message = f"in Marble {marble}: env variable: {entry}: content contains null bytes"
        return TemplateProblem(
            "R29", marble, section, entry, message, "An environment variable cannot hold null bytes."
        )
    if value.no_templates:
        return None
    try:
        render(value.data, target, values, budget=budget)
    except TemplateError as error:
        message = f"in Marble {marble}: {target.value} {entry}: {error.message}"
        return TemplateProblem("R30", marble, section, entry, message, error.sentence, error.position)
    return None


def placeholders(manifest: Manifest, uploaded: Mapping[SecretName, Secret] = _NOTHING) -> TemplateValues:
    """Stand-ins for all values that templates may name: keys of the right length, other parts short and not empty.

    Nothing is generated: the same manifest gives the same stand-ins. A user-defined secret is one byte in all parts
    unless it is in `uploaded`.
    """
    secrets = {
        name: uploaded.get(name) or _stand_in(name, definition)
        for name, definition in manifest.secrets.items()
    }
    marblerun = MarbleRunValues(
        root_ca=_der(1),
        marble_cert=_der(2),
        marble_public=_der(3),
        marble_private=_der(4),
        coordinator_root=_der(5),
        coordinator_intermediate=_der(6),
    )
    return TemplateValues(secrets, marblerun, previous=secrets)


def _stand_in(name: SecretName, definition: SecretDefinition) -> Secret:
    try:
        kind = definition.kind
    except ValueError:  # R19 refuses the manifest for it; the templates need not complain as well
        return Secret(name, SecretType.PLAIN, cert=_FILLER, private=_FILLER, public=_FILLER)
    if definition.user_defined:
        return Secret(name, kind, user_defined=True, cert=_FILLER, private=_FILLER, public=_FILLER)
    if kind.is_certificate:
        return Secret(name, kind, definition.size, cert=_der(7), private=_der(8), public=_der(9))
    key = _FILLER * min(max(definition.size // 8, 1), _LONGEST_STAND_IN)
    return Secret(name, kind, definition.size, private=key, public=key)


def _der(number: int) -> bytes:
    """The DER of a sequence of one small number: short, well formed, and another for each number."""
    return bytes([0x30, 3, 2, 1, number])
