"""What is read at a glance is what the careful reading gives, in every respect that anybody can see."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from marble_core import gojson
from marble_core.gojson import Array, GoJsonError, Node, Object, Source
from marble_core.gojson.nodes import Document
from marble_core.gojson.plain import UNUSUAL
from marble_core.gojson.scanner import scan_carefully
from marble_core.manifest.schema import MANIFEST
from tests.fakes.any_manifest import MANIFESTS

STRINGS = [
    '"a"', '"A"', '"\\u00e9"', '"\\n"', '"é"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\\\ud800"', '"\x01"', '"\\x"', '"]},"',
]  # fmt: skip
SCALARS = ["null", "true", "false", "1", "-0", "1.5e3", "1" * 30, "01", "NaN", "-Infinity", "\ufeff", ""]
BLANKS = st.sampled_from(["", "", " ", "\n\t", "\r"])


def container(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    member = st.builds("{1}{0}{2}:{3}{4}".format, st.sampled_from(STRINGS), BLANKS, BLANKS, BLANKS, inner)
    several = st.one_of(
        st.lists(st.builds("{}{}{}".format, BLANKS, inner, BLANKS), max_size=3).map(
            lambda it: f"[{','.join(it)}]"
        ),
        st.lists(member, max_size=3).map(lambda it: f"{{{','.join(it)}}}"),
    )
    return st.builds("{1}{0}{2}".format, several, BLANKS, BLANKS)


TEXTS = st.recursive(st.sampled_from(STRINGS * 3 + SCALARS), container, max_leaves=8).map(str.encode)


def carefully(raw: bytes) -> Node:
    source = Source.from_bytes(raw)
    ends, end = scan_carefully(source)
    return Document(source, ends).node(source.skip_blanks(0), end, UNUSUAL)


def seen(node: Node) -> tuple[Any, ...]:
    """Everything about a node and what is in it."""
    inside: list[Any] = []
    if isinstance(node, Array):
        inside = [seen(item) for item in node.items]
    if isinstance(node, Object):
        inside = [(seen(key), seen(value)) for key, value in node.members]
    return type(node), node.start, node.end, node.text, getattr(node, "value", None), inside


def outcome(scan: Any, raw: bytes) -> Any:
    try:
        return seen(scan(raw))
    except GoJsonError as error:
        return error.message, error.span


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_both_scanners_accept_the_same_texts_and_see_the_same_in_them(raw):
    assert outcome(gojson.scan, raw) == outcome(carefully, raw)


@settings(max_examples=100, deadline=None)
@given(MANIFESTS, st.sampled_from([None, 1]))
def test_both_ways_of_reading_a_manifest_give_the_same_values_and_notes(manifest, indent):
    raw = json.dumps(manifest, indent=indent).encode()
    fast, slow = gojson.decode(MANIFEST, gojson.scan(raw)), gojson.decode(MANIFEST, carefully(raw))
    assert fast.value == slow.value
    assert [(it.path, it.detail, it.sentence, it.node.span) for it in fast.problems] == [
        (it.path, it.detail, it.sentence, it.node.span) for it in slow.problems
    ]
    assert [(it.kind, it.path, it.known, it.key.span) for it in fast.remarks] == [
        (it.kind, it.path, it.known, it.key.span) for it in slow.remarks
    ]


def test_a_large_part_of_manifests_is_read_at_a_glance(monkeypatch):
    """Were it never so, the other tests here would say nothing."""
    monkeypatch.setattr(MANIFEST, "read", None)
    raw = b'{"Packages":{"a":{"ProductID":1}},"Secrets":{"s":{"Type":"plain","Private":"AAAA"}},"Config":{}}'
    assert gojson.decode(MANIFEST, gojson.scan(raw)).value.packages["a"].product_id == 1
