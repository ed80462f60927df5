"""Packages, marbles and TLS tags: R1 to R9."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.model import Package, PackageName
from marble_core.manifest.rules.base import Fault, Judged, listed


def something_to_run(it: Judged) -> Iterator[Fault]:
    """R1."""
    for section, given, what in (
        ("Packages", it.manifest.packages, "package"),
        ("Marbles", it.manifest.marbles, "marble"),
    ):
        if not given:
            message = f"no allowed {what}s defined"
            yield Fault((section,), message, f"No {what} is defined. A manifest needs at least one.")


def known_package(it: Judged) -> Iterator[Fault]:
    """R2."""
    packages = it.manifest.packages
    for name, marble in sorted(it.manifest.marbles.items()):
        if marble.package not in packages:
            missing = (
                f"No package “{marble.package}”." if marble.package else f"Marble {name} names no package."
            )
            yield Fault(
                ("Marbles", name, "Package"),
                f"manifest does not contain marble package {marble.package}",
                f"{missing} {listed(packages, marble.package)}",
            )


def one_identity(it: Judged) -> Iterator[Fault]:
    """R3, for packages in use that are not for debugging."""
    for name, package in used_packages(it):
        if not package.debug:
            yield from two_identities(name, package)


def complete_identity(it: Judged) -> Iterator[Fault]:
    """R4, for packages in use that are not for debugging."""
    for name, package in used_packages(it):
        if not package.debug:
            yield from missing_identity(name, package)


def used_packages(it: Judged) -> Iterator[tuple[PackageName, Package]]:
    """Packages no marble uses are never checked."""
    used = {marble.package for marble in it.manifest.marbles.values()}
    for name, package in sorted(it.manifest.packages.items()):
        if name in used:
            yield name, package


def two_identities(name: PackageName, package: Package) -> Iterator[Fault]:
    if package.unique_id and (
        package.signer_id or package.product_id is not None or package.security_version is not None
    ):
        yield Fault(
            ("Packages", name, "UniqueID"),
            f"manifest specifies both UniqueID *and* SignerID/ProductID/SecurityVersion in package {name}",
            f"Package {name} has a UniqueID, so SignerID, ProductID and SecurityVersion must go, or the UniqueID.",
        )


def missing_identity(name: PackageName, package: Package) -> Iterator[Fault]:
    if package.unique_id:
        return
    for field, value in (
        ("SignerID", package.signer_id or None),
        ("ProductID", package.product_id),
        ("SecurityVersion", package.security_version),
    ):
        if value is None:
            yield Fault(
                ("Packages", name, field),
                f"manifest misses value for {field} in package {name}",
                f"Package {name} has no {field}. Without a UniqueID it needs SignerID, ProductID and SecurityVersion.",
            )


def known_tags(it: Judged) -> Iterator[Fault]:
    """R5."""
    tags = it.manifest.tls
    for name, marble in sorted(it.manifest.marbles.items()):
        for i, tag in enumerate(marble.tls):
            if tag not in tags:
                yield Fault(
                    ("Marbles", name, "TLS", i),
                    f"manifest misses TLS entry for {tag}",
                    f"No TLS tag “{tag}”. {listed(tags, tag)}",
                )


def incoming_ports(it: Judged) -> Iterator[Fault]:
    """R6."""
    for tag, entries in sorted(it.manifest.tls.items()):
        for i, entry in enumerate(entries.incoming):
            if not entry.port:
                yield Fault(
                    ("TLS", tag, "Incoming", i, "Port"),
                    f"manifest misses Port in TLS.Incoming.{tag}",
                    f"An incoming connection of TLS tag {tag} has no Port.",
                )


def incoming_certificates(it: Judged) -> Iterator[Fault]:
    """R7. The type of the secret is not checked by any coordinator."""
    secrets = it.manifest.secrets
    for tag, entries in sorted(it.manifest.tls.items()):
        for i, entry in enumerate(entries.incoming):
            if entry.cert and entry.cert not in secrets:
                yield Fault(
                    ("TLS", tag, "Incoming", i, "Cert"),
                    f"TLS.Incoming.{tag} references undefined secret {entry.cert}",
                    f"No secret “{entry.cert}”. {listed(secrets, entry.cert)}",
                )


def own_certificate_without_client_authentication(it: Judged) -> Iterator[Fault]:
    """R8."""
    for tag, entries in sorted(it.manifest.tls.items()):
        for i, entry in enumerate(entries.incoming):
            path = ("TLS", tag, "Incoming", i)
            if entry.cert and not entry.disable_client_auth:
                yield Fault(
                    (*path, "Cert"),
                    f"TLS.Incoming.{tag} defines Cert but does not disable client authentication",
                    f"TLS tag {tag} presents its own certificate, so DisableClientAuth must be true.",
                )
            if entry.disable_client_auth and not entry.cert:
                yield Fault(
                    (*path, "DisableClientAuth"),
                    f"TLS.Incoming.{tag} disables client authentication but does not define Cert",
                    f"TLS tag {tag} disables client authentication, so it needs a Cert to present.",
                )


def outgoing_targets(it: Judged) -> Iterator[Fault]:
    """R9."""
    for tag, entries in sorted(it.manifest.tls.items()):
        for i, entry in enumerate(entries.outgoing):
            for field, value in (("Addr", entry.addr), ("Port", entry.port)):
                if not value:
                    yield Fault(
                        ("TLS", tag, "Outgoing", i, field),
                        f"manifest misses {field} in TLS.Outgoing.{tag}",
                        f"An outgoing connection of TLS tag {tag} has no {field}.",
                    )
