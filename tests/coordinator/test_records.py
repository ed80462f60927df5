import base64
import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator import records
from marble_coordinator.pki.authority import new_authority
from marble_coordinator.ports import MalformedStateError
from marble_coordinator.records import RecordMap, UserRecord
from marble_core.manifest.model import (
    Action,
    Infrastructure,
    Marble,
    Package,
    Parameters,
    ParameterValue,
    SecretType,
    TlsEntry,
    TlsTag,
)
from marble_core.secrets import Secret

NOW = dt.datetime(2031, 2, 3, 4, 5, 6, tzinfo=dt.UTC)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
lists_of_texts = st.lists(texts, max_size=3).map(tuple)
numbers = st.integers(0, 2**64 - 1)
octets = st.binary(max_size=20)
maps = st.dictionaries(texts, octets, max_size=8)

packages = st.builds(
    Package,
    st.booleans(),
    texts,
    texts,
    st.none() | numbers,
    st.none() | numbers,
    lists_of_texts,
    lists_of_texts,
)
infrastructures = st.builds(Infrastructure, octets, st.none() | numbers, st.none() | numbers, octets)
values = st.dictionaries(texts, st.builds(ParameterValue, octets, st.booleans()), max_size=3)
marbles = st.builds(
    Marble,
    texts,
    numbers,
    st.builds(Parameters, values, values, lists_of_texts),
    lists_of_texts,
    st.booleans(),
)
entries = st.lists(st.builds(TlsEntry, texts, texts, texts, st.booleans()), max_size=3).map(tuple)
tags = st.builds(TlsTag, entries, entries)
users = st.builds(
    UserRecord, octets, st.dictionaries(st.sampled_from(Action), st.frozensets(texts, max_size=3), max_size=4)
)


@st.composite
def secrets(draw):
    kind, flags = draw(st.sampled_from(SecretType)), draw(st.tuples(st.booleans(), st.booleans()))
    return Secret("", kind, draw(numbers), *flags, draw(numbers), draw(octets), draw(octets), draw(octets))


KINDS = [
    (records.PACKAGES, packages),
    (records.INFRASTRUCTURES, infrastructures),
    (records.MARBLES, marbles),
    (records.TLS_TAGS, tags),
    (records.USERS, users),
    (records.SECRETS, secrets()),
    (records.ACTIVATIONS, numbers),
]
every_kind = pytest.mark.parametrize(("kind", "values"), KINDS, ids=[kind.prefix for kind, _ in KINDS])


@given(maps)
def test_a_map_comes_back_as_it_was_encoded(wanted):
    encoded = RecordMap(wanted).encode()
    assert dict(RecordMap.decode(encoded)) == wanted
    assert json.loads(encoded) == {key: base64.b64encode(value).decode() for key, value in wanted.items()}


@given(before=maps, put=maps, drop=st.sets(texts))
def test_a_changed_map_equals_one_made_anew_and_leaves_the_first_alone(before, put, drop):
    first = RecordMap(before)
    changed = first.changed(put, drop)
    wanted = {key: value for key, value in before.items() if key not in drop} | put
    assert dict(changed) == wanted
    assert changed.encode() == RecordMap(wanted).encode()
    assert dict(first) == before


def test_a_changed_map_encodes_only_what_changed():
    first = RecordMap({"secret:a": b"one", "secret:b": b"two"})
    second = first.changed({"secret:b": b"three"})
    assert second._pieces["secret:a"] is first._pieces["secret:a"]


def test_values_do_not_show_in_a_repr():
    assert repr(RecordMap({"rootSecret": b"value"})) == "<1 records>"


@every_kind
@given(data=st.data())
def test_every_value_is_read_as_it_was_written(kind, values, data):
    wanted = data.draw(st.dictionaries(texts, values, max_size=3))
    if kind is records.SECRETS:
        wanted = {name: dataclasses.replace(secret, name=name) for name, secret in wanted.items()}
    noise = {"manifest": b"{}", "previousSecret:x": b"", "Package:x": b"?"}
    sealed = RecordMap(noise | kind.write(wanted)).encode()
    found = kind.read(RecordMap.decode(sealed))
    assert found == wanted
    assert list(found) == list(wanted)


def test_values_are_written_with_the_field_names_of_the_manifest():
    package = Package(signer_id="ab", product_id=3, security_version=0)
    assert json.loads(records.PACKAGES.write({"web": package})["package:web"]) == {
        "Debug": False,
        "UniqueID": "",
        "SignerID": "ab",
        "ProductID": 3,
        "SecurityVersion": 0,
        "AcceptedTCBStatuses": [],
        "AcceptedAdvisories": [],
    }
    marble = Marble("web", parameters=Parameters(env={"A": ParameterValue(b"\xff")}), tls=("tag",))
    assert json.loads(records.MARBLES.write({"m": marble})["marble:m"]) == {
        "Package": "web",
        "MaxActivations": 0,
        "Parameters": {
            "Files": {},
            "Env": {"A": {"Data": "/w==", "Encoding": "base64", "NoTemplates": False}},
            "Argv": [],
        },
        "TLS": ["tag"],
        "DisableSecretBinding": False,
    }


def test_counts_are_written_as_hexadecimal_text():
    assert records.ACTIVATIONS.write({"web": 255, "db": 0}) == {
        "activations:web": b"ff",
        "activations:db": b"0",
    }


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"null",
        b'{"a":1}',
        b'{"a":true}',
        b'{"a":"not base64"}',
        b'{"a":"YQ"}',
        b'{"a":"YQ=="',
        b"[" * 100_000,
    ],
    ids=lambda plain: repr(plain[:12]),
)
def test_an_opened_state_that_is_no_map_is_malformed(plain):
    with pytest.raises(
        MalformedStateError, match=r"The sealed state opens, but it is no map of records: .*\."
    ):
        RecordMap.decode(plain)


def test_null_is_an_empty_value():
    assert dict(RecordMap.decode(b'{"updateLog":null}')) == {"updateLog": b""}


GOOD = {
    "package:p": records.PACKAGES.write({"p": Package()})["package:p"],
    "infrastructure:i": records.INFRASTRUCTURES.write({"i": Infrastructure()})["infrastructure:i"],
    "marble:m": records.MARBLES.write({"m": Marble()})["marble:m"],
    "TLS:t": records.TLS_TAGS.write({"t": TlsTag((TlsEntry(),))})["TLS:t"],
    "user:u": records.USERS.write({"u": UserRecord(b"", {Action.READ_SECRET: frozenset("a")})})["user:u"],
    "secret:s": records.SECRETS.write({"s": Secret("s", SecretType.PLAIN)})["secret:s"],
    "activations:m": b"a",
}
BY_PREFIX = {kind.prefix: kind for kind, _ in KINDS}


def bent_records():
    for key, good in GOOD.items():
        yield key, b""
        yield key, b"rubbish"
        if key.startswith("activations"):
            continue
        yield key, b"[]"
        fields = json.loads(good)
        for name in fields:
            yield key, json.dumps({k: v for k, v in fields.items() if k != name}).encode()
            yield key, json.dumps(fields | {name: [[]]}).encode()
    yield "user:u", json.dumps({"Certificate": None, "Permissions": {"Fly": []}}).encode()
    yield "package:p", json.dumps(json.loads(GOOD["package:p"]) | {"ProductID": True}).encode()
    yield "TLS:t", json.dumps({"Incoming": [{"Port": 1}], "Outgoing": []}).encode()


@pytest.mark.parametrize(("key", "record"), list(bent_records()), ids=lambda value: str(value)[:60])
def test_a_bent_record_is_malformed_and_named(key, record):
    kind = BY_PREFIX[key.partition(":")[0] + ":"]
    assert kind.read(RecordMap({key: GOOD[key]}))
    with pytest.raises(MalformedStateError, match=f"The record '{key}' of the sealed state cannot be read: "):
        kind.read(RecordMap({key: record}))


@pytest.fixture(scope="module")
def authority():
    return new_authority(["depot.example"], NOW)


def test_the_authority_is_read_as_it_was_written(authority):
    sealed = RecordMap(records.write_authority(authority)).encode()
    restored = records.read_authority(RecordMap.decode(sealed), ["depot.example"])
    assert restored.chain_pem == authority.chain_pem
    assert restored.marble_root.der == authority.marble_root.der
    assert restored.root.key_der == authority.root.key_der
    assert restored.intermediate.key_der == restored.marble_root.key_der == authority.intermediate.key_der
    assert restored.names == authority.names


@pytest.mark.parametrize("missing", range(5))
def test_an_authority_with_a_missing_part_is_malformed(authority, missing):
    parts = records.write_authority(authority)
    key = list(parts)[missing]
    with pytest.raises(MalformedStateError, match=key):
        records.read_authority(RecordMap(parts).changed({}, [key]), [])


@pytest.mark.parametrize("bent", range(5))
@pytest.mark.parametrize("value", [b"", b"rubbish"])
def test_an_authority_with_an_unreadable_part_is_malformed(authority, bent, value):
    parts = records.write_authority(authority)
    key = list(parts)[bent]
    with pytest.raises(MalformedStateError, match=key):
        records.read_authority(RecordMap(parts | {key: value}), [])


def test_an_authority_with_the_key_of_another_is_malformed(authority):
    other = records.write_authority(new_authority([], NOW))
    for key in ("privateKey:coordinatorRootKey", "privateKey:coordinatorIntermediateKey"):
        parts = records.write_authority(authority) | {key: other[key]}
        with pytest.raises(MalformedStateError, match="do not belong together"):
            records.read_authority(RecordMap(parts), [])
