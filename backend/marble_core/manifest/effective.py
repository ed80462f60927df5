"""The manifest as it is in force: as submitted, with the package updates of the log (spec: ux.md, section 16).

Never confused with the submitted one: fingerprint and signature are over the submitted bytes alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from marble_core.gojson import Nearest, Object
from marble_core.manifest.decode import decode_manifest
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


def effective_text(raw: bytes, log: Iterable[Entry]) -> bytes:
    """The submitted text with the versions of the log in it, to be shown and compared beside others.

    Nothing else changes, bad UTF-8 aside. Raises GoJsonError where the text is no JSON.
    """
    submitted = decode_manifest(raw)
    text = submitted.tree.source.text
    edits = [
        _edit(submitted.find(("Packages", name, "SecurityVersion")), package.security_version)
        for name, package in effective(submitted.manifest, log).packages.items()
        if package is not submitted.manifest.packages[name]
    ]
    for start, end, version in sorted(edits, reverse=True):
        text = text[:start] + version + text[end:]
    return text.encode()


def _edit(found: Nearest, version: int | None) -> tuple[int, int, str]:
    """What to put where: the number in the place of another, or the field at the beginning of its package."""
    node = found.node
    if found.missing == 0:
        return node.start, node.end, str(version)
    field = f'"SecurityVersion": {version}'
    if not isinstance(node, Object):  # a package that is null
        return node.start, node.end, f"{{{field}}}"
    return node.start + 1, node.start + 1, field + ", " * any(True for _ in node.members)
