"""Setting a first manifest."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor

from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.pki import issue
from marble_coordinator.ports import Clock
from marble_coordinator.services.calls import log_generated, logged
from marble_coordinator.services.parts import (
    ROOT_SECRET_SIZE,
    RecoverySecrets,
    require_no_hsm,
    share_state_key,
    user_records,
)
from marble_coordinator.world import BEFORE_A_MANIFEST, Renewal, SetManifest, State, World
from marble_core import updatelog
from marble_core.manifest.check import require_manifest
from marble_core.manifest.model import Manifest
from marble_core.secretbytes import SecretBytes

log = get_logger()


class ManifestService:
    """`pool` makes RSA keys side by side; calls must not run on it."""

    def __init__(self, lifecycle: Lifecycle, clock: Clock, pool: Executor) -> None:
        self._lifecycle = lifecycle
        self._clock = clock
        self._pool = pool

    def set(self, raw: bytes, keep: Callable[[RecoverySecrets], None] | None = None) -> RecoverySecrets:
        """Put a first manifest in force; anyone may. Returns the recovery secrets, encrypted to their keys.

        In recovery mode this gives the sealed state up. `keep` is given the recovery secrets before the manifest comes
        into force, and may raise to prevent that. Blocks. Raises WrongState, ManifestRefused, CannotGenerate, Refused,
        NotStored.
        """

        def compute(world: World) -> Change[RecoverySecrets]:
            change = self._set(world, raw)
            if keep is not None:
                keep(change.answer)
            return change

        with logged("SetManifest"):
            return self._lifecycle.change(compute, during=BEFORE_A_MANIFEST)

    def _set(self, world: World, raw: bytes) -> Change[RecoverySecrets]:
        manifest = require_manifest(raw)
        require_no_hsm(manifest)
        _warn_of_loose_packages(manifest)
        now = self._clock()
        authority = world.authority
        secrets = issue.generate_all(manifest.secrets, authority.marble_root, now, self._pool)
        log_generated(secret for secret in secrets.values() if secret.shared and not secret.user_defined)
        shared, recovery_secrets = share_state_key(manifest)
        made = Renewal(
            authority,
            SetManifest(raw, authority.sign_manifest(raw), manifest),
            secrets,
            user_records(manifest),
            root_secret=SecretBytes(os.urandom(ROOT_SECRET_SIZE)),
        )
        deployed = World.deployed(made, shared, updatelog.format_line(now, "Initial manifest set"))
        if not deployed.running.is_sealed:
            log.warning(
                "SealMode is Disabled. Nothing is written to disk: the manifest and all secrets are gone when the process "
                "ends, and a sealed state that is there already stays as it is."
            )
        elif world.state is State.RECOVERY:
            log.warning(
                "A new manifest replaces the sealed state, which could not be opened. Its secrets are lost for good; "
                "a copy stays beside it as sealed_data.old until the next change."
            )
        return Change(deployed, recovery_secrets)


def _warn_of_loose_packages(manifest: Manifest) -> None:
    """A debug package may leave out what identifies an enclave (R4); who did not mean it should hear of it."""
    for name in sorted({marble.package for marble in manifest.marbles.values()}):
        package = manifest.packages[name]
        if package.unique_id:
            continue
        parameters = {
            "SignerID": package.signer_id or None,
            "ProductID": package.product_id,
            "SecurityVersion": package.security_version,
        }
        for parameter in (parameter for parameter, value in parameters.items() if value is None):
            log.warning(
                "Manifest misses value in package declaration. It is accepted because the package is for debugging.",
                parameter=parameter,
                packageName=name,
            )
