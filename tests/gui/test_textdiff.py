"""The text comparison covers both texts, in order, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from marble_console.pages.compare.textdiff import LineKind, Row, compare_lines, split_lines

LINES = st.lists(st.sampled_from(["{", "}", '"a": 1,', '"a": 2,', '"b": 1', ""]), max_size=30)


def side(rows: tuple[Row, ...], name: str) -> list[tuple[int, str]]:
    return [(s.number, s.text) for row in rows if (s := getattr(row, name)) is not None]


@given(LINES, LINES)
def test_every_line_that_is_not_folded_stands_once_and_in_order(before, after):
    rows = compare_lines("\n".join(before), "\n".join(after))
    for name, text in (("left", "\n".join(before)), ("right", "\n".join(after))):
        lines = split_lines(text)
        shown = side(rows, name)
        assert [number for number, _ in shown] == sorted({number for number, _ in shown})
        assert all(lines[number - 1] == line for number, line in shown)
        assert len(shown) + sum(row.folded for row in rows) == len(lines)


@given(LINES)
def test_equal_texts_show_no_change(lines):
    text = "\n".join(lines)
    assert {row.kind for row in compare_lines(text, text)} <= {LineKind.EQUAL, LineKind.FOLD}


def test_the_changed_run_of_a_line_is_marked():
    (row,) = compare_lines('  "SecurityVersion": 7,', '  "SecurityVersion": 12,')
    assert row.kind is LineKind.CHANGED
    assert row.left.text[slice(*row.left.run)] == "7"
    assert row.right.text[slice(*row.right.run)] == "12"


def test_equal_lines_far_from_a_change_are_folded():
    common = [f"line {n}" for n in range(20)]
    rows = compare_lines("\n".join(["old", *common]), "\n".join(["new", *common]))
    assert [row.kind for row in rows] == [LineKind.CHANGED, *[LineKind.EQUAL] * 3, LineKind.FOLD]
    assert rows[-1].folded == 17


def test_a_single_equal_line_is_not_folded():
    rows = compare_lines("a\nb", "a\nc")
    assert [row.kind for row in rows] == [LineKind.EQUAL, LineKind.CHANGED]


def test_long_lines_are_cut_for_showing():
    (row,) = compare_lines("x" * 1_000_000, "y")
    assert len(row.left.text) == 2000
