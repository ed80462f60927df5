"""The scanner accepts what Go's decoder accepts, and knows where everything stands."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_core.gojson import (
    MAX_DEPTH,
    Array,
    Bool,
    GoJsonError,
    Node,
    Null,
    Number,
    Object,
    Position,
    String,
    scan,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=25,
)
LAYOUTS = st.sampled_from([None, 0, 1, "\t", " \r\n"])


def plain(node: Node):
    match node:
        case Null():
            return None
        case Bool() | String():
            return node.value
        case Number():
            return json.loads(node.literal)
        case Array():
            return [plain(item) for item in node.items]
        case Object():
            return {key.value: plain(value) for key, value in node.members}


def every_node(node: Node):
    yield node
    if isinstance(node, Array):
        for item in node.items:
            yield from every_node(item)
    if isinstance(node, Object):
        for key, value in node.members:
            yield key
            yield from every_node(value)


@given(VALUES, LAYOUTS, st.booleans())
def test_what_python_writes_is_read_alike(value, indent, ascii_only):
    raw = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    assert plain(scan(raw)) == value


@given(VALUES, LAYOUTS)
def test_spans_slice_back_to_the_text(value, indent):
    text = json.dumps(value, indent=indent)
    for node in every_node(scan(text.encode())):
        assert json.loads(text[node.start : node.end]) == plain(node)
        assert node.text == text[node.start : node.end]
        start = node.span.start
        assert start.line == text.count("\n", 0, node.start) + 1
        assert start.column == node.start - (text.rfind("\n", 0, node.start) + 1) + 1


@given(
    st.binary()
    | st.text(alphabet='{}[]":,\\u0019eE.+-truefalsn \n\ud800', max_size=30).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
)
def test_any_bytes_give_a_tree_or_a_clean_error(raw):
    try:
        plain(scan(raw))
    except GoJsonError as error:
        refused = error
    else:
        return
    assert refused.message
    assert refused.sentence.endswith(".")
    assert 0 <= refused.span.start.offset <= refused.span.end.offset


@given(st.text(alphabet='{}[]":,\\/bu0d8c19eE.+-truefalsn \n', max_size=16))
def test_what_python_refuses_is_refused_and_the_reverse(text):
    def constant(name):
        raise ValueError(name)

    def accepted_by_python():
        try:
            json.loads(text, parse_constant=constant)
        except ValueError:
            return False
        return True

    try:
        scan(text.encode())
    except GoJsonError:
        assert not accepted_by_python()
    else:
        assert accepted_by_python()


@given(st.text(), st.data())
def test_characters_of_a_text_are_found_behind_escapes(value, data):
    node = scan(json.dumps(value).encode())
    first = data.draw(st.integers(0, len(value)))
    last = data.draw(st.integers(first, len(value)))
    span = node.span_within(first, last)
    written = node.source.text[span.start.offset : span.end.offset]
    assert json.loads(f'"{written}"') == value[first:last]


def test_duplicates_keep_their_order():
    keys = [(key.value, value.text) for key, value in scan(b'{"a":1,"b":2,"a":3}').members]
    assert keys == [("a", "1"), ("b", "2"), ("a", "3")]


@pytest.mark.parametrize("literal", ["-0", "1.0", "1e2", "10000000000000000000000000001", "0.1E-7"])
def test_numbers_stay_as_written(literal):
    assert scan(literal.encode()).literal == literal


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\ud800"', "\ufffd"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud800\u0041"', "\ufffdA"),
        (b'"\xff\xfe"', "\ufffd\ufffd"),
        (b'"\xf0\x9f\x98"', "\ufffd\ufffd\ufffd"),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
        (rb'"\"\\\/\b\f\n\r\t"', '"\\/\b\f\n\r\t'),
    ],
)
def test_text_that_is_none_becomes_replacement_characters(raw, value):
    assert scan(raw).value == value


@pytest.mark.parametrize(
    ("raw", "message", "line", "column"),
    [
        (b"", "unexpected end of JSON input", 1, 1),
        (b" \n ", "unexpected end of JSON input", 2, 2),
        (b'{"a":1', "unexpected end of JSON input", 1, 7),
        (b'{"a":1,\n}', "invalid character '}' looking for beginning of object key string", 2, 1),
        (b"[1,]", "invalid character ']' looking for beginning of value", 1, 4),
        (b"[1 2]", "invalid character '2' after array element", 1, 4),
        (b'{"a" 1}', "invalid character '1' after object key", 1, 6),
        (b'{"a":1]', "invalid character ']' after object key:value pair", 1, 7),
        (b"{} x", "invalid character 'x' after top-level value", 1, 4),
        (b"{}{}", "invalid character '{' after top-level value", 1, 3),
        (b"nulx", "invalid character 'x' in literal null (expecting 'l')", 1, 4),
        (b"021", "invalid character '2' in numeric literal", 1, 2),
        (b"1.x", "invalid character '.' in numeric literal", 1, 2),
        (b"-x", "invalid character 'x' in numeric literal", 1, 2),
        (rb'"\x"', "invalid character 'x' in string escape code", 1, 3),
        (rb'"\u12g4"', r"invalid character 'g' in \u hexadecimal character escape", 1, 6),
        (b'"a\x01"', r"invalid character '\x01' in string literal", 1, 3),
        (b"\xef\xbb\xbf{}", r"invalid character '\ufeff' looking for beginning of value", 1, 1),
        (b"// note\n{}", "invalid character '/' looking for beginning of value", 1, 1),
        (b"{'a':1}", r"invalid character '\'' looking for beginning of object key string", 1, 2),
        (b"NaN", "invalid character 'N' looking for beginning of value", 1, 1),
        (b"\xc2\xa0{}", r"invalid character '\xa0' looking for beginning of value", 1, 1),
    ],
)
def test_a_broken_text_is_refused_where_it_breaks(raw, message, line, column):
    with pytest.raises(GoJsonError) as refused:
        scan(raw)
    start = refused.value.span.start
    assert (refused.value.message, start.line, start.column) == (message, line, column)


@pytest.mark.parametrize(
    ("raw", "hint"),
    [(b"[1,]", "comma"), (b"\xef\xbb\xbf{}", "byte order mark"), (b"/* */", "comments"), (b"[True]", "True")],
)
def test_common_mistakes_get_a_hint(raw, hint):
    with pytest.raises(GoJsonError) as refused:
        scan(raw)
    assert hint in refused.value.hint


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 100_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_ends_at_ten_thousand(depth, opening):
    raw = opening * (depth - 1) + (b"[]" if opening == b"[" else b"{}")
    raw += (b"]" if opening == b"[" else b"}") * (depth - 1)
    began = time.process_time()
    if depth <= MAX_DEPTH:
        scan(raw)
    else:
        with pytest.raises(GoJsonError, match="10000"):
            scan(raw)
    assert time.process_time() - began < 5  # hundredths as it is; without limits: minutes


def test_a_place_tells_line_and_column_in_characters():
    tree = scan('{\n "ä": {"ö": 1}}'.encode())
    _, inner = next(tree.members)
    key, value = next(inner.members)
    assert key.span.start == Position(9, 2, 8)
    assert value.span.end == Position(15, 2, 14)


@given(st.lists(st.sampled_from(['"', "\\", "u", "1", "g", "n", "\n", "]", ","]), max_size=12).map("".join))
def test_a_string_with_escapes_is_accepted_exactly_when_json_accepts_it(inside):
    """Python before 3.11.5 loses its way in some patterns at a broken escape (gh-106052)."""
    raw = f'["{inside}"]'.encode()
    try:
        json.loads(raw)
    except ValueError:
        with pytest.raises(GoJsonError):
            scan(raw)
    else:
        scan(raw)


@pytest.mark.parametrize("raw", [rb'["\u", 1]', rb'{"\u":1}', rb'{"a":"\u1","b":2}'])
def test_half_an_escape_ends_no_string(raw):
    with pytest.raises(GoJsonError, match="hexadecimal"):
        scan(raw)
