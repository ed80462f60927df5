"""Changes by path: the manifest says what was asked for, and everything else stays as it was written."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.changing import REMOVED, changed
from tests.fakes.manifests import observatory


def places(value, path=()):
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from places(inner, (*path, step))


PLACES = [path for path in places(observatory()) if path[:1] != ("Infrastructures",)]


def by_hand(path, value):
    manifest = copy.deepcopy(observatory())
    node = manifest
    for step in path[:-1]:
        node = node[step]
    if value is REMOVED:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return manifest


@given(
    st.sampled_from(PLACES),
    st.sampled_from([REMOVED, "text", 7, ["a", "b"], {"x": 1}]),
    st.sampled_from([None, 2, "\t"]),
)
def test_a_change_is_what_was_asked_for(path, value, indent):
    text = json.dumps(observatory(), indent=indent)
    assert json.loads(changed(text, [(path, value)])) == by_hand(path, value)


@given(st.sampled_from(PLACES), st.sampled_from(["text", 7]))
def test_no_line_changes_but_that_of_the_place(path, value):
    text = json.dumps(observatory(), indent=2)
    before, after = text.split("\n"), changed(text, [(path, value)]).split("\n")
    same = len(before) - len(after)
    head = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(after))
    assert before[head + 1 + same :] == after[head + 1 :] or same


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        (("Config", "SealMode"), "Disabled", {"Config": {"SealMode": "Disabled"}}),
        (
            ("Marbles", "m", "Parameters", "Env", "A"),
            "b",
            {"Marbles": {"m": {"Parameters": {"Env": {"A": "b"}}}}},
        ),
        (("TLS", "t", "Incoming", 0, "Port"), "1", {"TLS": {"t": {"Incoming": [{"Port": "1"}]}}}),
    ],
)
def test_what_is_missing_around_a_place_is_put_in(path, value, wanted):
    assert json.loads(changed("{}", [(path, value)])) == wanted
    assert json.loads(changed('{\n  "Packages": {}\n}', [(path, value)])) == {"Packages": {}} | wanted


def test_a_list_grows_and_null_gives_way():
    assert json.loads(changed('{"Users": {"u": {"Roles": ["a"]}}}', [(("Users", "u", "Roles", 1), "b")])) == {
        "Users": {"u": {"Roles": ["a", "b"]}}
    }
    assert json.loads(changed('{"Users": null}', [(("Users", "u", "Roles"), [])])) == {
        "Users": {"u": {"Roles": []}}
    }


def test_a_field_in_another_case_is_changed_where_it_stands():
    assert changed('{"packages": {"p": {"DEBUG": true}}}', [(("Packages", "p", "Debug"), False)]) == (
        '{"packages": {"p": {"DEBUG": false}}}'
    )
