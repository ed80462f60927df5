"""The whole check: it never raises, and it says what is unwise as well."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.check import ManifestRefused, check_manifest, require_manifest
from marble_core.manifest.findings import Severity
from tests.fakes.manifests import ABSENT, bent, encoded, observatory, recovery_pem

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from places(inner, (*path, step))


PLACES = list(places(observatory()))[1:]


def agrees(raw):
    """The report and the short way to the first refusal say the same."""
    report = check_manifest(raw)
    if report.refusal is None:
        assert require_manifest(raw) == report.manifest
    else:
        with pytest.raises(ManifestRefused) as refused:
            require_manifest(raw)
        assert refused.value.finding == report.refusal
    return report


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_judged_without_an_exception(raw):
    assert agrees(raw).refusal.rule in {"R0", "R1"}


@given(JUNK)
def test_any_json_is_judged_without_an_exception(value):
    assert agrees(json.dumps(value).encode()).refusal.rule in {"R0", "R1"}


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK | st.just(ABSENT)), min_size=1, max_size=3))
def test_any_bent_manifest_is_judged_without_an_exception(changes):
    try:
        raw = encoded(bent(*changes))
    except (KeyError, TypeError, IndexError):  # an earlier change removed the place
        return
    for finding in agrees(raw).findings:
        assert finding.sentence
        assert (finding.severity is Severity.ERROR) is bool(finding.message)


@given(st.integers(0, 10_000), st.binary(max_size=3))
def test_any_damaged_manifest_is_judged_without_an_exception(place, damage):
    raw = encoded(observatory())
    place %= len(raw)
    agrees(raw[:place] + damage + raw[place + 1 :])


def test_errors_come_first_then_the_rest_in_the_order_of_the_text():
    manifest = bent(
        (("Zoo",), 1), (("Packages", "dome", "Debug"), True), (("Users", "vera", "Roles"), ["lost"])
    )
    findings = check_manifest(encoded(manifest)).findings
    assert [it.rule for it in findings] == ["R11", "A1", "A13", "A4", "C1"]


def test_of_a_text_that_does_not_decode_there_is_no_manifest():
    assert check_manifest(b"{").tree is None
    report = check_manifest(b'{"Packages":[],"Zoo":1}')
    assert report.tree is not None
    assert report.manifest is None
    assert [it.rule for it in report.findings] == ["R0", "C1"]


def test_a_common_mistake_is_explained():
    assert "byte order mark" in check_manifest(b"\xef\xbb\xbf{}").refusal.sentence
    assert "seems to be UTF-16" in check_manifest("{}".encode("utf-16")).refusal.sentence


def test_a_hundred_thousand_faults_give_a_thousand_findings():
    marbles = {f"m{i}": {"Package": "lost"} for i in range(20_000)}
    report = check_manifest(json.dumps({"Packages": {"p": {"UniqueID": "x"}}, "Marbles": marbles}).encode())
    assert sum(it.severity is Severity.ERROR for it in report.findings) == 1000


UNWISE = [
    (("Packages", "dome", "Debug"), True, "A1", "Packages.dome.Debug"),
    (("Packages", "dome"), {"Debug": True, "SignerID": "aa"}, "C7", "Packages.dome"),
    (
        ("Packages", "camera"),
        {"Debug": True, "UniqueID": "aa", "ProductID": 1},
        "C7",
        "Packages.camera.UniqueID",
    ),
    (("Packages", "spare"), {"UniqueID": "aa"}, "A11", "Packages.spare"),
    (("TLS", "spare"), {}, "A12", "TLS.spare"),
    (("Roles", "spare"), {"ResourceType": "Packages"}, "A13", "Roles.spare"),
    (("Secrets", "spare"), {"Type": "plain", "UserDefined": True}, "A14", "Secrets.spare"),
    (("TLS", "link", "Outgoing", 0, "Cert"), "web", "C8", "TLS.link.Outgoing[0].Cert"),
    (
        ("TLS", "link", "Outgoing", 0, "DisableClientAuth"),
        True,
        "C8",
        "TLS.link.Outgoing[0].DisableClientAuth",
    ),
    (("Secrets", "star", "Private"), "AA==", "C8", "Secrets.star.Private"),
    (("Secrets", "star", "Cert"), {}, "C8", "Secrets.star.Cert"),
    (("Secrets", "note", "Private"), "AA==", "A6", "Secrets.note.Private"),
    (("Secrets", "note", "Public"), "AA==", "A6", "Secrets.note.Public"),
    (("RecoveryKeys", "vault"), recovery_pem(1024), "A2", "RecoveryKeys.vault"),
    (("RecoveryKeys",), {}, "A3", ""),
    (("Secrets", "star"), {"Type": "cert-rsa", "Size": 1024, "Shared": True}, "A2", "Secrets.star.Size"),
    (("Users", "vera", "Roles"), [], "A8", "Users.vera"),
]


@pytest.mark.parametrize(
    ("where", "value", "rule", "path"), UNWISE, ids=[f"{case[2]} {case[3]}" for case in UNWISE]
)
def test_what_is_unwise_is_said_and_accepted(where, value, rule, path):
    report = check_manifest(encoded(bent((where, value))))
    assert report.refusal is None
    assert (rule, path) in [(it.rule, it.path) for it in report.findings]


@pytest.mark.parametrize(
    "template",
    [
        '{{ hex (index .Secrets "spare") }}',
        "{{ hex (index .Secrets `spare`) }}",
        "{{ $.Secrets.spare.Cert }}",
        "{{ range .Secrets }}{{ hex . }}{{ end }}",
        "{{ with .Secrets }}{{ hex .spare }}{{ end }}",
        "{{ $all := .Secrets }}{{ hex $all.spare }}",
    ],
)
def test_a_secret_that_a_template_can_reach_is_not_called_unused(template):
    manifest = bent(
        (("Secrets", "spare"), {"Type": "symmetric-key", "Size": 128}),
        (("Marbles", "plate", "Parameters", "Files"), {"/f": template}),
    )
    assert "A14" not in [it.rule for it in check_manifest(encoded(manifest)).findings]


def test_a_value_in_the_manifest_is_never_repeated():
    manifest = bent((("Secrets", "note", "Private"), "c2VjcmV0LWluLWNsZWFy"))
    report = check_manifest(encoded(manifest))
    assert "secret-in-clear" not in repr(report)
    assert "c2VjcmV0" not in repr(report)


@pytest.mark.parametrize("unit", ["range ", '"', '\\"', "{{ range ", ".Secrets.", "with .Secrets "])
def test_a_hostile_template_keeps_nobody_waiting(unit):
    text = "{{ end }}" + unit * (300_000 // len(unit))
    began = time.process_time()
    check_manifest(encoded(bent((("Marbles", "plate", "Parameters", "Files"), {"/f": text}))))
    assert time.process_time() - began < 5
