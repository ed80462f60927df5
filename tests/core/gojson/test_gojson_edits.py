"""Edits change what they are asked to and no other character."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.gojson import Object, apply_edits, scan
from marble_core.gojson.edits import (
    TextEdit,
    add_item,
    add_member,
    remove_item,
    remove_member,
    remove_members,
    rename_key,
    replace_value,
)

NAMES = st.text(alphabet='ab"é\\ 😀', max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)
LAYOUTS = st.sampled_from([None, 2, 4, "\t"])


def written(value, layout):
    return json.dumps(value, indent=layout, ensure_ascii=False)


def root(text):
    return scan(text.encode())


def rest_is_kept(text, edit):
    edited = apply_edits(text, [edit])
    assert edited.startswith(text[: edit.start])
    assert edited.endswith(text[edit.end :])
    return json.loads(edited)


@given(OBJECTS, NAMES, VALUES, LAYOUTS)
def test_an_added_member_is_the_last_one(content, name, value, layout):
    text = written(content, layout)
    told = rest_is_kept(text, add_member(root(text), name, value))
    assert told == content | {name: value}


@given(OBJECTS.filter(bool), st.integers(0, 3), LAYOUTS)
def test_a_member_goes_with_its_comma(content, which, layout):
    text = written(content, layout)
    keys = [key for key, _ in root(text).members]
    key = keys[which % len(keys)]
    told = rest_is_kept(text, remove_member(root(text), key))
    assert told == {name: value for name, value in content.items() if name != key.value}


@given(OBJECTS, st.sets(st.integers(0, 3)), LAYOUTS)
def test_several_members_go_at_once(content, which, layout):
    text = written(content, layout)
    keys = [key for at, (key, _) in enumerate(root(text).members) if at in which]
    told = json.loads(apply_edits(text, remove_members(root(text), keys)))
    assert told == {name: value for at, (name, value) in enumerate(content.items()) if at not in which}


@given(st.lists(VALUES, max_size=4), VALUES, LAYOUTS)
def test_an_added_item_is_the_last_one(content, value, layout):
    text = written(content, layout)
    assert rest_is_kept(text, add_item(root(text), value)) == [*content, value]


@given(st.lists(VALUES, min_size=1, max_size=4), st.integers(0, 3), LAYOUTS)
def test_an_item_goes_with_its_comma(content, which, layout):
    text = written(content, layout)
    which %= len(content)
    assert rest_is_kept(text, remove_item(root(text), which)) == content[:which] + content[which + 1 :]


@given(OBJECTS.filter(bool), VALUES, NAMES, LAYOUTS)
def test_a_value_and_a_name_are_replaced_in_place(content, value, name, layout):
    text = written(content, layout)
    key, node = next(iter(root(text).members))
    assert rest_is_kept(text, replace_value(node, value)) == content | {key.value: value}
    renamed = root(apply_edits(text, [rename_key(key, name)]))
    assert [key.value for key, _ in renamed.members] == [name, *list(content)[1:]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "n": {\n    "x": [1, 2]\n  }\n}\n'),
        ('{\n\t"a": {}\n}', '{\n\t"a": {},\n\t"n": {\n\t\t"x": [1, 2]\n\t}\n}'),
        ('{"a":1}', '{"a":1, "n":{"x": [1, 2]}}'),
        ("{}", '{"n": {"x": [1, 2]}}'),
    ],
    ids=["lines", "tabs", "one line", "empty"],
)
def test_what_is_added_is_laid_out_like_the_rest(text, wanted):
    assert apply_edits(text, [add_member(root(text), "n", {"x": [1, 2]})]) == wanted


def test_an_empty_object_inside_opens_at_its_own_depth():
    text = '{\n  "a": {\n    "b": {}\n  }\n}'
    _, a = next(iter(root(text).members))
    _, b = next(iter(a.members))
    assert isinstance(b, Object)
    assert (
        apply_edits(text, [add_member(b, "c", 1)]) == '{\n  "a": {\n    "b": {\n      "c": 1\n    }\n  }\n}'
    )


def test_edits_that_overlap_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abc", [TextEdit(0, 2, ""), TextEdit(1, 3, "")])
