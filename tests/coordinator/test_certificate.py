"""Certificates by template: each field against what `cryptography` would write, and what only the reference takes."""

import datetime as dt
import ipaddress
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    SignatureAlgorithmOID,
)
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import crypto

from marble_coordinator.pki.authority import new_authority
from marble_coordinator.pki.certificate import sign_certificate
from marble_core.manifest.model import (
    CertificateTemplate,
    ExtraExtension,
    NameAttribute,
    NameConstraints,
    Subject,
)

NOW = dt.datetime.now(dt.UTC)
END = NOW + dt.timedelta(days=30)
PLAIN = CertificateTemplate()
KEY_USAGES = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]


@pytest.fixture(scope="module")
def authority():
    return new_authority([], NOW)


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1()).public_key()


@pytest.fixture(scope="module")
def sign(authority, key):
    """The certificate that comes of a template, from now to a given end."""

    def signed(template, not_after=END):
        return x509.load_der_x509_certificate(
            sign_certificate(template, key, authority.marble_root, NOW, not_after)
        )

    return signed


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


def attributes(certificate):
    return [(attribute.oid, attribute.value) for attribute in certificate.subject]


def test_a_template_that_says_nothing_gives_the_defaults(sign, authority, key):
    certificate = sign(PLAIN)
    assert certificate.version is x509.Version.v3
    assert 0 < certificate.serial_number < 2**128
    assert certificate.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA384
    assert certificate.issuer == authority.marble_root.certificate.subject
    assert attributes(certificate) == [(NameOID.COMMON_NAME, "localhost")]
    assert certificate.public_key() == key
    assert certificate.not_valid_before_utc == NOW.replace(microsecond=0)
    assert certificate.not_valid_after_utc == END.replace(microsecond=0)
    assert [(e.oid, e.critical) for e in certificate.extensions] == [
        (x509.KeyUsage.oid, True),
        (x509.ExtendedKeyUsage.oid, False),
        (x509.BasicConstraints.oid, True),
        (x509.AuthorityKeyIdentifier.oid, False),
        (x509.SubjectAlternativeName.oid, False),
    ]
    usage = extension(certificate, x509.KeyUsage).value
    assert [name for name in KEY_USAGES[:7] if getattr(usage, name)] == ["digital_signature", "key_cert_sign"]
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    assert list(extension(certificate, x509.ExtendedKeyUsage).value) == purposes
    assert extension(certificate, x509.BasicConstraints).value == x509.BasicConstraints(
        ca=False, path_length=None
    )
    key_id = extension(certificate, x509.AuthorityKeyIdentifier).value.key_identifier
    assert key_id == extension(authority.intermediate.certificate, x509.SubjectKeyIdentifier).value.digest
    assert list(extension(certificate, x509.SubjectAlternativeName).value) == [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]


def test_openssl_accepts_the_chain_over_the_marble_root_and_over_the_intermediate(sign, authority):
    leaf = crypto.X509.from_cryptography(sign(PLAIN))
    root, intermediate, marble_root = (
        crypto.X509.from_cryptography(pair.certificate)
        for pair in (authority.root, authority.intermediate, authority.marble_root)
    )
    for anchor, between in ((marble_root, []), (root, [intermediate])):
        store = crypto.X509Store()
        store.add_cert(anchor)
        crypto.X509StoreContext(store, leaf, between).verify_certificate()


@pytest.mark.parametrize(
    ("dns_names", "common_name"),
    [
        (None, "localhost"),
        (("one.example",), "one.example"),
        (("one.example", "two.example"), "MarbleRun Generated Certificate"),
        ((), "MarbleRun Generated Certificate"),
    ],
)
def test_a_missing_common_name_is_the_only_dns_name(sign, dns_names, common_name):
    assert attributes(sign(replace(PLAIN, dns_names=dns_names))) == [(NameOID.COMMON_NAME, common_name)]


def test_a_whole_subject_is_written_in_the_order_of_the_reference(sign):
    subject = Subject(
        common_name="Parcel Office",
        serial_number="77",
        country=("NO",),
        organization=("Parcels", "Åsen"),
        organizational_unit=("Sorting",),
        locality=("Oslo",),
        province=("Viken",),
        street_address=("Quay 3",),
        postal_code=("0150",),
        extra_names=(NameAttribute((1, 2, 840, 113549, 1, 9, 1), "desk@parcels.example"),),
    )
    assert sign(replace(PLAIN, subject=subject)).subject == x509.Name(
        [
            x509.RelativeDistinguishedName([x509.NameAttribute(oid, value) for value in values])
            for oid, values in {
                NameOID.COUNTRY_NAME: ["NO"],
                NameOID.ORGANIZATION_NAME: ["Parcels", "Åsen"],
                NameOID.ORGANIZATIONAL_UNIT_NAME: ["Sorting"],
                NameOID.LOCALITY_NAME: ["Oslo"],
                NameOID.STATE_OR_PROVINCE_NAME: ["Viken"],
                NameOID.STREET_ADDRESS: ["Quay 3"],
                NameOID.POSTAL_CODE: ["0150"],
                NameOID.COMMON_NAME: ["Parcel Office"],
                NameOID.SERIAL_NUMBER: ["77"],
                NameOID.EMAIL_ADDRESS: ["desk@parcels.example"],
            }.items()
        ]
    )


def test_an_extra_name_takes_the_place_of_the_field_for_it(sign):
    subject = Subject(common_name="field", extra_names=(NameAttribute((2, 5, 4, 3), "extra"),))
    assert attributes(sign(replace(PLAIN, subject=subject))) == [(NameOID.COMMON_NAME, "extra")]


@pytest.mark.parametrize(
    ("subject", "oid", "values"),
    [
        (Subject(country=("Norway",)), NameOID.COUNTRY_NAME, ["Norway"]),
        (Subject(common_name="x" * 200), NameOID.COMMON_NAME, ["x" * 200]),
    ],
)
def test_names_of_unusual_length_are_taken(sign, subject, oid, values):
    certificate = sign(replace(PLAIN, subject=subject))
    with pytest.warns(UserWarning, match="length must be"):
        assert [a.value for a in certificate.subject.get_attributes_for_oid(oid)] == values


@pytest.mark.parametrize("values", [("",), ("", "Parcels")])
def test_empty_attributes_are_taken(sign, values):
    certificate = sign(replace(PLAIN, subject=Subject(organization=values)))
    assert {v for oid, v in attributes(certificate) if oid == NameOID.ORGANIZATION_NAME} == set(values)


def test_a_name_given_twice_is_written_twice(sign):
    certificate = sign(replace(PLAIN, subject=Subject(organization=("Parcels", "Parcels"))))
    assert certificate.tbs_certificate_bytes.count(b"Parcels") == 2


@pytest.mark.parametrize(
    "not_after",
    [
        dt.datetime(1990, 1, 1, tzinfo=dt.UTC),
        dt.datetime(1900, 1, 1, tzinfo=dt.UTC),
        dt.datetime(2077, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
        dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
    ],
    ids=lambda moment: moment.year,
)
def test_any_end_is_taken_also_a_past_one(sign, not_after):
    assert sign(PLAIN, not_after).not_valid_after_utc == not_after


@given(bits=st.sets(st.integers(0, 8), min_size=1))
def test_every_sum_of_key_usages_is_written(sign, bits):
    certificate = sign(replace(PLAIN, key_usage=sum(1 << bit for bit in bits)))
    if bits & {7, 8} and 4 not in bits:
        # encipherOnly and decipherOnly mean nothing without keyAgreement: our library does not even read them.
        with pytest.raises(ValueError, match="key_agreement"):
            certificate.extensions  # noqa: B018 # reading is what fails
        return
    usage = extension(certificate, x509.KeyUsage)
    assert usage.critical
    flags = {name: KEY_USAGES.index(name) in bits for name in KEY_USAGES}
    assert usage.value == x509.KeyUsage(**flags)


def test_every_extended_key_usage_has_its_identifier(sign):
    unknown = (1, 3, 6, 1, 4, 1, 55555, 1)
    template = replace(PLAIN, ext_key_usage=tuple(range(14)), unknown_ext_key_usage=(unknown,))
    assert [oid.dotted_string for oid in extension(sign(template), x509.ExtendedKeyUsage).value] == [
        "2.5.29.37.0",
        *(f"1.3.6.1.5.5.7.3.{number}" for number in range(1, 10)),
        "1.3.6.1.4.1.311.10.3.3",
        "2.16.840.1.113730.4.1",
        "1.3.6.1.4.1.311.2.1.22",
        "1.3.6.1.4.1.311.61.1.1",
        "1.3.6.1.4.1.55555.1",
    ]


def test_an_empty_list_of_purposes_means_no_extension(sign):
    with pytest.raises(x509.ExtensionNotFound):
        extension(sign(replace(PLAIN, ext_key_usage=())), x509.ExtendedKeyUsage)


@pytest.mark.parametrize("length", [-1, 0, 1, 300])
def test_a_ca_may_have_a_path_length_and_has_a_key_id(sign, key, length):
    certificate = sign(replace(PLAIN, is_ca=True, max_path_len=length))
    wanted = x509.BasicConstraints(ca=True, path_length=None if length < 0 else length)
    assert extension(certificate, x509.BasicConstraints).value == wanted
    key_id = extension(certificate, x509.SubjectKeyIdentifier).value
    assert key_id == x509.SubjectKeyIdentifier.from_public_key(key)


@pytest.mark.parametrize("is_ca", [False, True])
def test_a_key_id_of_the_template_is_used(sign, is_ca):
    certificate = sign(replace(PLAIN, is_ca=is_ca, subject_key_id=b"own id"))
    assert extension(certificate, x509.SubjectKeyIdentifier).value.digest == b"own id"


def test_alternative_names_of_all_kinds(sign):
    template = replace(
        PLAIN,
        dns_names=("parcels.example", "*.parcels.example"),
        email_addresses=("desk@parcels.example",),
        ip_addresses=(ipaddress.ip_address("192.0.2.7"), ipaddress.ip_address("2001:db8::7")),
        uris=("spiffe://parcels.example/office",),
    )
    assert list(extension(sign(template), x509.SubjectAlternativeName).value) == [
        x509.DNSName("parcels.example"),
        x509.DNSName("*.parcels.example"),
        x509.RFC822Name("desk@parcels.example"),
        x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::7")),
        x509.UniformResourceIdentifier("spiffe://parcels.example/office"),
    ]


def test_without_any_name_there_is_no_such_extension(sign):
    with pytest.raises(x509.ExtensionNotFound):
        extension(sign(replace(PLAIN, dns_names=(), ip_addresses=())), x509.SubjectAlternativeName)


def test_addresses_of_services_and_policies(sign):
    template = replace(
        PLAIN,
        ocsp_server=("http://ocsp.example",),
        issuing_certificate_url=("http://ca.example/ca.crt",),
        crl_distribution_points=("http://crl.example/1", "http://crl.example/2"),
        policies=((1, 2, 840, 1), (2, 999, 3)),
    )
    certificate = sign(template)
    assert extension(certificate, x509.AuthorityInformationAccess).value == x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example")
            ),
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS,
                x509.UniformResourceIdentifier("http://ca.example/ca.crt"),
            ),
        ]
    )
    assert extension(certificate, x509.CRLDistributionPoints).value == x509.CRLDistributionPoints(
        [
            x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
            for url in template.crl_distribution_points
        ]
    )
    policies = [x509.PolicyInformation(x509.ObjectIdentifier(oid), None) for oid in ("1.2.840.1", "2.999.3")]
    assert extension(certificate, x509.CertificatePolicies).value == x509.CertificatePolicies(policies)


@pytest.mark.parametrize("critical", [False, True])
def test_name_constraints_of_all_kinds(sign, critical):
    constraints = NameConstraints(
        critical=critical,
        permitted_dns=(".parcels.example",),
        permitted_ip=(ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8::/32")),
        excluded_email=("parcels.example",),
        excluded_uri=(".example",),
    )
    found = extension(sign(replace(PLAIN, is_ca=True, name_constraints=constraints)), x509.NameConstraints)
    assert found.critical is critical
    assert found.value == x509.NameConstraints(
        permitted_subtrees=[
            x509.DNSName(".parcels.example"),
            x509.IPAddress(ipaddress.ip_network("10.0.0.0/8")),
            x509.IPAddress(ipaddress.ip_network("2001:db8::/32")),
        ],
        excluded_subtrees=[x509.RFC822Name("parcels.example"), x509.UniformResourceIdentifier(".example")],
    )


def test_empty_name_constraints_are_none(sign):
    with pytest.raises(x509.ExtensionNotFound):
        extension(sign(replace(PLAIN, name_constraints=NameConstraints(critical=True))), x509.NameConstraints)


def test_an_extra_extension_is_kept_as_it_is(sign):
    extra = ExtraExtension((1, 3, 6, 1, 4, 1, 55555, 7), b"any bytes", critical=True)
    found = sign(replace(PLAIN, extra_extensions=(extra,))).extensions.get_extension_for_oid(
        x509.ObjectIdentifier("1.3.6.1.4.1.55555.7")
    )
    assert (found.critical, found.value.value) == (True, b"any bytes")


def test_an_extra_extension_takes_the_place_of_the_fields_for_it(sign):
    extra = ExtraExtension(
        (2, 5, 29, 19), x509.BasicConstraints(ca=True, path_length=3).public_bytes(), critical=True
    )
    found = extension(sign(replace(PLAIN, extra_extensions=(extra,))), x509.BasicConstraints)
    assert found.value == x509.BasicConstraints(ca=True, path_length=3)


@pytest.mark.parametrize(
    ("number", "oid"),
    [
        (0, SignatureAlgorithmOID.ECDSA_WITH_SHA384),
        (10, SignatureAlgorithmOID.ECDSA_WITH_SHA256),
        (11, SignatureAlgorithmOID.ECDSA_WITH_SHA384),
        (12, SignatureAlgorithmOID.ECDSA_WITH_SHA512),
    ],
)
def test_the_signature_algorithm_can_be_chosen(sign, authority, number, oid):
    certificate = sign(replace(PLAIN, signature_algorithm=number))
    assert certificate.signature_algorithm_oid == oid
    certificate.verify_directly_issued_by(authority.marble_root.certificate)


@pytest.mark.parametrize(
    ("bend", "reason"),
    [
        ({"signature_algorithm": 9}, "SHA-1"),
        ({"signature_algorithm": 4}, "does not match private key type"),
        ({"ext_key_usage": (14,)}, "unknown extended key usage"),
        ({"ext_key_usage": (-1,)}, "unknown extended key usage"),
        ({"unknown_ext_key_usage": ((3, 1),)}, "3.1 is no object identifier"),
        ({"max_path_len": 1}, "only CAs"),
        ({"dns_names": ("dépôt.example",)}, "outside ASCII"),
        ({"email_addresses": ("dépôt@parcels.example",)}, "outside ASCII"),
        ({"uris": ("http://dépôt.example",)}, "outside ASCII"),
        ({"ocsp_server": ("http://dépôt.example",)}, "outside ASCII"),
        ({"crl_distribution_points": ("http://dépôt.example",)}, "outside ASCII"),
        ({"name_constraints": NameConstraints(permitted_dns=("dépôt.example",))}, "outside ASCII"),
        ({"policies": ((1,),)}, "1 is no object identifier"),
        (
            {"subject": Subject(extra_names=(NameAttribute((), "x"),))},
            "an empty list is no object identifier",
        ),
        ({"extra_extensions": (ExtraExtension((1, 2, 3), b""),) * 2}, "duplicate extensions"),
    ],
    ids=str,
)
def test_what_cannot_be_in_a_certificate_is_refused_with_the_reason(sign, bend, reason):
    assert sign(PLAIN)
    with pytest.raises(ValueError, match=reason):
        sign(replace(PLAIN, **bend))


names = st.text(st.characters(codec="ascii"), max_size=8)
subjects = st.builds(
    Subject, organization=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8)).map(tuple)
)
templates = st.builds(
    CertificateTemplate,
    subject=subjects,
    dns_names=st.none() | st.lists(names, max_size=3).map(tuple),
    ip_addresses=st.none() | st.lists(st.ip_addresses(), max_size=3).map(tuple),
    key_usage=st.integers(0, 511),
    ext_key_usage=st.none() | st.lists(st.integers(0, 13)).map(tuple),
    is_ca=st.booleans(),
    extra_extensions=st.binary(max_size=300).map(lambda value: (ExtraExtension((1, 2, 3), value),)),
)


@given(templates)
def test_whatever_a_template_holds_the_certificate_is_signed_and_readable(sign, authority, template):
    certificate = sign(template)
    certificate.verify_directly_issued_by(authority.marble_root.certificate)
    organizations = template.subject.organization
    if len(set(organizations)) == len(organizations):  # our library does not read a set with one value twice
        found = {value for oid, value in attributes(certificate) if oid == NameOID.ORGANIZATION_NAME}
        assert found == set(organizations)
