"""The manifest as it is in force: as submitted, with the package updates of the log (spec: ux.md, section 16).

Never confused with the submitted one: fingerprint and signature are over the submitted bytes alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from marble_core.gojson import Nearest, Object
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import Manifest, PackageName
from marble_core.updatelog import Entry, Kind


@dataclass(frozen=True, slots=True)
class Raised:
    """A package that the log raised: the version that was submitted, None for none, the one in force, and why.

    `entry` is the last one that raised it.
    """

    package: PackageName
    submitted: int | None
    version: int
    entry: Entry


def raised(manifest: Manifest, log: Iterable[Entry]) -> tuple[Raised, ...]:
    """What the log raised since the manifest is in force, in the order of the manifest. Packages it does not have are skipped."""
    found: dict[PackageName, Raised] = {}
    for entry in log:
        if entry.kind in {Kind.MANIFEST_SET, Kind.UPDATE_APPLIED}:
            found.clear()  # older lines are about the manifest before
        name, version = PackageName(entry.text("package")), entry.new_version
        package = manifest.packages.get(name)
        if entry.kind is Kind.PACKAGE_RAISED and package is not None and version is not None:
            found[name] = Raised(name, package.security_version, version, entry)
    return tuple(found[name] for name in manifest.packages if name in found)


def effective(manifest: Manifest, log: Iterable[Entry]) -> Manifest:
    """The manifest with its packages raised as the log says."""
    packages = dict(manifest.packages)
    for it in raised(manifest, log):
        packages[it.package] = replace(packages[it.package], security_version=it.version)
    return replace(manifest, packages=packages)


def effective_text(raw: bytes, log: Iterable[Entry]) -> bytes:
    """The submitted text with the versions of the log in it, to be shown and compared beside others.

    Nothing else changes, bad UTF-8 aside. Raises GoJsonError where the text is no JSON.
    """
    submitted = decode_manifest(raw)
    text = submitted.tree.source.text
    edits = [
        _edit(submitted.find(("Packages", it.package, "SecurityVersion")), it.version)
        for it in raised(submitted.manifest, log)
    ]
    for start, end, version in sorted(edits, reverse=True):
        text = text[:start] + version + text[end:]
    return text.encode()


def _edit(found: Nearest, version: int) -> tuple[int, int, str]:
    """What to put where: the number in the place of another, or the field at the beginning of its package."""
    node = found.node
    if found.missing == 0:
        return node.start, node.end, str(version)
    field = f'"SecurityVersion": {version}'
    if not isinstance(node, Object):  # a package that is null
        return node.start, node.end, f"{{{field}}}"
    return node.start + 1, node.start + 1, field + ", " * any(True for _ in node.members)
