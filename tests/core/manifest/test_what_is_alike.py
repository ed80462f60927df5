"""Leaving out what is alike on both sides changes nothing about a difference."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core import gojson
from marble_core.gojson import plain_value
from marble_core.manifest.diff import ChangeKind, diff, normal_form
from marble_core.manifest.diff.alike import without_alike
from marble_core.manifest.diff.compare import _compare_mappings, _Place
from marble_core.manifest.diff.normal import SAME
from marble_core.manifest.schema import MANIFEST
from tests.fakes.any_manifest import MANIFESTS


def mixed(one: Any, other: Any, chance: random.Random) -> Any:
    """Something of both, so that much is alike and much is not."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return chance.choice([one, one, other])
    names = [*one, *(name for name in other if name not in one)]
    return {
        name: mixed(one.get(name, other.get(name)), other.get(name, one.get(name)), chance)
        for name in names
        if chance.random() < (0.9 if name in one else 0.2)
    }


def written(value: Any, chance: random.Random) -> str:
    """As JSON in any order, now and then with a name in another case, or given twice."""
    if isinstance(value, list):
        return f"[{','.join(written(item, chance) for item in value)}]"
    if not isinstance(value, dict):
        return json.dumps(value)
    members = list(value.items())
    if members and chance.random() < 0.1:
        name, _ = chance.choice(members)
        members.append((chance.choice([name, name.swapcase()]), chance.choice(members)[1]))
    chance.shuffle(members)
    return "{" + ",".join(f"{json.dumps(name)}:{written(inner, chance)}" for name, inner in members) + "}"


@given(MANIFESTS, MANIFESTS, st.randoms(use_true_random=False))
def test_a_difference_is_the_same_without_what_is_alike(one, other, chance):
    old = gojson.scan(written(one, chance).encode())
    new = gojson.scan(written(mixed(one, other, chance), chance).encode())
    whole = _compare_mappings(MANIFEST, normal_form(old), normal_form(new), _Place((), ()))
    assert diff(old, new).sections == tuple(whole)


def pair(old: str, new: str) -> tuple[Any, Any]:
    return without_alike(*(plain_value(gojson.scan(text.encode())) for text in (old, new)))


def test_entries_and_fields_that_are_alike_are_left_out():
    old = '{"Packages":{"a":{"Debug":true},"b":{"Debug":true,"ProductID":1}}}'
    new = '{"Packages":{"b":{"ProductID":2,"Debug":true},"a":{"Debug":true}}}'
    before, after = pair(old, new)
    assert before["Packages"]["a"] is after["Packages"]["a"] is SAME
    assert before["Packages"]["b"]["Debug"] is SAME
    assert before["Packages"]["b"]["ProductID"] is not SAME


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"Secrets":{"s":{"Size":8,"size":16}}}', '{"Secrets":{"s":{"size":16,"Size":8}}}'),
        ('{"Secrets":{"s":{"Size":8}},"secrets":null}', '{"secrets":null,"Secrets":{"s":{"Size":8}}}'),
        ('{"Packages":{"p":{"ProductID":1}}}', '{"Packages":{"p":{"ProductID":"1"}}}'),
        (
            '{"TLS":{"t":{"Incoming":[{"Port":"1","port":"2"}]}}}',
            '{"TLS":{"t":{"Incoming":[{"port":"2","Port":"1"}]}}}',
        ),
    ],
    ids=["a field given twice", "a section emptied", "a number and a text", "inside a list"],
)
def test_what_only_looks_alike_is_compared(old, new):
    assert not diff(*(gojson.scan(text.encode()) for text in (old, new))).same_meaning


def test_a_structure_that_is_alike_but_for_one_field_still_comes_as_a_whole():
    old = '{"Marbles":{"m":{"Parameters":{"Argv":[]}}}}'
    new = '{"Marbles":{"m":{"Parameters":{"Argv":[],"Env":{"A":"1"}}}}}'
    (marbles,) = diff(*(gojson.scan(text.encode()) for text in (old, new))).sections
    assert marbles.children[0].children[0].kind is ChangeKind.ADDED
