"""What a rule is, and the words that rules share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from marble_core.gojson import Path
from marble_core.manifest.likeness import meant
from marble_core.manifest.model import Manifest, SecretDefinition, SecretName, SecretType, UserName
from marble_core.pem import PemBlock, first_block
from marble_core.templates import TemplateProblem, dry_run

CHECKING = "checking manifest"
SHARED_SECRETS = "generating secrets from manifest"
PLACEHOLDERS = "generating placeholder secrets from manifest"
RECOVERY_KEYS = "generating recovery encryption key"
USERS = "generating users from manifest"
DRY_RUN = "running manifest template dry run"

_LISTED = 8


class Fault(NamedTuple):
    """A rule that is broken at `path`. `message` is the wire text behind its stage, `sentence` the operator's.

    Where the trouble begins inside the text at `path`, `offset` tells after how many characters.
    """

    path: Path
    message: str
    sentence: str
    offset: int | None = None


class GeneratedSecret(NamedTuple):
    """A secret that the coordinator makes, of a type that exists."""

    name: SecretName
    kind: SecretType
    definition: SecretDefinition


class Judged:
    """The manifest under judgement, with what several rules want to know about it."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    @cached_property
    def user_blocks(self) -> dict[UserName, PemBlock | None]:
        """The first PEM block of each user's certificate text."""
        return {name: first_block(user.certificate) for name, user in self.manifest.users.items()}

    @cached_property
    def shared_secrets(self) -> list[GeneratedSecret]:
        """Generated secrets that all marbles share, in name order."""
        return [it for it in self._generated if it.definition.shared]

    @cached_property
    def per_marble_secrets(self) -> list[GeneratedSecret]:
        """Generated secrets of which every marble gets its own, in name order."""
        return [it for it in self._generated if not it.definition.shared]

    @cached_property
    def _generated(self) -> list[GeneratedSecret]:
        return [
            GeneratedSecret(name, kind, secret)
            for name, secret in sorted(self.manifest.secrets.items())
            if not secret.user_defined and (kind := secret_type(secret))
        ]

    @cached_property
    def template_problems(self) -> tuple[TemplateProblem, ...]:
        return tuple(dry_run(self.manifest))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of spec manifest.md, section 3, and the stage at which the coordinator looks at it."""

    number: str
    stage: str
    check: Callable[[Judged], Iterator[Fault]]


def secret_type(secret: SecretDefinition) -> SecretType | None:
    """The parsed type: case matters."""
    return secret.known_kind


def listed(names: Collection[str], written: str = "") -> str:
    """For the end of a sentence: the name that was meant, perhaps, or all in name order: `Defined: ledger, web.`"""
    if alike := meant(written, names):
        return f"Did you mean {alike}?"
    known = sorted(names)
    if not known:
        return "None is defined."
    more = len(known) - _LISTED
    shown = ", ".join(known[:_LISTED])
    return f"Defined: {shown}, and {more} more." if more > 0 else f"Defined: {shown}."
