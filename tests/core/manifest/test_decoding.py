"""Every row of the decoding table (spec: manifest.md, sections 1, 2 and 4), each seen in the decoded manifest."""

import base64
import datetime as dt
import ipaddress
import json

import pytest

from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.model import ExtraExtension, NameAttribute, ParameterValue
from tests.fakes.manifests import certificate_der


def decoded(raw):
    it = decode_manifest(raw if isinstance(raw, bytes) else raw.encode())
    assert not it.refusals, it.refusals
    return it.manifest


def refusals(raw):
    return [
        (it.path, it.rule) for it in decode_manifest(raw if isinstance(raw, bytes) else raw.encode()).refusals
    ]


def nested(value, *keys):
    """The JSON text of a value inside objects of one member each."""
    for key in reversed(keys):
        value = f'{{"{key}":{value}}}'
    return value


def package(fields):
    return decoded(nested(f"{{{fields}}}", "Packages", "p")).packages["p"]


def secret(fields):
    return decoded(nested(f"{{{fields}}}", "Secrets", "s")).secrets["s"]


def template(fields):
    return secret(f'"Cert":{{{fields}}}').cert


def parameters(fields):
    return decoded(nested(f"{{{fields}}}", "Marbles", "m", "Parameters")).marbles["m"].parameters


def test_a_top_level_null_counts_as_an_empty_object():
    assert decoded("null") == decoded("{}")


@pytest.mark.parametrize("raw", ["[]", '"x"', "3", "true"])
def test_another_top_level_value_is_refused(raw):
    assert refusals(raw) == [("", "R0")]


@pytest.mark.parametrize(
    "key", ["Packages", "packages", "PACKAGES", "pac\u212aages", "pac\u212aage\u017f", "PAC\\u212aAGES"]
)
def test_keys_match_without_regard_to_case(key):
    assert list(decoded(f'{{"{key}":{{"Dome":{{}}}}}}').packages) == ["Dome"]


@pytest.mark.parametrize("key", ["Package", "Pakete", "packages ", "pa\u0301ckages", "\u0130nfrastructures"])
def test_other_keys_are_ignored(key):
    manifest = decoded(f'{{"{key}":[1,{{"a":null}}]}}')
    assert not manifest.packages
    assert not manifest.infrastructures


def test_names_and_values_keep_their_case():
    manifest = decoded('{"Packages":{"Dome":{"SignerID":"AB"},"dome":{}}}')
    assert list(manifest.packages) == ["Dome", "dome"]
    assert manifest.packages["Dome"].signer_id == "AB"


@pytest.mark.parametrize("name", ["", " ", "a:b/c", "é", "a.b", "\\u0000"])
def test_names_may_be_any_text(name):
    assert len(decoded(f'{{"Secrets":{{"{name}":{{}}}}}}').secrets) == 1


def test_null_is_as_if_absent():
    nothing = decoded("{}")
    assert decoded('{"Packages":null,"Users":null,"Config":null,"RecoveryKeys":null}') == nothing
    assert package('"Debug":null,"UniqueID":null,"ProductID":null,"AcceptedTCBStatuses":null') == package("")


@pytest.mark.parametrize("section", ["Packages", "Marbles", "TLS", "Secrets", "Users", "Roles"])
def test_null_for_an_entry_is_an_empty_one(section):
    assert decoded(f'{{"{section}":{{"x":null}}}}') == decoded(f'{{"{section}":{{"x":{{}}}}}}')


def test_null_in_a_list_of_texts_is_an_empty_text():
    assert parameters('"Argv":["a",null]').argv == ("a", "")


@pytest.mark.parametrize("section", ["Files", "Env"])
def test_null_for_a_parameter_value_is_refused(section):
    raw = nested("null", "Marbles", "m", "Parameters", section, "x")
    assert refusals(raw) == [(f"Marbles.m.Parameters.{section}.x", "R0")]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ('"Debug":1', "Debug"),
        ('"Debug":"true"', "Debug"),
        ('"SignerID":7', "SignerID"),
        ('"ProductID":"1"', "ProductID"),
        ('"ProductID":true', "ProductID"),
        ('"AcceptedTCBStatuses":"UpToDate"', "AcceptedTCBStatuses"),
        ('"AcceptedTCBStatuses":[1]', "AcceptedTCBStatuses[0]"),
    ],
)
def test_a_wrong_type_is_refused(fields, path):
    assert refusals(nested(f"{{{fields}}}", "Packages", "p")) == [(f"Packages.p.{path}", "R0")]


@pytest.mark.parametrize("literal", ["-1", "-0", "1.0", "1e2", "1.5", "18446744073709551616", "9" * 5000])
def test_unsigned_numbers_are_plain_digits(literal):
    assert refusals(nested(literal, "Packages", "p", "ProductID")) == [("Packages.p.ProductID", "R0")]


def test_unsigned_numbers_have_64_bits():
    assert package('"ProductID":0').product_id == 0
    assert package('"ProductID":18446744073709551615').product_id == 2**64 - 1
    assert package("").product_id is None


@pytest.mark.parametrize(("literal", "fits"), [("0", True), ("65535", True), ("65536", False), ("-0", False)])
def test_16_bit_fields_have_16_bits(literal, fits):
    raw = nested(literal, "Infrastructures", "i", "QESVN")
    assert (refusals(raw) == []) is fits


def test_a_section_given_twice_is_merged_and_an_entry_given_twice_is_replaced():
    raw = '{"Packages":{"a":{"SignerID":"1","ProductID":1},"b":{}},"packages":{"a":{"SignerID":"2"}}}'
    packages = decoded(raw).packages
    assert list(packages) == ["a", "b"]
    assert (packages["a"].signer_id, packages["a"].product_id) == ("2", None)


def test_null_the_second_time_empties_a_section():
    assert not decoded('{"Packages":{"a":{}},"Packages":null}').packages


def test_of_a_field_given_twice_the_last_one_wins():
    assert package('"ProductID":1,"productid":2').product_id == 2
    assert package('"Debug":true,"Debug":null').debug is True
    assert package('"ProductID":1,"ProductID":null').product_id is None
    assert package('"AcceptedTCBStatuses":["a"],"AcceptedTCBStatuses":["b"]').accepted_tcb_statuses == ("b",)


def test_every_occurrence_of_a_field_is_checked():
    assert refusals('{"Packages":{"p":{"ProductID":"x","ProductID":2}}}') == [("Packages.p.ProductID", "R0")]


def test_a_structure_given_twice_is_merged():
    files = parameters('"Argv":["a"]},"Parameters":{"Files":{"/x":"y"}')
    assert (files.argv, list(files.files)) == (("a",), ["/x"])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('""', b""),
        ('"AQI="', b"\1\2"),
        (r'"AQ\r\nI=\n"', b"\1\2"),
        ('"AQJ="', b"\1\2"),  # the last bits are not zero
        ("[1,2,255]", b"\1\2\xff"),
        ("[]", b""),
        ("[null]", b"\0"),
        ("null", b""),
    ],
)
def test_bytes_are_base64_or_a_list_of_numbers(written, value):
    assert secret(f'"Private":{written}').private == value


@pytest.mark.parametrize(
    "written",
    ['"AQI"', '"AQ I="', '"-_-_"', '"AQI=="', '"AQI=AQI="', '"é"', "[256]", "[-1]", '["1"]', "5", "{}"],
)
def test_other_bytes_are_refused(written):
    assert refusals(nested(written, "Secrets", "s", "Private"))


def test_text_that_is_no_utf_8_is_repaired():
    raw = b'{"Secrets":{"\xff":{"Size":8},"\xfe":{"Size":16}},"RecoveryKeys":{"k":"\xc3"}}'
    manifest = decoded(raw)
    assert {name: it.size for name, it in manifest.secrets.items()} == {"\ufffd": 16}
    assert manifest.recovery_keys["k"] == "\ufffd"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"plain"', ParameterValue(b"plain")),
        ("{}", ParameterValue(b"")),
        ('{"Data":"x"}', ParameterValue(b"x")),
        ('{"Data":"x","Encoding":null}', ParameterValue(b"x")),
        ('{"Data":"x","Encoding":"","NoTemplates":true}', ParameterValue(b"x", no_templates=True)),
        ('{"Data":"é","Encoding":"STRING"}', ParameterValue("é".encode())),
        ('{"Data":"/wA=","Encoding":"Base64"}', ParameterValue(b"\xff\0")),
        ('{"Data":"fF00","Encoding":"hEx"}', ParameterValue(b"\xff\0")),
    ],
)
def test_parameter_values_are_decoded(written, value):
    assert parameters(f'"Env":{{"E":{written}}}').env["E"] == value


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ('{"Data":"x","Encoding":"rot13"}', "E.Encoding"),
        ('{"Data":"?","Encoding":"base64"}', "E.Data"),
        ('{"Data":"abc","Encoding":"hex"}', "E.Data"),
        ('{"Data":"x y0","Encoding":"hex"}', "E.Data"),
        ('{"Data":1}', "E.Data"),
        ('{"NoTemplates":"yes"}', "E.NoTemplates"),
        ("1", "E"),
        ("[]", "E"),
        ("true", "E"),
    ],
)
def test_bad_parameter_values_are_refused(written, path):
    raw = nested(written, "Marbles", "m", "Parameters", "Env", "E")
    assert refusals(raw) == [(f"Marbles.m.Parameters.Env.{path}", "R0")]


def test_the_fields_of_a_certificate_template():
    it = template("""
        "subject": {"CommonName": "sky", "Country": ["AQ"], "SerialNumber": "7",
                    "ExtraNames": [{"Type": [2, 5, 4, 12], "Value": "keeper"}], "Names": [{"Type": [1], "Value": 3}]},
        "DNSNames": ["a.example"], "IPAddresses": ["10.0.0.1", "fd00::1", "::ffff:1.2.3.4"], "EmailAddresses": [],
        "URIs": [{"Scheme": "https", "Host": "sky.example", "Path": "/a b"}],
        "NotAfter": "2030-01-02T03:04:05.678+01:00", "KeyUsage": 5, "ExtKeyUsage": [1], "UnknownExtKeyUsage": [[1, 3]],
        "IsCA": true, "MaxPathLen": 2, "SignatureAlgorithm": 11, "SubjectKeyId": "AQ==",
        "OCSPServer": ["http://o"], "IssuingCertificateURL": ["http://i"], "CRLDistributionPoints": ["http://c"],
        "Policies": ["1.2.3"], "PermittedDNSDomainsCritical": true, "PermittedDNSDomains": [".example"],
        "ExcludedIPRanges": [{"IP": "10.1.2.3", "Mask": "////AA=="}],
        "ExtraExtensions": [{"Id": [1, 2, 3], "Critical": true, "Value": "BQA="}]""")
    assert (it.subject.common_name, it.subject.country, it.subject.serial_number) == ("sky", ("AQ",), "7")
    assert it.subject.extra_names == (NameAttribute((2, 5, 4, 12), "keeper"),)
    assert it.dns_names == ("a.example",)
    assert [str(ip) for ip in it.ip_addresses] == ["10.0.0.1", "fd00::1", "1.2.3.4"]
    assert it.uris == ("https://sky.example/a%20b",)
    assert it.not_after == dt.datetime(2030, 1, 2, 2, 4, 5, tzinfo=dt.UTC)
    assert (it.key_usage, it.ext_key_usage, it.unknown_ext_key_usage) == (5, (1,), ((1, 3),))
    assert (it.is_ca, it.max_path_len, it.signature_algorithm, it.subject_key_id) == (True, 2, 11, b"\1")
    assert (it.ocsp_server, it.issuing_certificate_url) == (("http://o",), ("http://i",))
    assert (it.crl_distribution_points, it.policies) == (("http://c",), ((1, 2, 3),))
    constraints = it.name_constraints
    assert (constraints.critical, constraints.permitted_dns) == (True, (".example",))
    assert constraints.excluded_ip == (ipaddress.ip_network("10.1.2.0/24"),)
    assert it.extra_extensions == (ExtraExtension((1, 2, 3), b"\x05\x00", critical=True),)


def test_an_empty_template_leaves_everything_to_the_defaults():
    it = template("")
    assert (it.dns_names, it.ip_addresses, it.ext_key_usage, it.not_after) == (None, None, None, None)
    assert (it.max_path_len, it.name_constraints) == (-1, None)


def test_null_and_an_empty_list_differ_in_a_template():
    it = template('"DNSNames":[],"IPAddresses":[],"ExtKeyUsage":null')
    assert (it.dns_names, it.ip_addresses, it.ext_key_usage) == ((), (), None)


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ('"MaxPathLen":0', -1),
        ('"MaxPathLen":0,"MaxPathLenZero":true', 0),
        ('"MaxPathLenZero":true', 0),
        ('"MaxPathLen":3,"MaxPathLenZero":true', 3),
        ('"MaxPathLen":-1', -1),
    ],
)
def test_no_path_length_is_told_from_zero(fields, length):
    assert template(fields).max_path_len == length


def test_the_first_moment_is_no_end_of_validity():
    assert template('"NotAfter":"0001-01-01T00:00:00Z"').not_after is None
    assert template('"NotAfter":"1999-12-31T23:59:59Z"').not_after.year == 1999


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow", "", "2030-01-02", "2030-01-02T03:04:05", "2030-01-02t03:04:05Z", "2030-01-02T03:04:05z",
        "2030-13-02T03:04:05Z", "2030-01-02T24:00:00Z", "2030-01-02T03:04:05,5Z", "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "2030-01-02T03:04:05+24:00",
    ],
)  # fmt: skip
def test_other_times_are_refused(text):
    assert refusals(nested(f'"{text}"', "Secrets", "s", "Cert", "NotAfter"))


@pytest.mark.parametrize(
    "fields",
    [
        '"DNSNames":"x"', '"KeyUsage":"sign"', '"KeyUsage":1.0', '"Subject":"CN=x"', '"Subject":{"CommonName":1}',
        '"IPAddresses":["10.0.0"]', '"IPAddresses":["300.1.1.1"]', '"IPAddresses":[1]', '"IPAddresses":[""]',
        '"IPAddresses":[null]', '"IPAddresses":["fe80::1%eth0"]', '"IPAddresses":["010.0.0.1"]',
        '"URIs":["http://x"]', '"URIs":[null]', '"IsCA":"true"', '"SignatureAlgorithm":"ECDSA"',
        '"SubjectKeyId":"?"', '"PermittedIPRanges":[null]', '"PermittedIPRanges":[{"IP":"10.0.0.0"}]',
        '"PermittedIPRanges":[{"IP":"10.0.0.0","Mask":"/wD/AA=="}]', '"PermittedIPRanges":[{"Mask":"/wAAAA=="}]',
        '"ExtKeyUsage":["serverAuth"]', '"UnknownExtKeyUsage":[1]', '"Policies":["x"]', '"Policies":["1"]',
        '"ExtraExtensions":[{"Id":"1.2"}]', '"Subject":{"ExtraNames":[{"Type":[2,5,4,3],"Value":1}]}',
        '"SerialNumber":"1"', '"SerialNumber":1.5', '"NotBefore":"now"', '"BasicConstraintsValid":1',
        '"Issuer":"x"', '"Version":"3"', '"AuthorityKeyId":"?"', '"Raw":"?"', '"Signature":"?"', '"Extensions":{}',
        '"Subject":{"Names":{}}',
    ],
)  # fmt: skip
def test_a_template_of_wrong_types_is_refused(fields):
    assert refusals(nested(f"{{{fields}}}", "Secrets", "s", "Cert"))


@pytest.mark.parametrize(
    "fields",
    [
        '"SerialNumber":-123456789012345678901234567890', '"PublicKey":{"x":[1]}', '"PolicyIdentifiers":"ignored"',
        '"NotBefore":"2020-01-01T00:00:00Z"', '"Version":-3', '"Issuer":{"CommonName":"x"}', '"Whatever":1',
    ],
)  # fmt: skip
def test_overruled_and_unknown_fields_change_nothing(fields):
    assert template(fields) == template("")


@pytest.mark.parametrize(
    ("fields", "uri"),
    [
        ('"Scheme":"https","Host":"a.b:1","Path":"x"', "https://a.b:1/x"),
        ('"Scheme":"spiffe","Host":"a"', "spiffe://a"),
        ('"Scheme":"urn","Opaque":"x:y"', "urn:x:y"),
        ('"Path":"/only"', "/only"),
        (
            '"Scheme":"s","Host":"h","Path":"/é?","RawQuery":"q=1","Fragment":"f g"',
            "s://h/%C3%A9%3F?q=1#f%20g",
        ),
    ],
)
def test_addresses_are_joined_as_go_joins_them(fields, uri):
    assert template(f'"URIs":[{{{fields}}}]').uris == (uri,)


def test_a_certificate_may_be_given_as_der():
    der = certificate_der("vera")
    given = secret(f'"Cert":"{base64.b64encode(der).decode()}"')
    assert (given.cert, given.cert_der) == (None, der)


@pytest.mark.parametrize("text", ["", "AQID", "?", "-----BEGIN CERTIFICATE-----"])
def test_other_text_for_a_certificate_is_refused(text):
    assert refusals(nested(f'"{text}"', "Secrets", "s", "Cert")) == [("Secrets.s.Cert", "R0")]


@pytest.mark.parametrize("value", ["5", "[]", "true"])
def test_other_values_for_a_certificate_are_refused(value):
    assert refusals(nested(value, "Secrets", "s", "Cert")) == [("Secrets.s.Cert", "R0")]


def test_of_a_certificate_given_twice_the_last_one_wins():
    assert secret('"Cert":{"IsCA":true},"Cert":{"KeyUsage":1}').cert.is_ca is False


def test_all_misfits_are_reported_at_once_with_their_places():
    raw = b'{\n "Packages": {"p": {"Debug": 1}},\n "Users": [],\n "Roles": {"r": {"Actions": [1]}}}'
    it = decode_manifest(raw)
    assert [(f.path, f.span.start.line) for f in it.refusals] == [
        ("Packages.p.Debug", 2),
        ("Users", 3),
        ("Roles.r.Actions[0]", 4),
    ]
    assert all(f.message.startswith("unmarshaling manifest: ") for f in it.refusals)


def test_a_list_of_a_million_misfits_gives_a_thousand_findings():
    raw = json.dumps({"Packages": {"p": {"AcceptedTCBStatuses": [1] * 100_000}}})
    assert len(decode_manifest(raw.encode()).refusals) == 1000


@pytest.mark.parametrize(
    ("raw", "rule", "path", "sentence"),
    [
        ('{"Pakages":{}}', "C1", "Pakages", "Unknown field “Pakages” is ignored. Did you mean Packages?"),
        ('{"Comment":1}', "C1", "Comment", "Unknown field “Comment” is ignored."),
        (
            '{"Secrets":{"s":{"ValidityDays":3}}}', "C1", "Secrets.s.ValidityDays",
            "Unknown field “ValidityDays” is ignored. Did you mean ValidFor?",
        ),
        ('{"packages":{}}', "C2", "packages", "“packages” is read as Packages."),
        ('{"Packages":{"p":{"Debug":true,"Debug":true}}}', "C3", "Packages.p.Debug", "The last one counts."),
        ('{"Users":{},"Users":{}}', "C4", "Users", "Both are merged."),
        ('{"Users":{"u":{},"u":{}}}', "C5", "Users.u", "The later entry replaces the whole earlier one."),
        ('{"Users":{"u":{}},"Users":{"u":{}}}', "C5", "Users.u", "The later entry replaces"),
        ('{"Secrets":{"s":{"Cert":{"Version":3}}}}', "C6", "Secrets.s.Cert.Version", "Version has no effect."),
    ],
)  # fmt: skip
def test_what_is_swallowed_silently_gives_a_warning(raw, rule, path, sentence):
    warnings = {(it.rule, it.path): it.sentence for it in decode_manifest(raw.encode()).warnings}
    assert sentence in warnings[rule, path]


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        (("Marbles", "a.b", "TLS", 1), '"two"'),
        (("Marbles", "a.b", "Parameters", "Env", "E", "Data"), '"x"'),
        (("Marbles", "a.b", "Parameters"), '"parameters"'),
        (("Marbles", "a.b", "Package"), '"a.b"'),
        (("TLS", "t", "Incoming", 0, "Port"), "{"),
        (("Packages", "p", "ProductID"), "2"),
        (("Packages", "q", "ProductID"), "3"),
        (("Nothing", "here"), "{"),
    ],
)
def test_a_path_leads_to_its_place_or_the_nearest_one(path, marked):
    raw = (
        b'{"Packages":{"p":{"ProductID":1,"productid":2},"q":{"ProductID":3}},"packages":{"p":{}, "p":{"ProductID":2}},'
        b'"Marbles":{"a.b":{"parameters":{"Env":{"E":{"Data":"x"}}},"TLS":["one","two"]}},"TLS":{"t":{"Incoming":[{}]}}}'
    )
    span = decode_manifest(raw).span_of(path)
    assert raw.decode()[span.start.offset : span.end.offset] == marked
