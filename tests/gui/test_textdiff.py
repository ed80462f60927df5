"""The text comparison covers both texts, in order, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from marble_console.pages.compare.textdiff import LineKind, Row, Text, split_lines
from marble_console.pages.compare.textdiff import compare_lines as compare_texts
from marble_core.manifest.review import HIDDEN

LINES = st.lists(st.sampled_from(["{", "}", '"a": 1,', '"a": 2,', '"b": 1', ""]), max_size=30)


def compare_lines(before: str, after: str, **options) -> tuple[Row, ...]:
    return compare_texts(Text.of(before), Text.of(after), **options)


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


def test_a_change_far_into_a_long_line_is_in_sight():
    before = "x" * 5_000_000 + "7" + "y" * 50
    (row,) = compare_lines(before, before.replace("7", "12"))
    assert row.left.text[slice(*row.left.run)] == "7"
    assert row.right.text[slice(*row.right.run)] == "12"
    assert row.left.text.startswith("… xxx")


def test_what_is_masked_differs_all_the_same_and_is_not_shown():
    shown = f'"Private": "{HIDDEN}",'
    (row,) = compare_texts(Text.of('"Private": "b25l",', shown), Text.of('"Private": "dHdv",', shown))
    assert (row.kind, row.left.text, row.right.text) == (LineKind.CHANGED, shown, shown)
    assert row.right.text[slice(*row.right.run)] == HIDDEN


def test_without_folding_every_line_has_a_row():
    common = [f"line {n}" for n in range(20)]
    rows = compare_lines("\n".join(["old", *common]), "\n".join(["new", *common]), fold=False)
    assert len(rows) == 21


def test_a_line_put_in_between_makes_no_other_line_differ_in_a_long_text():
    lines = [f'"name-{n}": {{' if n % 2 else "}," for n in range(5000)]
    edited = [*lines[:100], "new", *lines[100:3000], *lines[3001:4500], "changed", *lines[4501:]]
    rows = compare_lines("\n".join(lines), "\n".join(edited))
    kinds = [row.kind for row in rows if row.kind not in {LineKind.EQUAL, LineKind.FOLD}]
    assert kinds == [LineKind.ADDED, LineKind.REMOVED, LineKind.CHANGED]
