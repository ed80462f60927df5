"""Raising security versions: POST `/update` (spec: client-api-v1.md, section 4).

`parse_update` reads the body, `check_update` holds it against the packages in force. Who may update is asked between.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass

from marble_core import gojson
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError
from marble_core.manifest.model import Package, PackageName
from marble_core.manifest.schema import MANIFEST

_STAGE = "checking update manifest"


class UpdateRefused(MarbleError):
    """An update that cannot be made. `message` is the coordinator's answer."""

    code = "update_refused"

    def __init__(self, message: str, sentence: str) -> None:
        super().__init__(sentence)
        self.message = message


@dataclass(frozen=True, slots=True)
class PackageUpdate:
    """The packages that an update names. With `is_complete` the body holds other sections as well: it is meant to
    replace the whole manifest, and a coordinator that cannot do that refuses it.
    """

    packages: Mapping[PackageName, Package]
    is_complete: bool = False


def parse_update(raw: bytes) -> PackageUpdate:
    """Read the body; raises UpdateRefused when it is no JSON or of another shape."""
    try:
        given = gojson.require(MANIFEST, gojson.scan(raw))
    except GoJsonError as error:
        raise UpdateRefused(f"unmarshaling update manifest: {error.message}", error.sentence) from error
    others = (
        given.infrastructures,
        given.marbles,
        given.users,
        given.recovery_keys,
        given.roles,
        given.secrets,
        given.tls,
    )
    return PackageUpdate(given.packages, any(others))


def update_text(versions: Mapping[PackageName, int]) -> bytes:
    """The body, or file, that raises these packages."""
    packages = {name: {"SecurityVersion": version} for name, version in versions.items()}
    return (json.dumps({"Packages": packages}, indent=2, ensure_ascii=False) + "\n").encode()


def check_update(update: PackageUpdate, current: Mapping[PackageName, Package]) -> dict[PackageName, Package]:
    """The named packages as they are after the update, in name order.

    `current` are the packages after all earlier updates. Raises UpdateRefused with the first reason.
    """
    if not update.packages:
        raise UpdateRefused(f"{_STAGE}: no packages defined", "The update names no package.")
    return {name: _raised(name, given, current) for name, given in sorted(update.packages.items())}


def _raised(name: PackageName, given: Package, current: Mapping[PackageName, Package]) -> Package:
    before = current.get(name)
    if before is None:
        raise UpdateRefused(
            f'loading current package "{name}" from store: requested value not set',
            f"No package “{name}” in the manifest.",
        )
    if given.debug or given.unique_id or given.signer_id or given.product_id is not None:
        raise UpdateRefused(
            f"{_STAGE}: update manifest contains unupdatable values",
            f"Package {name}: an update can change the SecurityVersion only.",
        )
    if given.security_version is None:
        raise UpdateRefused(
            f"{_STAGE}: update manifest does not specify a SecurityVersion to update",
            f"Package {name}: the update gives no SecurityVersion.",
        )
    if before.unique_id:
        # The reference would add a version here that no enclave is ever held against.
        raise UpdateRefused(
            f"{_STAGE}: update manifest contains unupdatable values",
            f"Package {name} is known by its UniqueID, which leaves no SecurityVersion to raise.",
        )
    if before.security_version is not None and given.security_version < before.security_version:
        raise UpdateRefused(
            f"{_STAGE}: update manifest tries to downgrade SecurityVersion of the original manifest",
            f"Lowering is refused: {name} is at {before.security_version}, the update says {given.security_version}.",
        )
    return dataclasses.replace(before, security_version=given.security_version)
