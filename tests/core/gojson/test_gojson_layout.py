import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.gojson import GoJsonError
from marble_core.gojson.layout import laid_out
from tests.fakes.manifests import observatory

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 3]), st.sampled_from(["  ", "\t"]))
def test_the_meaning_stays_and_a_second_time_changes_nothing(value, before, indent):
    once = laid_out(json.dumps(value, indent=before), indent)
    assert json.loads(once) == value
    assert laid_out(once, indent) == once


def test_tokens_are_kept_as_they_are_written():
    text = '{"b":1.0e2,"a" : [ 1,\n2 ], "a":"\\u0041", "e":{ }, "f":[{}]}'
    assert laid_out(text) == (
        '{\n  "b": 1.0e2,\n  "a": [1, 2],\n  "a": "\\u0041",\n  "e": {},\n  "f": [\n    {}\n  ]\n}\n'
    )


def test_how_it_is_laid_out_does_not_depend_on_how_it_was():
    manifest = observatory()
    assert laid_out(json.dumps(manifest)) == laid_out(json.dumps(manifest, indent=7))


def test_what_is_no_json_is_refused():
    with pytest.raises(GoJsonError):
        laid_out('{"a": 1,}')
