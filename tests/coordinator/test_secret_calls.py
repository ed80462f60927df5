import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_coordinator.api import query as queries
from tests.fakes.api_driver import ferry

NOT_ALLOWED = "user cook is not allowed to read one or more secrets of: [{}]"


def log_lines(driver):
    return [json.loads(line) for line in driver.call("GET", "/update").data.splitlines()]


def write(driver, body, who="mate"):
    return driver.call("POST", "/secrets", body, as_user=who)


def read(driver, *names, who="mate"):
    return driver.call("GET", "/secrets?" + "&".join(f"s={quote(name)}" for name in names), as_user=who)


# Reading


def test_secrets_come_sorted_by_name_and_once_each(running):
    data = read(running, "valve", "horn", "valve", who="cook").data
    assert list(data) == ["horn", "valve"]
    assert list(data["valve"]) == [
        "Type",
        "Size",
        "Shared",
        "UserDefined",
        "Cert",
        "ValidFor",
        "Private",
        "Public",
    ]


def test_a_user_defined_secret_before_it_is_set_is_null(running):
    door = read(running, "door").data["door"]
    assert (door["Private"], door["Public"], door["Cert"]) == (None, None, None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "invalid query: endpoint requires at least one query parameter"),
        ("?S=valve", "invalid query: endpoint requires at least one query parameter"),
        ("?s=a;b", "invalid query: endpoint requires at least one query parameter"),
        ("?s=%zz", "invalid query: endpoint requires at least one query parameter"),
        ("?s", "malformed query string: empty query parameter"),
        ("?s=valve&s=", "malformed query string: empty query parameter"),
        ("?s=berth", NOT_ALLOWED.format("berth")),
        ("?s=valve&s=unknown", NOT_ALLOWED.format("valve unknown")),
        ("?s=Valve", NOT_ALLOWED.format("Valve")),
        ("?s=valve,horn", NOT_ALLOWED.format("valve,horn")),
        ("?s=valve+", NOT_ALLOWED.format("valve ")),
    ],
)
def test_a_query_that_asks_for_nothing_or_too_much_is_refused(running, query, message):
    assert running.call("GET", "/secrets" + query, as_user="cook").refusal == (400, message)


def test_a_user_without_roles_reads_nothing(running):
    assert read(running, "valve", who="guest").status == 400


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (b"s=a&s=b", ["a", "b"]),
        (b"x=1&s=%61&S=b", ["a"]),
        (b"%73=a", ["a"]),
        (b"s=a+b", ["a b"]),
        (b"s=a%2Bb", ["a+b"]),
        (b"s=a=b", ["a=b"]),
        (b"s=%", []),
        (b"s=%4", []),
        (b"s=%4g", []),
        (b"s=a;s=b&s=c", ["c"]),
        (b"&&s=a&", ["a"]),
        (b"", []),
        (b"s=%C3%A9", ["é"]),
    ],
)
def test_a_query_is_read_as_go_reads_it(query, names):
    assert queries.values(query, b"s") == names


@given(st.lists(st.text(min_size=1)))
def test_names_that_were_escaped_come_back(names):
    assert queries.values("&".join(f"s={quote(name, safe='')}" for name in names).encode(), b"s") == names


# Writing


def test_a_value_is_stored_logged_by_name_and_shown(running):
    assert write(running, {"door": {"Key": "b3Blbg=="}, "code": {"Key": "AAECAwQFBgc="}}).data is None
    data = read(running, "code", "door", who="cook").data
    assert (data["door"]["Private"], data["code"]["Public"]) == ("b3Blbg==", "AAECAwQFBgc=")
    entries = [{k: v for k, v in line.items() if k != "time"} for line in log_lines(running)[1:]]
    assert entries == [
        {"update": "Secret set", "user": "mate", "secret": "code", "type": "symmetric-key"},
        {"update": "Secret set", "user": "mate", "secret": "door", "type": "plain"},
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "parsing new secrets: no new secrets defined"),
        ({"valve": {"Key": "AA=="}}, "parsing new secrets: secret valve is not writeable"),
        ({"code": {"Key": "AA=="}}, "parsing new secrets: declared size and actual size don't match: code"),
        ({"door": {"Key": "AA=="}}, "running manifest template dry run: in Marble pump: env variable DOOR: "),
        (
            {"door": {"Key": "b3Blbg=="}, "lost": {}},
            "parsing new secrets: secret manifest specifies a secret which ",
        ),
    ],
)
def test_one_bad_entry_and_nothing_is_stored(running, body, message):
    before = running.snapshot()
    status, text = write(running, body).refusal
    assert status == 400
    assert text.startswith(message)
    assert running.snapshot() == before


def test_who_may_not_write_is_refused_with_a_value_that_fits(running):
    refusal = write(running, {"code": {"Key": "AAECAwQFBgc="}}, who="cook").refusal
    assert refusal == (400, "user cook is not allowed to update secret: code")


def test_and_learns_nothing_from_one_that_does_not(running):
    refusal = write(running, {"code": {"Key": "AA=="}}, who="cook").refusal
    assert refusal == (400, "user cook is not allowed to update secret: code")


def test_a_generated_secret_keeps_its_own_message_for_everybody(running):
    for who in ("mate", "cook"):
        refusal = write(running, {"valve": {"Key": "AA=="}}, who=who).refusal
        assert refusal == (400, "parsing new secrets: secret valve is not writeable")


def test_writing_changes_neither_manifest_nor_certificates(running):
    before = [running.call("GET", path).body for path in ("/manifest", "/quote", "/status")]
    assert write(running, {"door": {"Key": "b3Blbg=="}}).status == 200
    assert [running.call("GET", path).body for path in ("/manifest", "/quote", "/status")] == before


def test_only_what_changed_is_encoded_anew(running):
    before = running.world.records
    write(running, {"door": {"Key": "b3Blbg=="}})
    after = running.world.records
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"secret:door", "updateLog"}


def test_values_given_in_the_manifest_are_the_first_ones(waiting):
    manifest = ferry()
    manifest["Secrets"]["door"] |= {"Private": "b3Blbg==", "Public": "b3Blbg=="}
    waiting.set_manifest(manifest)
    assert read(waiting, "door").data["door"]["Private"] == "b3Blbg=="
