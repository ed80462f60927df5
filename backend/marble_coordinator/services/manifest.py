"""Setting a first manifest."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from marble_coordinator import sealing
from marble_coordinator.errors import Refused
from marble_coordinator.lifecycle import Change, Lifecycle
from marble_coordinator.logs import get_logger
from marble_coordinator.pki import issue
from marble_coordinator.ports import Clock
from marble_coordinator.records import UserRecord
from marble_coordinator.services.calls import log_generated, logged
from marble_coordinator.world import BEFORE_A_MANIFEST, SetManifest, State, World
from marble_core import updatelog
from marble_core.manifest.check import require_manifest
from marble_core.manifest.model import Manifest, RecoveryKeyName, UserName
from marble_core.manifest.permissions import permissions
from marble_core.pem import first_block
from marble_core.secretbytes import SecretBytes

_ROOT_SECRET_SIZE = 32

log = get_logger()

RecoverySecrets = Mapping[RecoveryKeyName, bytes]


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
        if len(manifest.recovery_keys) > 1:
            raise Refused(
                "generating recovery encryption key: several recovery keys are not supported yet; define one or none"
            )
        _warn_of_loose_packages(manifest)
        now = self._clock()
        authority = world.authority
        secrets = issue.generate_all(manifest.secrets, authority.marble_root, now, self._pool)
        log_generated(secret for secret in secrets.values() if secret.shared and not secret.user_defined)
        state_key = sealing.new_key()
        recovery_secrets = {
            name: _encrypt_to(pem_text, state_key) for name, pem_text in manifest.recovery_keys.items()
        }
        deployed = World.deployed(
            authority,
            SetManifest(raw, authority.sign_manifest(raw), manifest),
            secrets,
            _user_records(manifest),
            root_secret=os.urandom(_ROOT_SECRET_SIZE),
            update_log=updatelog.format_line(now, "Initial manifest set"),
            state_key=SecretBytes(state_key),
            recovery_data=sealing.ONE_KEY,
        )
        if world.state is State.RECOVERY:
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


def _user_records(manifest: Manifest) -> dict[UserName, UserRecord]:
    allowed = permissions(manifest)
    records: dict[UserName, UserRecord] = {}
    for name, user in manifest.users.items():
        block = first_block(user.certificate)
        if block is None:
            raise TypeError("a certificate that passed the rules is no PEM text")
        records[name] = UserRecord(block.der, allowed[name])
    return records


def _encrypt_to(pem_text: str, secret: bytes) -> bytes:
    """RSA-OAEP with SHA-256 for hash and mask, no label (spec: client-api-v1.md, section 4)."""
    block = first_block(pem_text)
    key = load_der_public_key(block.der) if block else None
    if not isinstance(key, RSAPublicKey):
        raise TypeError("a recovery key that passed the rules is no RSA key")
    return key.encrypt(secret, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
