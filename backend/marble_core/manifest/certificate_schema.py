"""The `Cert` field of a secret: an object in the form of Go's certificate structure, or a certificate as base64 DER.

Source: spec manifest.md, section 4. Fields that the coordinator overrules are checked for their type all the same.
Whether a certificate can be made of a template is for `rules` to say.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from marble_core.gojson.shapes import (
    ANYTHING,
    BIG_INTEGER,
    BYTES,
    FLAG,
    INT64,
    TEXT,
    TEXTS,
    Built,
    Either,
    Field,
    ListOf,
    Maybe,
    Required,
    Shape,
    Struct,
    decode_base64,
)
from marble_core.manifest.model import (
    CertificateTemplate,
    ExtraExtension,
    IPAddress,
    NameAttribute,
    NameConstraints,
    ObjectId,
    Subject,
)

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_rfc3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_dotted = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_UNSET = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_V4_IN_V6 = b"\xff" * 12  # the front of a 16-byte mask over an IPv4 address
_MAX_ARC_DIGITS = 39  # 128 bits, as in UUID-based identifiers


def _time(text: str) -> dt.datetime:
    match = _rfc3339.fullmatch(text)
    if match is None:
        raise ValueError(f'parsing time "{text[:40]}" as RFC 3339')
    try:
        return dt.datetime.fromisoformat(match[1] + match[2]).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f'parsing time "{text[:40]}": {error}') from None


def _ip_address(text: str) -> IPAddress:
    if "%" in text:
        raise ValueError("invalid IP address: zones are not allowed")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"invalid IP address: {text[:40]}") from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _object_id(text: str) -> ObjectId:
    arcs = text.split(".")
    if not _dotted.fullmatch(text) or max(map(len, arcs)) > _MAX_ARC_DIGITS:
        raise ValueError("invalid oid")
    return tuple(map(int, arcs))


def _certificate(text: str) -> bytes:
    from cryptography import x509  # noqa: PLC0415 # few manifests hold a certificate here, and loading takes a while

    try:
        der = decode_base64(text)
    except ValueError:
        raise ValueError("not a base64 DER certificate") from None
    try:
        x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        raise ValueError("x509: malformed certificate") from None
    return der


@dataclass(frozen=True, slots=True)
class _Url:
    """The parts of an address, joined as Go's URL.String joins them."""

    scheme: str = ""
    opaque: str = ""
    host: str = ""
    path: str = ""
    query: str = ""
    fragment: str = ""

    def joined(self) -> str:
        text = f"{self.scheme}:" if self.scheme else ""
        if self.opaque:
            text += self.opaque
        else:
            if self.host or (self.scheme and self.path):
                text += "//" + quote(self.host, safe="!$&'()*+,;=:[]<>\"~")
            if self.path and not self.path.startswith("/") and self.host:
                text += "/"
            text += quote(self.path, safe="$&+,/:;=@~")
        if self.query:
            text += f"?{self.query}"
        if self.fragment:
            text += f"#{quote(self.fragment, safe='!$&()*+,/:;=?@~')}"
        return text


@dataclass(frozen=True, slots=True)
class _Range:
    ip: IPAddress | None = None
    mask: bytes = b""

    def network(self) -> _Network:
        mask = self.mask
        if self.ip is None:
            raise ValueError("x509: IP range without IP")
        if self.ip.version == 4 and mask.startswith(_V4_IN_V6):  # noqa: PLR2004 # the IP version
            mask = mask[len(_V4_IN_V6) :]
        bits = int.from_bytes(mask)
        ones = bits.bit_count()
        width = self.ip.max_prefixlen
        if len(mask) * 8 != width or bits != ((1 << ones) - 1) << (width - ones):
            raise ValueError("x509: IP range with an unusable mask")
        return ipaddress.ip_network((self.ip, ones), strict=False)


def _attribute(oid: ObjectId = (), value: str = "") -> NameAttribute:
    return NameAttribute(oid, value)


def _extension(oid: ObjectId = (), value: bytes = b"", *, critical: bool = False) -> ExtraExtension:
    return ExtraExtension(oid, value, critical)


def _template(given: dict[str, Any]) -> CertificateTemplate:
    """Join what Go's structure keeps in several fields."""
    critical = given.pop("constraints_critical", False)
    constraints = {
        name: given.pop(name) for name in tuple(given) if name.startswith(("permitted_", "excluded_"))
    }
    path_length = given.pop("max_path_len", 0)
    zero_counts = given.pop("max_path_len_zero", False)
    not_after = given.pop("not_after", None)
    return CertificateTemplate(
        not_after=None if not_after == _UNSET else not_after,
        max_path_len=path_length if path_length or zero_counts else -1,
        name_constraints=NameConstraints(critical, **constraints) if any(constraints.values()) else None,
        **given,
    )


TIME: Shape[dt.datetime | None] = Built(TEXT, _time, None, "a time such as 2030-12-31T23:59:59Z")
OBJECT_ID = ListOf(INT64)
IP: Shape[IPAddress] = Built(TEXT, _ip_address, ipaddress.IPv4Address(0), "an IP address")
URL = Required(
    Built(
        Struct(
            _Url,
            {
                "Scheme": Field(TEXT, "scheme"),
                "Opaque": Field(TEXT, "opaque"),
                "Host": Field(TEXT, "host"),
                "Path": Field(TEXT, "path"),
                "RawQuery": Field(TEXT, "query"),
                "Fragment": Field(TEXT, "fragment"),
            },
        ),
        _Url.joined,
        "",
        "an object with Scheme, Host and Path",
    )
)
IP_RANGES = ListOf(
    Required(
        Built(
            Struct(_Range, {"IP": Field(Maybe(IP), "ip"), "Mask": Field(BYTES, "mask")}),
            _Range.network,
            ipaddress.ip_network("0.0.0.0/32"),
            "an IP with a Mask of the same length whose ones come first",
        )
    )
)
EXTENSIONS = ListOf(
    Struct(
        _extension,
        {"Id": Field(OBJECT_ID, "oid"), "Critical": Field(FLAG, "critical"), "Value": Field(BYTES, "value")},
    )
)
EXTRA_NAMES = ListOf(
    Struct(_attribute, {"Type": Field(OBJECT_ID, "oid"), "Value": Field(Required(TEXT), "value")}),
)
NAME = Struct(
    Subject,
    {
        "CommonName": Field(TEXT, "common_name"),
        "SerialNumber": Field(TEXT, "serial_number"),
        "Country": Field(TEXTS, "country"),
        "Organization": Field(TEXTS, "organization"),
        "OrganizationalUnit": Field(TEXTS, "organizational_unit"),
        "Locality": Field(TEXTS, "locality"),
        "Province": Field(TEXTS, "province"),
        "StreetAddress": Field(TEXTS, "street_address"),
        "PostalCode": Field(TEXTS, "postal_code"),
        "ExtraNames": Field(EXTRA_NAMES, "extra_names"),
        "Names": Field(ListOf(Struct(_attribute, {"Type": Field(OBJECT_ID), "Value": Field(ANYTHING)}))),
    },
)

_FIELDS: Struct[dict[str, Any]] = Struct(
    dict,
    {
        "Subject": Field(NAME, "subject"),
        "DNSNames": Field(Maybe(TEXTS), "dns_names"),
        "EmailAddresses": Field(TEXTS, "email_addresses"),
        "IPAddresses": Field(Maybe(ListOf(Required(IP))), "ip_addresses"),
        "URIs": Field(ListOf(URL), "uris"),
        "NotAfter": Field(TIME, "not_after"),
        "KeyUsage": Field(INT64, "key_usage"),
        "ExtKeyUsage": Field(Maybe(ListOf(INT64)), "ext_key_usage"),
        "UnknownExtKeyUsage": Field(ListOf(OBJECT_ID), "unknown_ext_key_usage"),
        "IsCA": Field(FLAG, "is_ca"),
        "MaxPathLen": Field(INT64, "max_path_len"),
        "MaxPathLenZero": Field(FLAG, "max_path_len_zero"),
        "SignatureAlgorithm": Field(INT64, "signature_algorithm"),
        "SubjectKeyId": Field(BYTES, "subject_key_id"),
        "OCSPServer": Field(TEXTS, "ocsp_server"),
        "IssuingCertificateURL": Field(TEXTS, "issuing_certificate_url"),
        "CRLDistributionPoints": Field(TEXTS, "crl_distribution_points"),
        "Policies": Field(
            ListOf(Built(TEXT, _object_id, (), "an object identifier such as 1.2.840")), "policies"
        ),
        "PermittedDNSDomainsCritical": Field(FLAG, "constraints_critical"),
        "PermittedDNSDomains": Field(TEXTS, "permitted_dns"),
        "ExcludedDNSDomains": Field(TEXTS, "excluded_dns"),
        "PermittedIPRanges": Field(IP_RANGES, "permitted_ip"),
        "ExcludedIPRanges": Field(IP_RANGES, "excluded_ip"),
        "PermittedEmailAddresses": Field(TEXTS, "permitted_email"),
        "ExcludedEmailAddresses": Field(TEXTS, "excluded_email"),
        "PermittedURIDomains": Field(TEXTS, "permitted_uri"),
        "ExcludedURIDomains": Field(TEXTS, "excluded_uri"),
        "ExtraExtensions": Field(EXTENSIONS, "extra_extensions"),
        "AuthorityKeyId": Field(BYTES),
        "BasicConstraintsValid": Field(FLAG),
        "Extensions": Field(EXTENSIONS),
        "Issuer": Field(NAME),
        "NotBefore": Field(TIME),
        "PolicyIdentifiers": Field(ANYTHING),
        "PublicKey": Field(ANYTHING),
        "Raw": Field(BYTES),
        "RawIssuer": Field(BYTES),
        "RawSubject": Field(BYTES),
        "RawSubjectPublicKeyInfo": Field(BYTES),
        "RawTBSCertificate": Field(BYTES),
        "SerialNumber": Field(BIG_INTEGER),
        "Signature": Field(BYTES),
        "Version": Field(INT64),
    },
    "Certificate",
)

TEMPLATE = Built(_FIELDS, _template, None, "a certificate template")
CERTIFICATE: Shape[CertificateTemplate | bytes | None] = Either(
    Built(TEXT, _certificate, b"", "a certificate as DER in base64"),
    TEMPLATE,
    "a certificate template, or a certificate as DER in base64",
)
