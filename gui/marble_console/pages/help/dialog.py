"""The help: contents and search at the left, a chapter of the guide at the right. It fetches nothing from anywhere."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QTextEdit, QVBoxLayout, QWidget

from marble_console.pages.help.guide import SCHEME
from marble_console.pages.help.presenter import HelpPresenter
from marble_console.pages.help.state import HelpState
from marble_console.parts import Column, Tone
from marble_console.theme import TextRole, Theme, current, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import framed
from marble_console.widgets.fields import SearchField
from marble_console.widgets.framed import Framed
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.panels import NoticePanel
from marble_console.widgets.rows import RowsView
from marble_console.words import tr

_SIZE = QSize(1060, 720)
_CONTENTS = 270  # logical pixels at body text 13
_MOST_MARKS = 500  # places that are marked; more help nobody
_HEADINGS: dict[int, TextRole] = {1: "title", 2: "sub"}


class HelpDialog(Framed):
    """Renders a HelpState beside the window, which stays usable."""

    def __init__(self, presenter: HelpPresenter, parent: QWidget | None = None) -> None:
        super().__init__(_SIZE, parent)
        self._presenter = presenter
        self._state = HelpState()
        self.setObjectName("help")
        self.setWindowTitle(tr("Help"))
        self._search = _Search(tr("Search the guide"), name="help:search")
        self._search.textChanged.connect(presenter.search)
        self._search.go_on.connect(presenter.next_hit)
        self._said = PlainLabel(role="small", colour="text3", wrap=True)
        self._contents = RowsView((Column(tr("Contents")),), name=tr("Contents"), compact=True, grouped=True)
        self._contents.setHeaderHidden(True)
        self._contents.chosen.connect(presenter.show)
        self.text = GuideText()
        self.text.anchorClicked.connect(self._follow_link)
        self._notice = NoticePanel()
        self._lay_out()
        # One page in a turn of the loop: to build them all at once would be a wait.
        self._learning = QTimer(self, interval=1)
        self._learning.timeout.connect(self._learn)
        find = QAction(tr("Search the guide"), self)
        find.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        find.triggered.connect(self._search.setFocus)
        self.addAction(find)
        presenter.attach(self)
        self._search.setFocus()
        follow(self._restyle_text)

    def show_state(self, state: HelpState) -> None:
        before, self._state = self._state, state
        self._contents.set_rows(state.rows)
        self._contents.set_current(state.current)
        self._said.setText(state.said)
        self._said.setVisible(bool(state.said))
        self._notice.setVisible(state.notice is not None)
        self.text.setVisible(state.notice is None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        else:
            if (state.chapter, state.markdown) != (before.chapter, before.markdown):
                self.text.read(state.markdown)
            if (state.current, state.words) != (before.current, before.words) or before.notice is not None:
                self.text.mark(state.words)
                self.text.go_to(state.section)
        if self._presenter.wants_keys:
            self._learning.start()

    def _learn(self) -> None:
        if self._presenter.wants_keys:
            self._presenter.learn_keys()
        else:
            self._learning.stop()

    def _follow_link(self, url: QUrl) -> None:
        if url.scheme() == SCHEME:
            place = url.path() + (f"#{url.fragment()}" if url.hasFragment() else "")
            self._presenter.show(place)

    def _lay_out(self) -> None:
        self._side, right = QWidget(), QWidget()
        self._left, inside = QVBoxLayout(self._side), QVBoxLayout(right)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.addWidget(self._search)
        self._left.addWidget(self._said)
        self._left.addWidget(framed(self._contents), 1)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(framed(self.text), 1)
        inside.addWidget(self._notice, 1, Qt.AlignmentFlag.AlignTop)
        self._row = QHBoxLayout()
        self._row.addWidget(self._side)
        self._row.addWidget(right, 1)
        self.body.addLayout(self._row, 1)
        close = Button(tr("Close"), name="help:close")
        close.clicked.connect(self.accept)
        self.foot.addStretch(1)
        self.foot.addWidget(close)

    def _restyle_text(self, theme: Theme) -> None:
        self._left.setSpacing(theme.pad(8))
        self._row.setSpacing(theme.pad(12))
        self._side.setFixedWidth(theme.icon(_CONTENTS))
        if self._state.markdown:
            self.text.read(self._state.markdown)
            self.text.mark(self._state.words)
            self.text.go_to(self._state.section)


class _Search(SearchField):
    """Return goes on to what is found next."""

    def __init__(self, placeholder: str, *, name: str) -> None:
        super().__init__(placeholder, name=name)
        self.go_on = self.returnPressed

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        super().keyPressEvent(event)
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.accept()  # a dialog would press its default button


class GuideText(QTextBrowser):
    """A chapter as it is read. It loads no resource, and opens no link by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("help:text")
        self.setAccessibleName(tr("Guide"))
        self.setOpenLinks(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._headings: list[QTextBlock] = []
        self._section = 0

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self.go_to(self._section)  # lines break elsewhere now

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802 # Qt's name
        """Nothing at all: neither a file nor an address."""
        del kind, name
        return None

    def read(self, markdown: str) -> None:
        """Show this Markdown in the look of the console; HTML in it is text."""
        theme = current()
        document = self.document()
        document.setDefaultFont(theme.font())
        document.setDocumentMargin(theme.pad(16))
        features = QTextDocument.MarkdownFeature
        document.setMarkdown(markdown, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
        self._headings = _style(document, theme)

    def mark(self, words: tuple[str, ...]) -> None:
        """Mark where these words stand."""
        theme = current()
        look = QTextCharFormat()
        look.setBackground(QColor(theme.tone(Tone.CAUTION).tint))
        look.setForeground(QColor(theme.tone(Tone.CAUTION).fg))
        marks: list[QTextEdit.ExtraSelection] = []
        for word in words:
            cursor = self.document().find(word)
            while not cursor.isNull() and len(marks) < _MOST_MARKS:
                mark = QTextEdit.ExtraSelection()
                mark.cursor, mark.format = cursor, look
                marks.append(mark)
                cursor = self.document().find(word, cursor)
        self.setExtraSelections(marks)

    def go_to(self, section: int) -> None:
        """Bring the heading of this section to the top."""
        self._section = section
        if section < len(self._headings):
            self.moveCursor(QTextCursor.MoveOperation.End)  # from below, a heading comes to the top
            self.setTextCursor(QTextCursor(self._headings[section]))
            top = self.document().documentLayout().blockBoundingRect(self._headings[section]).top()
            self.verticalScrollBar().setValue(0 if section == 0 else int(top) - current().pad(10))


def _style(document: QTextDocument, theme: Theme) -> list[QTextBlock]:
    """Give headings, code, links and tables the look of the console; returns the headings."""
    headings = []
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            headings.append(block)
            _style_heading(block, level, theme)
        elif block.blockFormat().hasProperty(int(QTextBlockFormat.Property.BlockCodeFence)):
            shape = QTextBlockFormat()
            shape.setBackground(QColor(theme.roles.sunken))
            shape.setNonBreakableLines(False)
            QTextCursor(block).mergeBlockFormat(shape)
        _style_letters(block, theme)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _style_table(frame, theme)
    return headings


def _style_heading(block: QTextBlock, level: int, theme: Theme) -> None:
    cursor = QTextCursor(block)
    cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
    look = QTextCharFormat()
    look.setFont(theme.font(_HEADINGS.get(level, "body"), 600))
    cursor.mergeCharFormat(look)
    shape = QTextBlockFormat()
    shape.setTopMargin(0 if level == 1 else theme.pad(18))
    shape.setBottomMargin(theme.pad(6))
    QTextCursor(block).mergeBlockFormat(shape)


def _style_letters(block: QTextBlock, theme: Theme) -> None:
    for start, length, before in _fragments(block):
        look = QTextCharFormat()
        if before.fontFixedPitch():
            mono = theme.mono()
            look.setFontFamilies([mono.family()])
            look.setFontPointSize(mono.pointSizeF())
        if before.isAnchor():
            look.setForeground(QColor(theme.roles.accent_text))
        if look.propertyCount():
            cursor = QTextCursor(block)
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(look)


def _fragments(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """Where each run of letters of one look begins, how long it is, and its look. A change of looks ends an iterator."""
    found = []
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        found.append((fragment.position(), fragment.length(), fragment.charFormat()))
        iterator += 1
    return found


def _style_table(table: QTextTable, theme: Theme) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QColor(theme.roles.border))
    shape.setBorderCollapse(True)
    shape.setCellPadding(theme.pad(5))
    shape.setCellSpacing(0)
    shape.setTopMargin(theme.pad(6))
    shape.setBottomMargin(theme.pad(10))
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)
