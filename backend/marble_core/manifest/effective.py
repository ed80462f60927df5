"""The manifest as it is in force: as submitted, with the package updates of the log (spec: ux.md, section 16).

Never confused with the submitted one: fingerprint and signature are over the submitted bytes alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from marble_core.manifest.model import Manifest, PackageName
from marble_core.updatelog import Entry, Kind


def effective(manifest: Manifest, log: Iterable[Entry]) -> Manifest:
    """Raise packages as the log says. Lines older than the manifest in force, and packages it does not have, are skipped."""
    packages = dict(manifest.packages)
    for entry in log:
        if entry.kind in {Kind.MANIFEST_SET, Kind.UPDATE_APPLIED}:
            packages = dict(manifest.packages)
        name, version = PackageName(entry.text("package")), entry.new_version
        if entry.kind is Kind.PACKAGE_RAISED and name in packages and version is not None:
            packages[name] = replace(packages[name], security_version=version)
    return replace(manifest, packages=packages)
