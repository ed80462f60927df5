"""A manifest in force and what was made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from marble_coordinator.records import PendingUpdate
from marble_coordinator.world.manifest import SetManifest
from marble_coordinator.world.shown import as_base64, as_json
from marble_coordinator.world.users import Users
from marble_core.manifest.model import Package, PackageName, SecretName
from marble_core.secretbytes import SecretBytes
from marble_core.secrets import Secret

SEALING_DISABLED = "Disabled"


@dataclass(frozen=True)
class Deployment:
    """A manifest in force, and what was made for it. `packages` are the present ones, after updates.

    `state_key` is the 32-byte key of the sealed state, `recovery_data` what its header tells a later recovery.
    `sealed_by` is the manifest whose `SealMode` counts: that of the start, or the one that last changed the recovery keys
    (spec: multi-party.md, section 4). `previous_secrets` and `previous_root_secret` are there after something was renewed.
    """

    manifest: SetManifest
    packages: Mapping[PackageName, Package]
    secrets: Mapping[SecretName, Secret] = field(repr=False)
    users: Users
    update_log: str
    state_key: SecretBytes
    recovery_data: bytes
    sealed_by: SetManifest
    root_secret: SecretBytes
    previous_root_secret: SecretBytes | None = None
    previous_secrets: Mapping[SecretName, Secret] = field(default_factory=dict, repr=False)
    pending: PendingUpdate | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether changes go to disk."""
        return self.sealed_by.content.config.seal_mode != SEALING_DISABLED

    def has_gate(self, gate: str) -> bool:
        """Whether the manifest opens a feature gate; case does not matter."""
        return gate.lower() in {name.lower() for name in self.manifest.content.config.feature_gates}

    def previous_secret(self, name: SecretName) -> Secret | None:
        """What `.Previous.Secrets` shows: the value before the last renewal, which for a generated secret that was
        never renewed is the present one. User-defined secrets are not renewed, so they have none.
        """
        stored = self.previous_secrets.get(name)
        if stored is not None:
            return stored
        present = self.secrets.get(name)
        return None if present is None or present.user_defined else present

    @cached_property
    def shown_log(self) -> bytes:
        """`data` of GET `/update`: the whole log as one string."""
        return as_json(self.update_log)

    @cached_property
    def shown_log_in_v2(self) -> bytes:
        """`data` of GET `/api/v2/update`: a string for each line."""
        # Not splitlines(): texts in a line may hold what that takes for the end of one.
        return as_json({"updateLog": self.update_log.removesuffix("\n").split("\n")})

    @cached_property
    def shown_pending(self) -> bytes:
        """`data` of GET `/update-manifest`, which is null where there is nothing pending."""
        if self.pending is None:
            return as_json(None)
        return as_json(
            {
                "manifest": as_base64(self.pending.raw),
                "message": f"{self.pending.missing} more acknowledgements needed",
                "missingUsers": self.pending.missing_users,
            }
        )

    @cached_property
    def _shown_secrets(self) -> dict[SecretName, bytes]:
        return {}

    def show_secret(self, name: SecretName) -> bytes:
        """The member of `data` of GET `/secrets` for one secret: its name and value as JSON."""
        member = self._shown_secrets.get(name)
        if member is None:
            member = b"%b:%b" % (as_json(name), self.secrets[name].wire)
            self._shown_secrets[name] = member
        return member
