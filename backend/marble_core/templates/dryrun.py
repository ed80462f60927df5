"""Try all templates of a manifest without real values (spec: manifest.md, section 6, rules R29 and R30).

A coordinator does this whenever a manifest or secrets are uploaded; the console does it while one types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

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
    for entry, outcome in _tries(manifest, placeholders(manifest, uploaded)):
        if problem := entry.problem(outcome):
            yield problem


def readers(manifest: Manifest) -> dict[SecretName, frozenset[MarbleType]]:
    """Which marbles' templates look at which secrets; the manifest has passed its dry run.

    Templates see nothing but secrets, and stand-ins never change. So a dry run with uploaded values can only differ from
    that one in the marbles that looked at one of these secrets, and need try no others.
    """
    found: dict[SecretName, set[MarbleType]] = {}
    for entry, outcome in _tries(manifest, placeholders(manifest)):
        for name in outcome.looked_at:
            found.setdefault(name, set()).add(entry.marble)
    return {name: frozenset(marbles) for name, marbles in found.items()}


class Use(NamedTuple):
    """A `Files` or `Env` value whose template looks at a secret."""

    marble: MarbleType
    section: str
    entry: str


def uses(manifest: Manifest) -> dict[SecretName, tuple[Use, ...]]:
    """Where the templates of marbles look at which secrets, in order of names."""
    found: dict[SecretName, list[Use]] = {}
    for entry, outcome in _tries(manifest, placeholders(manifest)):
        for name in outcome.looked_at:
            found.setdefault(name, []).append(Use(entry.marble, entry.section, entry.name))
    return {name: tuple(places) for name, places in found.items()}


class _Outcome(NamedTuple):
    """What became of a template: its error, if any, and the secrets it looked at."""

    error: TemplateError | None
    looked_at: frozenset[SecretName]


_NO_TEMPLATE = _Outcome(None, frozenset())


class _Entry(NamedTuple):
    """A `Files` or `Env` value and where it stands."""

    marble: MarbleType
    section: str
    name: str
    target: Target
    value: ParameterValue

    def problem(self, outcome: _Outcome) -> TemplateProblem | None:
        if self.target is Target.ENV and b"\0" in self.value.data:
            message = f"in Marble {self.marble}: env variable: {self.name}: content contains null bytes"
            sentence = "An environment variable cannot hold null bytes."
            return TemplateProblem("R29", self.marble, self.section, self.name, message, sentence)
        error = outcome.error
        if error is None:
            return None
        message = f"in Marble {self.marble}: {self.target.value} {self.name}: {error.message}"
        return TemplateProblem(
            "R30", self.marble, self.section, self.name, message, error.sentence, error.position
        )


class _Watched(Mapping[SecretName, Secret]):
    """Secrets that remember the names under which they were looked at."""

    def __init__(self, secrets: Mapping[SecretName, Secret]) -> None:
        self._secrets = secrets
        self._looked_at: set[SecretName] = set()

    def taken(self) -> frozenset[SecretName]:
        """The names since the last time."""
        taken = frozenset(self._looked_at)
        self._looked_at.clear()
        return taken

    def __getitem__(self, name: SecretName) -> Secret:
        self._looked_at.add(name)
        return self._secrets[name]

    def __iter__(self) -> Iterator[SecretName]:
        return iter(self._secrets)

    def __len__(self) -> int:
        return len(self._secrets)


def _tries(manifest: Manifest, values: TemplateValues) -> Iterator[tuple[_Entry, _Outcome]]:
    """Each entry of each marble, in order of names, and what became of it; ends where the budget does.

    Many marbles have the same templates, and all see the same stand-ins. So each text is tried once for each target.
    """
    watched = _Watched(values.secrets)
    values = replace(values, secrets=watched, previous=watched)
    budget = Budget.of_a_manifest()
    known: dict[tuple[Target, bytes], _Outcome] = {}
    for entry in _entries(manifest):
        template = entry.target, entry.value.data
        if entry.value.no_templates or b"{{" not in entry.value.data:
            outcome = _NO_TEMPLATE
        elif template in known:
            outcome = known[template]
        else:
            outcome = known[template] = _Outcome(_error(*template, values, budget), watched.taken())
        yield entry, outcome
        if budget.is_spent:
            return


def _entries(manifest: Manifest) -> Iterator[_Entry]:
    for marble_type in sorted(manifest.marbles):
        parameters = manifest.marbles[marble_type].parameters
        for target, section, entries in (
            (Target.FILE, "Files", parameters.files),
            (Target.ENV, "Env", parameters.env),
        ):
            for name in sorted(entries):
                yield _Entry(marble_type, section, name, target, entries[name])


def _error(target: Target, data: bytes, values: TemplateValues, budget: Budget) -> TemplateError | None:
    if target is Target.ENV and b"\0" in data:
        return None  # R29 has the say
    try:
        render(data, target, values, budget=budget)
    except TemplateError as error:
        return error
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
