"""All rules of spec manifest.md, section 3, in the order in which a coordinator looks at them.

Each rule is a function from the manifest to its faults, in name order. `faults` runs all of them, lazily: a coordinator
stops at the first, the console wants every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from marble_core.manifest.model import Manifest, SecretDefinition, SecretName, SecretType
from marble_core.manifest.rules import access, dryrun, recovery, secrets, services, settings
from marble_core.manifest.rules.base import (
    CHECKING,
    DRY_RUN,
    PLACEHOLDERS,
    RECOVERY_KEYS,
    SHARED_SECRETS,
    USERS,
    Fault,
    GeneratedSecret,
    Judged,
    Rule,
)
from marble_core.manifest.rules.certificates import usable_template

__all__ = ["RULES", "Fault", "Judged", "Rule", "faults"]

_Choice = Callable[[Judged], Iterable[GeneratedSecret]]
_SecretRule = Callable[[SecretName, SecretType, SecretDefinition], Iterator[Fault]]


def _each(choose: _Choice, check: _SecretRule) -> Callable[[Judged], Iterator[Fault]]:
    """A rule on one secret, for all secrets of a kind."""
    return lambda it: (fault for chosen in choose(it) for fault in check(*chosen))


def _generation(stage: str, choose: _Choice) -> tuple[Rule, ...]:
    return (
        Rule("R20", stage, _each(choose, secrets.symmetric_size)),
        *((Rule("R21", stage, _each(choose, secrets.derived_size)),) if stage is PLACEHOLDERS else ()),
        Rule("R22", stage, _each(choose, secrets.curve_size)),
        Rule("R23", stage, _each(choose, secrets.rsa_size)),
        Rule("R24", stage, _each(choose, secrets.somebody_defines_plain)),
        Rule("Cert", stage, _each(choose, secrets.validity)),
        Rule("Cert", stage, _each(choose, usable_template)),
    )


RULES: tuple[Rule, ...] = (
    Rule("R1", CHECKING, services.something_to_run),
    Rule("R2", CHECKING, services.known_package),
    Rule("R3", CHECKING, services.one_identity),
    Rule("R4", CHECKING, services.complete_identity),
    Rule("R5", CHECKING, services.known_tags),
    Rule("R6", CHECKING, services.incoming_ports),
    Rule("R7", CHECKING, services.incoming_certificates),
    Rule("R8", CHECKING, services.own_certificate_without_client_authentication),
    Rule("R9", CHECKING, services.outgoing_targets),
    Rule("R10", CHECKING, access.user_certificates),
    Rule("R11", CHECKING, access.known_roles),
    Rule("R12", CHECKING, access.one_user_per_certificate),
    Rule("R13", CHECKING, access.known_resource_type),
    Rule("R14", CHECKING, access.known_resources),
    Rule("R15", CHECKING, access.known_actions),
    Rule("R16", CHECKING, access.writable_secrets),
    Rule("R17", CHECKING, access.readable_secrets),
    Rule("R18", CHECKING, access.manifest_roles_name_nothing),
    Rule("R19", CHECKING, secrets.known_type),
    Rule("R19", CHECKING, secrets.one_end_of_validity),
    Rule("Config", CHECKING, settings.seal_mode),
    Rule("Config", CHECKING, settings.feature_gates),
    Rule("Config", CHECKING, settings.update_threshold),
    Rule("Config", CHECKING, settings.recovery_threshold),
    *_generation(SHARED_SECRETS, lambda it: it.shared_secrets),
    *_generation(PLACEHOLDERS, lambda it: it.per_marble_secrets),
    Rule("R26", RECOVERY_KEYS, recovery.usable_recovery_keys),
    Rule("Config", RECOVERY_KEYS, recovery.enough_shares),
    Rule("R27", USERS, access.user_pem),
    Rule("R28", USERS, access.user_x509),
    Rule("R29", DRY_RUN, dryrun.null_bytes),
    Rule("R30", DRY_RUN, dryrun.templates),
)


def faults(manifest: Manifest) -> Iterator[tuple[Rule, Fault]]:
    """Everything a coordinator would refuse, in the order of its checks."""
    it = Judged(manifest)
    return ((rule, fault) for rule in RULES for fault in rule.check(it))
