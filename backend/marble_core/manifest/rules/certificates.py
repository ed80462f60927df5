"""Certificate templates: all that would otherwise fail once keys are generated (spec: manifest.md, section 4)."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.gojson import Path
from marble_core.manifest.model import (
    CertificateTemplate,
    NameConstraints,
    ObjectId,
    SecretDefinition,
    SecretName,
    SecretType,
)
from marble_core.manifest.rules.base import Fault

_MAX_KEY_USAGE = 511  # all nine bits
_EXT_KEY_USAGES = range(14)
_ISSUER_ALGORITHM = 0
_ECDSA_ALGORITHMS = {10: "SHA-256", 11: "SHA-384", 12: "SHA-512"}  # 9 is SHA-1, which nobody should sign with

Reasons = Iterator[tuple[Path, str, str]]


def usable_template(name: SecretName, kind: SecretType, secret: SecretDefinition) -> Iterator[Fault]:
    """All faults of the template of a generated certificate."""
    if not kind.is_certificate or secret.cert is None:
        return
    for check in (_names, _usages, _path_length, _algorithm, _object_ids):
        for path, message, sentence in check(secret.cert):
            yield Fault(("Secrets", name, "Cert", *path), f"x509: {message}", f"Secret {name}: {sentence}")


def _names(template: CertificateTemplate) -> Reasons:
    """X.509 writes these names as IA5String (RFC 5280, section 4.2.1.6)."""
    constraints = template.name_constraints or NameConstraints()
    named: dict[str, tuple[str, ...] | None] = {
        "DNSNames": template.dns_names,
        "EmailAddresses": template.email_addresses,
        "URIs": template.uris,
        "OCSPServer": template.ocsp_server,
        "IssuingCertificateURL": template.issuing_certificate_url,
        "CRLDistributionPoints": template.crl_distribution_points,
        "PermittedDNSDomains": constraints.permitted_dns,
        "ExcludedDNSDomains": constraints.excluded_dns,
        "PermittedEmailAddresses": constraints.permitted_email,
        "ExcludedEmailAddresses": constraints.excluded_email,
        "PermittedURIDomains": constraints.permitted_uri,
        "ExcludedURIDomains": constraints.excluded_uri,
    }
    for field, values in named.items():
        for i, value in enumerate(values or ()):
            if not value.isascii():
                message = f"{field} cannot be encoded as an IA5String: {value}"
                yield (
                    (field, i),
                    message,
                    f"“{value}” cannot stand in {field}. Certificates take ASCII characters only.",
                )


def _usages(template: CertificateTemplate) -> Reasons:
    if not 0 <= template.key_usage <= _MAX_KEY_USAGE:
        message = f"unknown key usage: {template.key_usage}"
        yield (
            ("KeyUsage",),
            message,
            f"KeyUsage is {template.key_usage}, but a sum of 1, 2, 4 ... 256 is at most 511.",
        )
    for i, usage in enumerate(template.ext_key_usage or ()):
        if usage not in _EXT_KEY_USAGES:
            message = f"unknown extended key usage: {usage}"
            yield ("ExtKeyUsage", i), message, f"ExtKeyUsage knows no {usage}. Known: 0 to 13."


def _path_length(template: CertificateTemplate) -> Reasons:
    path = ("MaxPathLen",)
    if template.max_path_len < -1:
        yield path, "invalid MaxPathLen", "MaxPathLen must not be negative."
    elif template.max_path_len >= 0 and not template.is_ca:
        yield (
            path,
            "only CAs are allowed to specify MaxPathLen",
            "MaxPathLen is for CAs only. Set IsCA, or leave it out.",
        )


def _algorithm(template: CertificateTemplate) -> Reasons:
    number = template.signature_algorithm
    if number != _ISSUER_ALGORITHM and number not in _ECDSA_ALGORITHMS:
        known = ", ".join(f"{known} ({name})" for known, name in _ECDSA_ALGORITHMS.items())
        yield (
            ("SignatureAlgorithm",),
            "requested SignatureAlgorithm does not match private key type",
            f"SignatureAlgorithm {number} does not fit the coordinator's ECDSA key. Possible: {known}, or 0.",
        )


def _object_ids(template: CertificateTemplate) -> Reasons:
    extensions = template.extra_extensions
    named: list[tuple[Path, ObjectId]] = [
        *((("UnknownExtKeyUsage", i), oid) for i, oid in enumerate(template.unknown_ext_key_usage)),
        *((("Policies", i), oid) for i, oid in enumerate(template.policies)),
        *(
            (("Subject", "ExtraNames", i, "Type"), name.oid)
            for i, name in enumerate(template.subject.extra_names)
        ),
        *((("ExtraExtensions", i, "Id"), extension.oid) for i, extension in enumerate(extensions)),
    ]
    for path, oid in named:
        if not _is_object_id(oid):
            dotted = ".".join(map(str, oid))
            yield path, f"invalid object identifier: {dotted}", f"“{dotted}” is no object identifier."
    seen: set[ObjectId] = set()
    for i, extension in enumerate(extensions):
        if extension.oid in seen:
            message = "certificate contains duplicate extensions"
            yield ("ExtraExtensions", i, "Id"), message, "ExtraExtensions holds the same extension twice."
        seen.add(extension.oid)


def _is_object_id(oid: ObjectId) -> bool:
    """Whether the arcs are possible (ITU-T X.660): the first is 0, 1 or 2, the second below 40 under 0 and 1."""
    if len(oid) < 2 or min(oid) < 0 or oid[0] > 2:  # noqa: PLR2004 # as the standard says
        return False
    return oid[0] == 2 or oid[1] < 40  # noqa: PLR2004 # as the standard says
