"""The help: the guide as it is packaged, read and searched without leaving it, and the shortcuts as they really are."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QShortcut, QTextDocument

from marble_console.assets import guide_folder
from marble_console.navigation import Place
from marble_console.page import Page
from marble_console.pages.help.dialog import GuideText, HelpDialog
from marble_console.pages.help.guide import FIRST, GuideUnreadable, chapter, found, read_guide
from marble_console.pages.help.presenter import HelpPresenter
from marble_console.pages.help.topics import SHORTCUTS, TOPICS, Keys, shortcuts_chapter
from marble_console.tasks import InlineRunner


@pytest.fixture(scope="module")
def guide():
    return read_guide(guide_folder)


class Pages:
    """Two pages, the keys of which are known one after the other."""

    def __init__(self):
        self.asked = 0

    def known(self):
        groups = (Keys("Everywhere", (("Ctrl+K", "Search"),)), Keys("Manifest", (("F8", "Next | problem"),)))
        return groups[: 1 + self.asked]

    def learn(self):
        self.asked += 1
        return self.asked == 1


@pytest.fixture
def helped():
    return HelpPresenter(guide_folder, Pages(), InlineRunner(), TOPICS[Place.SECRETS])


def keys_of(chapters):
    return {each.key for one in chapters for each in one.sections}


# -- the guide ----------------------------------------------------------------------------------------------------
def test_every_page_has_its_section(guide):
    assert set(TOPICS) == set(Place)
    assert set(TOPICS.values()) <= keys_of(guide)


def test_every_file_of_the_guide_is_a_chapter_and_the_first_one_comes_first(guide):
    assert {one.key for one in guide} == {path.stem for path in guide_folder().glob("*.md")}
    assert guide[0].key == FIRST


def test_every_link_that_is_left_leads_to_a_section(guide):
    links = {link for one in guide for link in re.findall(r"\]\(([^)]+)\)", one.markdown)}
    assert links
    assert {link.removeprefix("help:") for link in links} <= keys_of(guide)


def test_what_leads_out_of_the_guide_is_text_and_pictures_are_left_out():
    text = "# Title\n![A picture](../images/x.png)\n[away](https://example.org) [file](../security.md) [on](#end)\n## The end: 1\n"
    one = chapter("a", text, known={"a"})
    assert one.sections[0].text == "away file [on](help:a#end)\n"
    assert [each.key for each in one.sections] == ["a", "a#the-end-1"]


def test_what_looks_like_a_heading_or_a_link_in_code_is_code():
    one = chapter("a", "# Title\n```\n# no heading\n[no](link)\n```\n", known={"a"})
    assert [each.title for each in one.sections] == ["Title"]
    assert "[no](link)" in one.sections[0].text


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "no text"])
def test_a_guide_that_cannot_be_read_is_said_and_the_shortcuts_are_there(tmp_path, content):
    if content is not None:
        (tmp_path / "README.md").write_bytes(content)
    with pytest.raises(GuideUnreadable):
        read_guide(lambda: tmp_path)
    presenter = HelpPresenter(lambda: tmp_path, Pages(), InlineRunner(), FIRST)
    assert presenter.state.notice.title == "The guide cannot be read."
    presenter.show(SHORTCUTS)
    assert presenter.state.notice is None


def test_a_lost_folder_is_said(tmp_path):
    def lost() -> Path:
        raise FileNotFoundError("gone")

    assert HelpPresenter(lost, Pages(), InlineRunner(), FIRST).state.notice is not None


def test_sections_are_found_by_all_their_words_and_titles_come_first(guide):
    hits = found(guide, "OTHER root")
    assert hits[0].title == "Another root"
    assert all("other" in each.plain and "root" in each.plain for each in hits)
    assert found(guide, "frobnicate") == ()


# -- what is shown ------------------------------------------------------------------------------------------------
def test_help_begins_at_the_section_of_the_page(helped):
    assert (helped.state.current, helped.state.chapter, helped.state.section) == ("secrets", "secrets", 0)
    helped.show("secrets#export-some")
    assert helped.state.section > 0
    helped.show("secrets#gone")
    assert helped.state.current == "secrets"
    helped.show("nowhere")
    assert helped.state.current == "secrets"


def test_a_search_leaves_what_was_found_and_return_goes_through_it(helped):
    helped.search("clipboard")
    hits = [each.key for each in helped._hits()]
    assert len(hits) > 1
    assert helped.state.said == f"{len(hits)} sections found"
    assert helped.state.current in hits
    read = [helped.state.current]
    for _ in hits[1:]:
        helped.next_hit()
        read.append(helped.state.current)
    assert sorted(read) == sorted(hits)
    helped.search("frobnicate")
    assert (helped.state.rows, helped.state.said) == ((), "Nothing in the guide holds “frobnicate”.")
    helped.search("")
    assert helped.state.rows[0].key == FIRST


def test_shortcuts_are_asked_of_one_page_after_the_other_once_they_are_looked_at(helped):
    assert not helped.wants_keys
    helped.show(SHORTCUTS)
    assert helped.wants_keys
    assert "Being put together" in helped.state.markdown
    helped.learn_keys()
    assert not helped.wants_keys
    assert "| F8 | Next \\| problem |" in helped.state.markdown
    assert "Being put together" not in helped.state.markdown


def test_a_page_tells_the_keys_of_its_own_actions(theme, qtbot):
    page = Page()
    qtbot.addWidget(page)
    named = QAction("Save && go…", page)
    named.setShortcut("Ctrl+S")
    page.addAction(named)
    page.addAction(QAction("Without a key", page))
    QShortcut("Ctrl+Shift+C", page).setWhatsThis("Copy the value")
    QShortcut("Ctrl+J", page)
    assert page.shortcuts() == (("Ctrl+S", "Save & go"), ("Ctrl+Shift+C", "Copy the value"))


# -- the window ---------------------------------------------------------------------------------------------------
@pytest.fixture
def dialog(theme, qtbot, helped):
    dialog = HelpDialog(helped)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def test_the_guide_is_searched_and_read_from_the_keyboard(qtbot, dialog, helped):
    search = dialog.focusWidget()
    qtbot.keyClicks(search, "clipboard")
    assert dialog.text.extraSelections()
    first = helped.state.current
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert helped.state.current != first
    assert dialog.isVisible()
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert helped.state.said == ""
    assert dialog.isVisible()
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_link_leads_to_its_section_and_no_other_is_followed(qtbot, dialog, helped):
    dialog.text.anchorClicked.emit(QUrl("help:secrets#export-some"))
    assert helped.state.current == "secrets#export-some"
    qtbot.waitUntil(lambda: dialog.text.verticalScrollBar().value() > 0)
    for away in ("https://example.org", "file:///etc/passwd", "settings.md"):
        dialog.text.anchorClicked.emit(QUrl(away))
        assert helped.state.current == "secrets#export-some"
    assert not dialog.text.openLinks()


def test_the_text_loads_nothing_and_reads_no_html(theme, qtbot, tmp_path):
    picture = tmp_path / "x.png"
    picture.write_bytes(b"not read")
    text = GuideText()
    qtbot.addWidget(text)
    text.read(f"# A\n\n![x]({picture.as_uri()}) <b>bold</b> <img src='{picture.as_uri()}'>\n")
    kinds = QTextDocument.ResourceType
    assert text.loadResource(kinds.ImageResource.value, QUrl.fromLocalFile(str(picture))) is None
    assert "<b>bold</b>" in text.toPlainText()


def test_a_table_of_shortcuts_is_text_whatever_an_action_is_called(theme, qtbot):
    text = GuideText()
    qtbot.addWidget(text)
    text.read(shortcuts_chapter([Keys("P", (("Ctrl+*", "<i>a</i> | [b](c) _d_"),))], complete=True).markdown)
    assert "<i>a</i> | [b](c) _d_" in text.toPlainText()
    assert "Ctrl+*" in text.toPlainText()
