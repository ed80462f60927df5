"""The manifest that a file brings at start (spec: state-and-sealing.md, section 7)."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from marble_coordinator.adapters.seal_directory import LocalDirectory
from marble_coordinator.errors import StartFailed
from marble_coordinator.logs import get_logger
from marble_coordinator.services.manifest import ManifestService
from marble_coordinator.services.parts import RecoverySecrets
from marble_coordinator.world import State, World
from marble_core.errors import MarbleError

log = get_logger()


class StartupManifest:
    """A manifest file that is to be in force once the coordinator runs.

    `recovery_file` takes the recovery secrets, since no client is there to take them; it must not exist yet.
    """

    def __init__(self, path: Path, recovery_file: Path | None, *, dismisses_state: bool) -> None:
        self._path = path
        self._recovery_file = recovery_file
        self._dismisses_state = dismisses_state
        self._kept = False

    def ensure(self, world: World, service: ManifestService) -> None:
        """Set the manifest, or see that it is in force already. Raises StartFailed for anything else."""
        try:
            raw = self._path.read_bytes()
        except OSError as error:
            raise StartFailed(f"Cannot read startup manifest {self._path}: {error.strerror}.") from error
        if world.deployment is not None:
            self._require_same(world.deployment.manifest.fingerprint, raw)
            return
        if world.state is State.RECOVERY and not self._dismisses_state:
            raise StartFailed(
                "Cannot set startup manifest: it would replace, for good, a sealed state that could not be opened.",
                hint="Start without it and recover, or allow it with --startup-dismisses-state.",
            )
        try:
            service.set(raw, keep=self._keep)
        except MarbleError as error:
            self._forget()
            raise StartFailed(
                f"Cannot set startup manifest {self._path}: {error.sentence}", hint=error.hint
            ) from error

    def _require_same(self, fingerprint: str, raw: bytes) -> None:
        if hashlib.sha256(raw).hexdigest() != fingerprint:
            raise StartFailed(
                f"Another manifest than the startup manifest {self._path} is in force, with fingerprint {fingerprint}.",
                hint="Start without it, or with the manifest that is in force.",
            )
        log.info("The startup manifest is in force already.", fingerprint=fingerprint)

    def _keep(self, secrets: RecoverySecrets) -> None:
        """Bring the recovery secrets to disk. Called before the manifest is: afterwards nobody could get them again."""
        if not secrets:
            return
        if self._recovery_file is None:
            raise StartFailed(
                "it has recovery keys, and there is no file for the recovery secrets.",
                hint="Name one with --startup-recovery-file.",
            )
        encoded = {name: base64.b64encode(value).decode("ascii") for name, value in secrets.items()}
        try:
            _write_new(self._recovery_file, json.dumps({"RecoverySecrets": encoded}).encode("ascii") + b"\n")
        except OSError as error:
            raise StartFailed(f"cannot write {self._recovery_file}: {error.strerror}.") from error
        self._kept = True
        log.info("Recovery secrets of the startup manifest written.", path=self._recovery_file)

    def _forget(self) -> None:
        """Remove secrets of a manifest that did not come into force."""
        if self._kept and self._recovery_file is not None:
            self._recovery_file.unlink(missing_ok=True)


def _write_new(path: Path, content: bytes) -> None:
    """A new file, mode 0600, on disk when this returns. Never overwrites: other recovery secrets may be in it."""
    folder = LocalDirectory(path.parent)
    file = folder.create(path.name)
    try:
        folder.write(file, memoryview(content))
        folder.sync(file)
    finally:
        folder.close(file)
    folder.sync_names()
