"""The secrets as one marble sees them (spec: marble-api.md, section 6; secrets-and-certs.md, section 2)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping

from marble_coordinator.pki import issue
from marble_coordinator.pki.marble import MarbleIdentity
from marble_coordinator.services.calls import log_generated
from marble_coordinator.world import World
from marble_core.manifest.model import Marble, SecretDefinition, SecretName
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret


class MarbleSecrets(Mapping[SecretName, Secret]):
    """Secrets that are made when they are first looked at: RSA keys that no template names would cost seconds."""

    def __init__(self, names: Mapping[SecretName, object], make: Callable[[SecretName], Secret]) -> None:
        self._names = names
        self._make = make
        self._made: dict[SecretName, Secret] = {}

    def __getitem__(self, name: SecretName) -> Secret:
        """Raises CannotGenerate, besides KeyError."""
        made = self._made.get(name)
        if made is None:
            if name not in self._names:
                raise KeyError(name)
            made = self._made[name] = self._make(name)
        return made

    def __iter__(self) -> Iterator[SecretName]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def secrets_for(
    world: World, marble: Marble, identity: MarbleIdentity, now: dt.datetime
) -> tuple[MarbleSecrets, MarbleSecrets]:
    """The present secrets of a marble, and what `.Previous.Secrets` shows of the last generation.

    Shared and user-defined ones are the stored ones. Keys of its own are derived from the root secret, and certificates
    of its own are new each time, also where the previous ones are asked for.
    """
    deployment = world.running
    definitions = deployment.manifest.content.secrets
    bound_to = None if marble.disable_secret_binding else identity.type

    def own(name: SecretName, root_secret: SecretBytes) -> Secret:
        definition = definitions[name]
        if definition.kind.is_certificate:
            secret = issue.generate(name, definition, world.authority.marble_root, now)
        else:
            key = issue.derive_key(
                root_secret.reveal(), identity.uuid, name, definition.size, bound_to=bound_to
            )
            secret = dataclasses.replace(Secret.declared(name, definition), private=key, public=key)
        log_generated([secret])
        return secret

    def present(name: SecretName) -> Secret:
        if _is_own(definitions[name]):
            return own(name, deployment.root_secret)
        return deployment.secrets[name]

    stored = {
        name: secret
        for name, definition in definitions.items()
        if not _is_own(definition) and (secret := deployment.previous_secret(name)) is not None
    }

    def previous(name: SecretName) -> Secret:
        if name in stored:
            return stored[name]
        return own(name, deployment.previous_root_secret or deployment.root_secret)

    of_marbles = {name for name, definition in definitions.items() if _is_own(definition)}
    return MarbleSecrets(definitions, present), MarbleSecrets(dict.fromkeys([*stored, *of_marbles]), previous)


def _is_own(definition: SecretDefinition) -> bool:
    """Whether each marble has a value of its own."""
    return not definition.shared and not definition.user_defined
