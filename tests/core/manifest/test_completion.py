"""Completion: the bar stands where the cursor is."""

import pytest

from marble_core.manifest.completion import complete

REST = (
    ', "Packages": {"dome": {}, "camera": {}}, "Secrets": {"star": {}, "no-te": {}, "web": {}}, "TLS": {"link": {}},'
    ' "Roles": {"keeper": {}}}'
)


def proposed(text):
    at = text.index("|")
    return [it.label for it in complete(text.replace("|", "", 1), at)]


CASES = [
    ('{"Pack|', ["Packages"]),
    ('{"Packages": {"p": {"S|}}}', ["SignerID", "SecurityVersion", "AcceptedTCBStatuses", "AcceptedAdvisories"]),
    ('{"Packages": {"p": {"Debug": t|}}}', ["true"]),
    ('{"Packages": {"|', []),
    ('{"Marbles": {"m": {"Package": "|"}}' + REST, ["dome", "camera"]),
    ('{"Marbles": {"m": {"Package": |}}' + REST, ["dome", "camera"]),
    ('{"Marbles": {"m": {"TLS": ["l|"]}}' + REST, ["link"]),
    ('{"Marbles": {"m": {"TLS": [|]}}' + REST, ["link"]),
    ('{"TLS": {"t": {"Incoming": [{"Port": "1"}, {"Cert": "s|"}]}}' + REST, ["star"]),
    ('{"Users": {"u": {"Roles": ["", "|"]}}' + REST, ["keeper"]),
    ('{"Roles": {"r": {"ResourceType": "Packages", "ResourceNames": ["|"]}}' + REST, ["dome", "camera"]),
    ('{"Roles": {"r": {"ResourceNames": ["w|"], "ResourceType": "Secrets"}}' + REST, ["web"]),
    ('{"Roles": {"r": {"ResourceType": "Secrets", "Actions": ["|"]}}}', ["ReadSecret", "WriteSecret"]),
    ('{"Roles": {"r": {"ResourceType": "|"}}}', ["Packages", "Secrets", "Manifest"]),
    ('{"Secrets": {"s": {"Type": "cert|"}}}', ["cert-rsa", "cert-ecdsa", "cert-ed25519"]),
    ('{"Secrets": {"s": {"Cert": {"Subject": {"Common|"}}}}}', ["CommonName"]),
    ('{"Config": {"SealMode": "|"}}', ["ProductKey", "UniqueKey", "Disabled"]),
    ('{"Marbles": {"m": {"Parameters": {"Env": {"A": "{{ b|"}}}}}', ["base64"]),
    ('{"Marbles": {"m": {"Parameters": {"Files": {"A": "{{ r| }}"}}}}}', ["raw"]),
    ('{"Marbles": {"m": {"Parameters": {"Env": {"A": "{{ hex .|"}}}}' + REST, ["Secrets", "MarbleRun", "Previous"]),
    ('{"Marbles": {"m": {"Parameters": {"Env": {"A": "{{ hex .Secrets.| }}"}}}}' + REST, ["star", "web"]),
    ('{"Marbles": {"m": {"Parameters": {"Env": {"A": "{{ pem .Secrets.web.C|"}}}}' + REST, ["Cert"]),
    ('{"Marbles": {"m": {"Parameters": {"Env": {"A": {"Data": "{{ hex .MarbleRun.R|"}}}}}}', ["RootCA"]),
    ('{"Marbles": {"m": {"Parameters": {"Env": {"A": "{{ hex .Secrets.s }} |"}}}}}', []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "labels"), CASES, ids=[case[0][-40:] for case in CASES])
def test_what_may_stand_there_is_proposed(text, labels):
    assert proposed(text) == labels


def test_fields_that_are_there_are_not_proposed_again():
    assert "Debug" not in proposed('{"Packages": {"p": {"Debug": true, |}}}')


def test_a_proposal_replaces_the_whole_token():
    text = '{"Marbles": {"m": {"Package": "do"}}, "Packages": {"dome": {}}}'
    (it,) = complete(text, text.index("do") + 1)
    assert text[: it.start] + it.text + text[it.end :] == text.replace('"do"', '"dome"')


def test_a_new_field_comes_with_what_it_opens():
    (it,) = [it for it in complete('{"Config": {}, }', 15) if it.label == "Marbles"]
    assert it.text == '"Marbles": {}'
    assert it.detail


@pytest.mark.parametrize("text", ["", "}", "]]", '"', "{{", '{"a', "[1, {", '\\"'])
def test_any_text_is_taken(text):
    for at in range(len(text) + 1):
        complete(text, at)
