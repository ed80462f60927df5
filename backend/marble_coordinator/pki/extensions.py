"""The extensions of a certificate that a manifest's template asks for, as DER.

Written here and not with the classes of `cryptography`, since those refuse what the reference signs: an encipherOnly
without keyAgreement, host names as e-mail constraints, empty names. The order is Go's. Spec: secrets-and-certs.md, section 2.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from marble_coordinator.pki import der
from marble_core.manifest.model import CertificateTemplate, ExtraExtension, NameConstraints, ObjectId

DEFAULT_DNS_NAMES = ("localhost",)
DEFAULT_IP_ADDRESSES = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
_DEFAULT_KEY_USAGE = 1 | 32  # digitalSignature, certSign
_DEFAULT_EXT_KEY_USAGE = (1, 2)  # serverAuth, clientAuth

_SUBJECT_KEY_ID = (2, 5, 29, 14)
_KEY_USAGE = (2, 5, 29, 15)
_ALTERNATIVE_NAMES = (2, 5, 29, 17)
_BASIC_CONSTRAINTS = (2, 5, 29, 19)
_NAME_CONSTRAINTS = (2, 5, 29, 30)
_CRL_DISTRIBUTION_POINTS = (2, 5, 29, 31)
_POLICIES = (2, 5, 29, 32)
_AUTHORITY_KEY_ID = (2, 5, 29, 35)
_EXT_KEY_USAGE = (2, 5, 29, 37)
_AUTHORITY_INFORMATION = (1, 3, 6, 1, 5, 5, 7, 1, 1)
_OCSP = (1, 3, 6, 1, 5, 5, 7, 48, 1)
_CA_ISSUERS = (1, 3, 6, 1, 5, 5, 7, 48, 2)

_ANY_PURPOSE = (2, 5, 29, 37, 0)
_PURPOSES = (
    _ANY_PURPOSE,
    *((1, 3, 6, 1, 5, 5, 7, 3, purpose) for purpose in range(1, 10)),  # serverAuth ... OCSPSigning
    (1, 3, 6, 1, 4, 1, 311, 10, 3, 3),  # Microsoft server gated crypto
    (2, 16, 840, 1, 113730, 4, 1),  # Netscape server gated crypto
    (1, 3, 6, 1, 4, 1, 311, 2, 1, 22),  # Microsoft commercial code signing
    (1, 3, 6, 1, 4, 1, 311, 61, 1, 1),  # Microsoft kernel code signing
)

# GeneralName (RFC 5280, section 4.2.1.6)
_EMAIL, _DNS, _URI, _IP = 1, 2, 6, 7


@dataclass(frozen=True, slots=True)
class KeyIds:
    """What ties a certificate to its key and its issuer's: SHA-1 identifiers (RFC 5280, section 4.2.1.2)."""

    subject: bytes
    authority: bytes


def encode_extensions(template: CertificateTemplate, ids: KeyIds) -> bytes:
    """The SEQUENCE of all extensions. Raises ValueError for what cannot be encoded."""
    extra = {extension.oid: extension for extension in template.extra_extensions}
    if len(extra) != len(template.extra_extensions):
        raise ValueError("certificate contains duplicate extensions")
    # An extra extension takes the place of the one that the other fields would give.
    chosen = [*(e for e in _from_fields(template, ids) if e.oid not in extra), *extra.values()]
    return der.sequence(*map(_extension, chosen))


def _extension(extension: ExtraExtension) -> bytes:
    critical = der.TRUE if extension.critical else b""
    return der.sequence(der.object_id(extension.oid), critical, der.octet_string(extension.value))


def _from_fields(template: CertificateTemplate, ids: KeyIds) -> Iterator[ExtraExtension]:
    yield ExtraExtension(_KEY_USAGE, der.flags(template.key_usage or _DEFAULT_KEY_USAGE), critical=True)
    if purposes := [*_named_purposes(template), *template.unknown_ext_key_usage]:
        yield ExtraExtension(_EXT_KEY_USAGE, der.sequence(*map(der.object_id, purposes)))
    yield ExtraExtension(_BASIC_CONSTRAINTS, _basic_constraints(template), critical=True)
    if subject_key_id := template.subject_key_id or (ids.subject if template.is_ca else b""):
        yield ExtraExtension(_SUBJECT_KEY_ID, der.octet_string(subject_key_id))
    yield ExtraExtension(_AUTHORITY_KEY_ID, der.sequence(der.context(0, ids.authority)))
    if services := [
        *(der.sequence(der.object_id(_OCSP), _general_name(_URI, url)) for url in template.ocsp_server),
        *(
            der.sequence(der.object_id(_CA_ISSUERS), _general_name(_URI, url))
            for url in template.issuing_certificate_url
        ),
    ]:
        yield ExtraExtension(_AUTHORITY_INFORMATION, der.sequence(*services))
    if names := list(_alternative_names(template)):
        yield ExtraExtension(_ALTERNATIVE_NAMES, der.sequence(*names))
    if template.policies:
        policies = (der.sequence(der.object_id(policy)) for policy in template.policies)
        yield ExtraExtension(_POLICIES, der.sequence(*policies))
    if constraints := template.name_constraints:
        yield from _name_constraints(constraints)
    if template.crl_distribution_points:
        points = map(_distribution_point, template.crl_distribution_points)
        yield ExtraExtension(_CRL_DISTRIBUTION_POINTS, der.sequence(*points))


def _named_purposes(template: CertificateTemplate) -> Iterator[ObjectId]:
    numbers = _DEFAULT_EXT_KEY_USAGE if template.ext_key_usage is None else template.ext_key_usage
    for number in numbers:
        if not 0 <= number < len(_PURPOSES):
            raise ValueError("x509: unknown extended key usage")
        yield _PURPOSES[number]


def _basic_constraints(template: CertificateTemplate) -> bytes:
    if not template.is_ca:
        if template.max_path_len >= 0:
            raise ValueError("x509: only CAs are allowed to specify MaxPathLen")
        return der.sequence()
    limit = der.integer(template.max_path_len) if template.max_path_len >= 0 else b""
    return der.sequence(der.TRUE, limit)


def _alternative_names(template: CertificateTemplate) -> Iterator[bytes]:
    for name in DEFAULT_DNS_NAMES if template.dns_names is None else template.dns_names:
        yield _general_name(_DNS, name)
    for address in template.email_addresses:
        yield _general_name(_EMAIL, address)
    for ip in DEFAULT_IP_ADDRESSES if template.ip_addresses is None else template.ip_addresses:
        yield der.context(_IP, ip.packed)
    for uri in template.uris:
        yield _general_name(_URI, uri)


def _general_name(kind: int, value: str) -> bytes:
    return der.context(kind, der.ia5(value))


def _distribution_point(url: str) -> bytes:
    full_name = der.context(0, _general_name(_URI, url), constructed=True)
    return der.sequence(der.context(0, full_name, constructed=True))


def _name_constraints(constraints: NameConstraints) -> Iterator[ExtraExtension]:
    c = constraints
    permitted = _subtrees(c.permitted_dns, c.permitted_ip, c.permitted_email, c.permitted_uri)
    excluded = _subtrees(c.excluded_dns, c.excluded_ip, c.excluded_email, c.excluded_uri)
    parts = [
        der.context(number, b"".join(subtrees), constructed=True)
        for number, subtrees in enumerate((permitted, excluded))
        if subtrees
    ]
    if parts:
        yield ExtraExtension(_NAME_CONSTRAINTS, der.sequence(*parts), c.critical)


def _subtrees(
    dns: Iterable[str],
    networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network],
    email: Iterable[str],
    uris: Iterable[str],
) -> list[bytes]:
    bases = [
        *(_general_name(_DNS, name) for name in dns),
        *(der.context(_IP, network.network_address.packed + network.netmask.packed) for network in networks),
        *(_general_name(_EMAIL, name) for name in email),
        *(_general_name(_URI, name) for name in uris),
    ]
    return [der.sequence(base) for base in bases]
