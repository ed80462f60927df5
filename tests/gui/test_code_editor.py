"""The code editor by itself: places, edits, folding, brackets, completion, search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest

from marble_console.theme import current
from marble_console.widgets.code_editor import Choice, CodeEditor, EditorColours, FindBar, Mark
from marble_console.widgets.code_editor.brackets import Bracket, end_of_block, partner
from marble_console.widgets.code_editor.places import as_changes, characters, difference, units
from marble_console.widgets.code_editor.search import expanded
from marble_console.widgets.code_editor.tokens import MAX_COLUMNS, Token
from marble_console.widgets.code_editor.yamltokens import yaml_tokens

TEXT = '{\n  "a": {\n    "b": [\n      1\n    ]\n  },\n  "c": "}{"\n}\n'
COLOURS = EditorColours(*["#ffffff"] * 10, tokens=dict.fromkeys(Token, "#000000"))
TEXTS = st.text(alphabet="ab😀\né", max_size=12)


@pytest.fixture
def editor(qtbot, theme):
    editor = CodeEditor(COLOURS, current().mono())
    qtbot.addWidget(editor)
    editor.resize(600, 400)
    editor.set_text(TEXT)
    with qtbot.waitExposed(editor):
        editor.show()
    editor.activateWindow()
    editor.setFocus()
    return editor


def visible_lines(editor):
    block, lines = editor.document().firstBlock(), []
    while block.isValid():
        if block.isVisible():
            lines.append(block.text())
        block = block.next()
    return lines


@given(TEXTS, st.integers(0, 12))
def test_characters_and_units_lead_to_each_other(text, at):
    at = min(at, len(text))
    count = units(text, at)
    assert count == len(text[:at].encode("utf-16-le")) // 2
    assert characters(text, count) == at


@given(TEXTS, TEXTS)
def test_the_difference_of_two_texts_makes_one_of_the_other(old, new):
    start, end, text = difference(old, new)
    assert old[:start] + text + old[end:] == new


def test_edits_are_one_step_to_undo(editor):
    editor.apply_edits([(0, 0, "😀"), (2, 3, "x"), (len(TEXT), len(TEXT), "!")])
    assert editor.toPlainText() == "😀" + TEXT[:2] + "x" + TEXT[3:] + "!"
    editor.undo()
    assert editor.toPlainText() == TEXT


def test_edits_behind_characters_outside_the_basic_plane_meet_their_place(editor):
    editor.set_text('"😀😀" "x"')
    editor.apply_edits([(6, 7, "y")])
    assert editor.toPlainText() == '"😀😀" "y"'
    assert as_changes('"😀"x', [(3, 4, "y")]) == ((4, 5, "y"),)


def test_lines_and_columns_count_characters(editor):
    editor.set_text('{\n"😀": x}')
    editor.go_to(2, 6)
    assert editor.place() == (2, 6)
    assert editor.textCursor().block().text()[editor.place()[1] - 1] == "x"


def test_a_text_becomes_another_by_a_step_that_can_be_undone(editor):
    assert editor.change_to(TEXT.replace("1", "234"))
    assert "234" in editor.toPlainText()
    editor.undo()
    assert editor.toPlainText() == TEXT


def test_a_fold_hides_what_is_inside_and_the_place_asked_for_opens_it(editor):
    editor.folding.fold(editor.document().findBlockByNumber(1))
    assert visible_lines(editor) == ["{", '  "a": {', "  },", '  "c": "}{"', "}", ""]
    editor.go_to(4, 1)
    assert visible_lines(editor) == TEXT.split("\n")


def test_folding_by_key_takes_the_block_around_the_cursor(editor):
    editor.go_to(4, 1)
    editor.folding.fold_around(editor.textCursor())
    assert "      1" not in visible_lines(editor)
    assert editor.place()[0] == 3
    editor.folding.unfold(editor.textCursor().block())
    assert visible_lines(editor) == TEXT.split("\n")


@pytest.mark.parametrize(
    ("line", "column", "other"),
    [
        (0, 0, (7, 0)),
        (7, 1, (0, 0)),
        (1, 7, (5, 2)),
        (2, 10, (4, 4)),
        (5, 3, (1, 7)),
        (6, 8, None),
        (3, 6, None),
    ],
)
def test_a_bracket_knows_its_other_one(line, column, other):
    lines = TEXT.split("\n")
    found = partner(lambda at: lines[at] if 0 <= at < len(lines) else None, line, column)
    assert (found and found[1][:2]) == other


def test_brackets_too_far_away_are_not_looked_for():
    assert partner(lambda at: "[" if at == 0 else "1", 0, 0) is None
    assert end_of_block(lambda at: "{" if at == 0 else "", 0, most=100) is None
    assert Bracket(0, 0, "{")


def test_the_cursor_goes_to_the_other_bracket(editor):
    editor.go_to(2, 8)
    editor.go_to_bracket()
    assert editor.place() == (6, 3)


def test_a_new_line_is_indented_and_opens_a_block(editor):
    editor.set_text('{\n  "a": {}\n}')
    editor.go_to(2, 9)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.toPlainText() == '{\n  "a": {\n    \n  }\n}'
    assert editor.place() == (3, 5)


def test_a_problem_explains_itself_when_hovered(editor):
    editor.set_marks([Mark(2, 3, 2, 6, "#ff0000", "R5: wrong", QPixmap(8, 8))])
    editor.explain = lambda line, column: f"{line}:{column}"
    assert editor.hover_text(2, 4) == "R5: wrong"
    assert editor.hover_text(3, 1) == "3:1"


def test_a_completion_is_chosen_by_key_and_undone_in_one_step(editor, qtbot):
    editor.go_to(4, 7)
    with qtbot.waitSignal(editor.completion_wanted):
        QTest.keyClick(editor, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    at = TEXT.index("1")
    editor.offer([Choice("one", "one", at, at + 1), Choice("two", "two", at, at + 1, "the second")])
    assert editor.popup.isVisible()
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.toPlainText() == TEXT.replace("1", "two")
    assert not editor.popup.isVisible()
    editor.undo()
    assert editor.toPlainText() == TEXT


def test_escape_closes_completions_and_typing_asks_anew(editor, qtbot):
    editor.offer([Choice("one", "one", 0, 0)])
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.popup.isVisible()
    editor.offer([Choice("one", "one", 0, 0)])
    with qtbot.waitSignal(editor.completion_wanted):
        QTest.keyClicks(editor, "o")


@pytest.fixture
def bar(qtbot, editor):
    bar = FindBar()
    qtbot.addWidget(bar)
    bar.resize(900, 80)
    bar.show()
    bar.open_on(editor, replace=True)
    bar.activateWindow()
    bar.field.setFocus()
    return bar


def look_for(qtbot, bar, text, *, regex=False):
    bar._regex.setChecked(regex)
    bar.field.setText(text)
    bar._search()
    qtbot.waitUntil(lambda: bar._searcher.is_done)


def test_hits_are_counted_and_stepped_through(qtbot, editor, bar):
    editor.set_text("ab AB\nab 😀ab")
    look_for(qtbot, bar, "ab")
    assert bar._count.text() == "1 of 4"
    bar.step(-1)
    assert bar._count.text() == "4 of 4"
    assert editor.textCursor().selectedText() == "ab"
    bar._case.setChecked(True)
    qtbot.waitUntil(lambda: bar._count.text() == "1 of 3")


def test_a_pattern_replaces_with_its_groups_in_one_step(qtbot, editor, bar):
    editor.set_text("k1=v1\nk2=v2\n")
    look_for(qtbot, bar, r"(\w+)=(\w+)", regex=True)
    bar.replacement.setText("$2<-$1 $$")
    bar.replace_all()
    assert editor.toPlainText() == "v1<-k1 $\nv2<-k2 $\n"
    editor.undo()
    assert editor.toPlainText() == "k1=v1\nk2=v2\n"


def test_one_hit_is_replaced_and_the_next_is_shown(qtbot, editor, bar):
    editor.set_text("a a a")
    look_for(qtbot, bar, "a")
    bar.replacement.setText("aa")
    bar.replace()
    qtbot.waitUntil(lambda: bar._searcher.is_done)
    assert editor.toPlainText() == "aa a a"
    assert editor.textCursor().position() == 4


def test_what_is_no_pattern_is_said(qtbot, bar):
    look_for(qtbot, bar, "(", regex=True)
    assert bar._count.text().startswith("No pattern: ")


def test_a_pattern_that_explodes_comes_to_an_end(qtbot, editor, bar):
    editor.set_text("a" * 5000 + "b")
    look_for(qtbot, bar, r"(a+)+$", regex=True)
    assert bar._searcher.hits == []


def test_groups_that_there_are_not_stay_as_they_are_written():
    assert expanded("$0-$3-$x-$", ["all"]) == "all-$3-$x-$"


def test_escape_gives_the_keyboard_back(qtbot, bar):
    with qtbot.waitSignal(bar.closed):
        QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()


@pytest.mark.parametrize(
    ("line", "coloured"),
    [
        ("  SignerID: a7a7", [("SignerID", Token.KEY)]),
        ("  - Port: 7  # mine", [("-", Token.MARK), ("Port", Token.KEY), ("7", Token.NUMBER), ("# mine", Token.MARK)]),
        ("a: http://x:80", [("a", Token.KEY)]),
        ("'a b': \"x {{ y }}\"", [("'a b'", Token.KEY), ('"x ', Token.STRING), ("{{ y }}", Token.TEMPLATE), ('"', Token.STRING)]),
        ("{B: true}", [("{", Token.MARK), ("B", Token.KEY), ("true", Token.WORD), ("}", Token.MARK)]),
        ("/etc/k: {{ raw .S }}", [("/etc/k", Token.KEY), ("{{ raw .S }}", Token.TEMPLATE)]),
    ],
)  # fmt: skip
def test_yaml_is_coloured_as_yaml(line, coloured):
    assert [(line[it.start : it.start + it.length], it.token) for it in yaml_tokens(line)] == coloured


def test_a_long_line_of_yaml_takes_few_steps():
    assert not list(yaml_tokens("word " * MAX_COLUMNS))


def test_what_is_gone_to_comes_to_the_middle(editor):
    editor.set_text("\n".join(f"line {at}" for at in range(400)))
    editor.go_to(200, 1)
    middle = editor.viewport().height() // 2
    assert abs(editor.cursorRect().center().y() - middle) < 3 * editor.fontMetrics().lineSpacing()
