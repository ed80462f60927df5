"""YAML becomes the JSON that is sent, or is refused with the place."""

import contextlib
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from marble_core.manifest.fromyaml import YamlRefused, from_yaml
from tests.fakes.manifests import observatory

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(min_codepoint=32, max_codepoint=126)), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def test_a_manifest_says_the_same_in_both():
    assert (
        json.loads(from_yaml(yaml.safe_dump(observatory(), sort_keys=False).encode()).json) == observatory()
    )


@given(VALUES, st.booleans())
def test_whatever_is_written_as_yaml_is_read_as_it_was_meant(value, flow):
    text = yaml.safe_dump({"v": value}, default_flow_style=flow, allow_unicode=True)
    try:
        told = json.loads(from_yaml(text.encode()).json)
    except YamlRefused:
        return  # written without quotes though others read it otherwise
    assert told == {"v": value}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: 1\nb: 1.50\nc: -3\nd: 1e3", '{"a":1,"b":1.50,"c":-3,"d":1e3}'),
        ("a: true\nb: False\nc: ~\nd:\ne: null", '{"a":true,"b":false,"c":null,"d":null,"e":null}'),
        (
            "a: '1'\nb: \"no\"\nc: 7001/tcp\nd: 2026-01-01",
            '{"a":"1","b":"no","c":"7001/tcp","d":"2026-01-01"}',
        ),
        ("a: |\n  one\n  two\nb: >-\n  one\n  two", '{"a":"one\\ntwo\\n","b":"one two"}'),
        ("a: &x [1]\nb: *x\nc: !!str 5", '{"a":[1],"b":[1],"c":"5"}'),
        ("1: a\ntrue: b\na: 1\na: 2", '{"1":"a","true":"b","a":1,"a":2}'),
        ("", "null"),
    ],
)
def test_scalars_mean_what_the_core_schema_says(text, wanted):
    assert "".join(from_yaml(text.encode()).json.decode().split()) == "".join(wanted.split())


REFUSED = [
    ("a: no", 1, 4, "“no” is read as text by some"),
    ("b: 1\na: 0777", 2, 4, "“0777” is read"),
    ("a: 0x1F", 1, 4, "“0x1F”"),
    ("a: 1\n---\nb: 2", 2, 1, "more than one document"),
    ("a: !!binary AAAA", 1, 4, "The tag tag:yaml.org,2002:binary has no meaning"),
    ("a: !!python/object:os.system x", 1, 4, "has no meaning in JSON"),
    ("a:\n  <<: {b: 1}", 2, 3, "Merge keys"),
    ("? [a]\n: 1", 1, 3, "A key must be text"),
    ("a: &x [*x]", 1, 8, "The anchor x is not complete here"),
    ("a: [1, 2", 2, 1, "The text is no YAML"),
    ("a: b: c", 1, 5, "The text is no YAML"),
    ("a: " + "[" * 200, 1, 103, "nested deeper than 100"),
]


@pytest.mark.parametrize(
    ("text", "line", "column", "sentence"), REFUSED, ids=[case[0][:20] for case in REFUSED]
)
def test_what_has_no_one_meaning_is_refused_with_its_place(text, line, column, sentence):
    with pytest.raises(YamlRefused, match=sentence) as refused:
        from_yaml(text.encode())
    assert (refused.value.span.start.line, refused.value.span.start.column) == (line, column)


def test_anchors_that_multiply_come_to_an_end():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(YamlRefused, match="larger than a coordinator takes"):
        from_yaml("\n".join(lines).encode())


@given(st.binary(max_size=60) | st.text(alphabet="a:-[]{}&*!|>'\"#\n \t,?", max_size=60).map(str.encode))
def test_any_bytes_are_taken_or_refused(raw):
    with contextlib.suppress(YamlRefused):
        json.loads(from_yaml(raw).json)


def test_places_lead_back_into_the_yaml():
    converted = from_yaml(b"Packages:\n  p:\n    ProductID: x\nMarbles: {m: {TLS: [a, b]}}\n")
    value = converted.span(("Packages", "p", "ProductID"), key=False).start
    assert (value.line, value.column) == (3, 16)
    key = converted.span(("Packages", "p", "ProductID"), key=True).start
    assert (key.line, key.column) == (3, 5)
    item = converted.span(("Marbles", "m", "TLS", 1), key=False).start
    assert (item.line, item.column) == (4, 24)
    missing = converted.span(("Packages", "p", "SignerID"), key=False).start
    assert (missing.line, missing.column) == (2, 3)
