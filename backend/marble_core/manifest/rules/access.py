"""Users and roles: R10 to R18, and once more R27 and R28."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.model import (
    ACTIONS_OF,
    Action,
    ResourceType,
    Role,
    RoleName,
    SecretDefinition,
    UserName,
)
from marble_core.manifest.rules.base import Fault, Judged, listed


def user_certificates(it: Judged) -> Iterator[Fault]:
    """R10."""
    for name, user in sorted(it.manifest.users.items()):
        if not user.certificate:
            yield Fault(
                ("Users", name, "Certificate"),
                f"manifest does not contain a certificate for user {name}",
                f"User {name} has no certificate.",
            )


def known_roles(it: Judged) -> Iterator[Fault]:
    """R11."""
    roles = it.manifest.roles
    for name, user in sorted(it.manifest.users.items()):
        for i, role in enumerate(user.roles):
            if role not in roles:
                yield Fault(
                    ("Users", name, "Roles", i),
                    f"manifest specifies role {role} for user {name}, but role does not exist",
                    f"No role “{role}”. {listed(roles, role)}",
                )


def one_user_per_certificate(it: Judged) -> Iterator[Fault]:
    """R12. The certificates are compared, not their texts: white space must not make one user two."""
    owners: dict[bytes, UserName] = {}
    for name, user in sorted(it.manifest.users.items()):
        if not user.certificate:
            continue
        block = it.user_blocks[name]
        owner = owners.setdefault(block.der if block else user.certificate.encode(), name)
        if owner != name:
            yield Fault(
                ("Users", name, "Certificate"),
                f"manifest contains the same certificate for users {owner} and {name}",
                f"Users {owner} and {name} have the same certificate. A coordinator could not tell them apart.",
            )


def known_resource_type(it: Judged) -> Iterator[Fault]:
    """R13."""
    for name, role in sorted(it.manifest.roles.items()):
        if resource_type(role) is None:
            yield Fault(
                ("Roles", name, "ResourceType"),
                f"unrecognized resource type: {role.resource_type} for role: {name}",
                f"Role {name} has the resource type “{role.resource_type}”. Known: {', '.join(ResourceType)}.",
            )


def known_resources(it: Judged) -> Iterator[Fault]:
    """R14."""
    for name, role in sorted(it.manifest.roles.items()):
        match resource_type(role):
            case ResourceType.PACKAGES:
                defined = set[str](it.manifest.packages)
            case ResourceType.SECRETS:
                defined = set[str](it.manifest.secrets)
            case _:
                continue
        for i, resource in enumerate(role.resource_names):
            if resource not in defined:
                kind = role.resource_type
                yield Fault(
                    ("Roles", name, "ResourceNames", i),
                    f"role {name}: resource {resource} of type {kind} is not defined in manifest",
                    f"No {kind[:-1].lower()} “{resource}”. {listed(defined, resource)}",
                )


def known_actions(it: Judged) -> Iterator[Fault]:
    """R15."""
    for name, role in sorted(it.manifest.roles.items()):
        kind = resource_type(role)
        if kind is None:
            continue
        for i, action in enumerate(role.actions):
            if action_named(action) not in ACTIONS_OF[kind]:
                allowed = ", ".join(sorted(ACTIONS_OF[kind]))
                yield Fault(
                    ("Roles", name, "Actions", i),
                    f"unknown action: {action} for type {kind} in role: {name}",
                    f"“{action}” is no action on {kind}. Possible: {allowed}.",
                )


def writable_secrets(it: Judged) -> Iterator[Fault]:
    """R16."""
    for role, i, secret, definition in _secrets_with(it, Action.WRITE_SECRET):
        if not definition.user_defined:
            yield Fault(
                ("Roles", role, "ResourceNames", i),
                f"manifest specifies write permission for role {role} and secret {secret}, "
                "but secret is not user-defined",
                f"Role {role} may write {secret}, but the coordinator makes that secret. Only user-defined ones can be written.",
            )


def readable_secrets(it: Judged) -> Iterator[Fault]:
    """R17."""
    for role, i, secret, definition in _secrets_with(it, Action.READ_SECRET):
        if not (definition.shared or definition.user_defined):
            yield Fault(
                ("Roles", role, "ResourceNames", i),
                f"manifest specifies read permission for role {role} and per-marble-unique secret {secret}",
                f"Role {role} may read {secret}, but every marble has its own. Only shared and user-defined secrets can be read.",
            )


def manifest_roles_name_nothing(it: Judged) -> Iterator[Fault]:
    """R18."""
    for name, role in sorted(it.manifest.roles.items()):
        if resource_type(role) is ResourceType.MANIFEST and role.resource_names:
            yield Fault(
                ("Roles", name, "ResourceNames"),
                f"role {name}: resource names are not allowed for type Manifest",
                f"Role {name} speaks about the whole manifest, so it names no resources.",
            )


def user_pem(it: Judged) -> Iterator[Fault]:
    """R27. The label counts too: a private key pasted here must not pass."""
    for name, block in sorted(it.user_blocks.items()):
        if it.manifest.users[name].certificate and (block is None or block.label != "CERTIFICATE"):
            holds = f"holds a {block.label}" if block else "holds no PEM block"
            yield Fault(
                ("Users", name, "Certificate"),
                f"received invalid certificate for user {name}",
                f"The certificate of user {name} {holds}. Expected: -----BEGIN CERTIFICATE-----.",
            )


def user_x509(it: Judged) -> Iterator[Fault]:
    """R28."""
    if not it.manifest.users:
        return
    from cryptography import x509  # noqa: PLC0415 # takes longer to load than a small manifest to check

    for name, block in sorted(it.user_blocks.items()):
        if block is None or block.label != "CERTIFICATE":
            continue
        try:
            x509.load_der_x509_certificate(block.der)
        except (ValueError, x509.InvalidVersion):
            yield Fault(
                ("Users", name, "Certificate"),
                f"x509: malformed certificate of user {name}",
                f"The certificate of user {name} is damaged.",
            )


def resource_type(role: Role) -> ResourceType | None:
    """The parsed type: case matters."""
    return ResourceType(role.resource_type) if role.resource_type in set(ResourceType) else None


def action_named(name: str) -> Action | None:
    """The action meant: case does not matter, blanks do."""
    return _ACTIONS.get(name.lower())


_ACTIONS = {action.lower(): action for action in Action}


def _secrets_with(it: Judged, action: Action) -> Iterator[tuple[RoleName, int, str, SecretDefinition]]:
    """Every secret that a role grants an action on: role, place in its names, name, definition."""
    secrets = {str(name): definition for name, definition in it.manifest.secrets.items()}
    for name, role in sorted(it.manifest.roles.items()):
        if resource_type(role) is ResourceType.SECRETS and action in map(action_named, role.actions):
            for i, secret in enumerate(role.resource_names):
                if secret in secrets:
                    yield name, i, secret, secrets[secret]
