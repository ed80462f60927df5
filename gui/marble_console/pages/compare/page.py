"""The compare page: two pickers, the changes as a tree, the texts, and what it all means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from marble_console.page import Page
from marble_console.pages.compare.exporting import Export
from marble_console.pages.compare.presenter import ComparePresenter
from marble_console.pages.compare.sources import Ask
from marble_console.pages.compare.state import CompareState
from marble_console.pages.compare.views.header import CompareHeader
from marble_console.pages.compare.views.meaning import MeaningPane
from marble_console.pages.compare.views.text import TextDiffView
from marble_console.pages.compare.views.toolbar import CompareToolbar
from marble_console.parts import BannerState, Column
from marble_console.shell_state import StatusText
from marble_console.theme import Theme, current, follow
from marble_console.widgets.banner import Banner
from marble_console.widgets.button import IconButton
from marble_console.widgets.card import clear
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line
from marble_console.widgets.panels import NoticePanel, Skeleton
from marble_console.widgets.rows.view import RowsView
from marble_console.widgets.segments import Segments
from marble_console.words import tr

_ROOM_FOR_PANE = 860  # logical pixels at body text 13; below, changes and meaning take turns


class ComparePage(Page):
    """Renders a CompareState. `ask_history` lets the operator choose an earlier manifest for a side (True: before), and
    `ask_pending` fetches the one that waits.
    """

    def __init__(
        self,
        presenter: ComparePresenter,
        ask_history: Callable[[bool], None] = lambda _: None,
        ask_pending: Callable[[bool], None] = lambda _: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page:compare")
        self._presenter = presenter
        self._ask_history = ask_history
        self._ask_pending = ask_pending
        self._state = CompareState()
        self._banner: BannerState | None = None
        self._told = ""
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._show_rest)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(presenter.tick)
        self._build()
        self._make_actions()
        follow(self._restyle)
        presenter.attach(self)

    # -- building -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        # Each part is born where it belongs: what finds another parent is styled a second time.
        self._header = CompareHeader(self)
        self._header.before.connect(lambda key: self._choose(key, on_before=True))
        self._header.after.connect(lambda key: self._choose(key, on_before=False))
        self._header.swapped.connect(self._presenter.swap)
        self._header.exported.connect(self._export)
        self._header.update_file_wanted.connect(self._save_update)
        self._header.deploy_wanted.connect(self._presenter.deploy)
        self._toolbar = CompareToolbar(self)
        self._toolbar.filtered.connect(self._presenter.filter)
        self._toolbar.stepped.connect(self._step)
        self._toolbar.reveal_wanted.connect(self._reveal)
        self._banners = QVBoxLayout()
        self._notice = NoticePanel(parent=self)
        self._notice.chosen.connect(lambda _: self.ask_for_file())
        self._skeleton = Skeleton(6, parent=self)
        self._tab_bar = QWidget(self)
        self._tabs = Segments(
            (("changes", tr("Changes")), ("text", tr("Text")), ("meaning", tr("Summary"))),
            name="compare:part",
            parent=self._tab_bar,
        )
        self._tabs.chosen.connect(lambda _: self._arrange())
        self._tab_row = QHBoxLayout(self._tab_bar)
        self._tab_row.addWidget(self._tabs)
        self._tab_row.addStretch(1)
        self._toolbar_line = Line(parent=self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._header)
        outer.addWidget(Line(parent=self))
        outer.addLayout(self._banners)
        outer.addWidget(self._toolbar)
        outer.addWidget(self._tab_bar)
        outer.addWidget(self._toolbar_line)
        outer.addWidget(self._notice)
        outer.addWidget(self._skeleton)
        outer.addWidget(self._build_views(), 1)
        outer.addStretch(0)

    def _build_views(self) -> QWidget:
        self._main = QWidget(self)
        self._main.setVisible(False)
        self._left_out = PlainLabel(colour="text2", wrap=True)
        self.tree = RowsView(
            (
                Column(tr("Path")),
                Column("", 34),
                Column(tr("Before"), 150),
                Column(tr("After"), 210),
                Column(tr("Review"), 108),
            ),
            name=tr("Changes"),
            compact=True,
            grouped=True,
        )
        self.tree.chosen.connect(self._row_chosen)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_row_menu)
        self._structure = QWidget()
        column = QVBoxLayout(self._structure)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._left_out)
        column.addWidget(self.tree, 1)
        self._views = QSplitter(Qt.Orientation.Vertical, self._main)
        self._views.setChildrenCollapsible(False)
        self._views.addWidget(self._structure)
        self._views.addWidget(self._build_texts())
        self._views.setSizes([360, 240])
        self._pane = MeaningPane(self._main)
        self._pane.chosen.connect(self._go_to)
        self._pane_line = Line(vertical=True, parent=self._main)
        row = QHBoxLayout(self._main)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._views, 1)
        row.addWidget(self._pane_line)
        row.addWidget(self._pane)
        return self._main

    def _build_texts(self) -> QWidget:
        self.text = TextDiffView()
        self.text.chosen.connect(self._line_chosen)
        self._text_title = PlainLabel(tr("Text"), "small", "text2", weight=600)
        self._text_place = PlainLabel("", "small", "text3", elide=Qt.TextElideMode.ElideMiddle)
        self._fold = IconButton("equal", tr("Show equal lines"), name="compare:fold")
        self._fold.clicked.connect(lambda: self._presenter.set_folded(not self._state.folded))
        self._form = Segments(
            (("beside", tr("Side by side")), ("unified", tr("Unified"))), name="compare:text-form"
        )
        self._form.chosen.connect(lambda key: self.text.set_unified(key == "unified"))
        self._text_head = QHBoxLayout()
        self._text_head.addWidget(self._text_title)
        self._text_head.addWidget(self._text_place, 1)
        self._text_head.addWidget(self._fold)
        self._text_head.addWidget(self._form)
        self._texts = QWidget()
        column = QVBoxLayout(self._texts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._text_head)
        column.addWidget(Line())
        column.addWidget(self.text, 1)
        return self._texts

    def _make_actions(self) -> None:
        for text, shortcut, slot in (
            (tr("Next change"), "Alt+Down", lambda: self._step(1)),
            (tr("Previous change"), "Alt+Up", lambda: self._step(-1)),
            (tr("Find in changes"), "Ctrl+F", self._search),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(shortcut))
            action.triggered.connect(lambda _=False, slot=slot: slot())
            self.addAction(action)
        mark = QAction(tr("Mark as reviewed"), self.tree)
        mark.setShortcut(QKeySequence("Space"))
        mark.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        mark.triggered.connect(self._mark)
        self.tree.addAction(mark)

    # -- showing --------------------------------------------------------------------------------------------------
    def show_state(self, state: CompareState) -> None:
        self._state = state
        self._header.show_state(state)
        self._toolbar.show_state(state)
        self._toolbar.setVisible(bool(state.counts))
        self._toolbar_line.setVisible(bool(state.counts))
        self._show_banner(state.banner)
        self._notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self._notice.set_notice(state.notice)
        self._skeleton.setVisible(state.comparing)
        self._left_out.setText(state.left_out or state.nothing_left)
        self._left_out.setVisible(bool(self._left_out.text()))
        self.tree.set_rows(state.rows)
        self.tree.setVisible(bool(state.rows))
        self.text.set_texts(state.texts)
        self._fold.set_icon_name(
            "equal", tr("Show equal lines") if state.folded else tr("Leave out equal lines")
        )
        self._show_row(self.tree.current_key())
        if bool(state.revealed) != self._second.isActive():
            (self._second.start if state.revealed else self._second.stop)()
        self._arrange()
        self._rest.start()
        self.status_changed.emit()

    def told(self, sentence: str) -> None:
        """Say in the status bar what was done."""
        self._told = sentence
        self.status_changed.emit()

    def activated(self) -> None:
        self._presenter.activated()

    def deactivated(self) -> None:
        self._presenter.hide_values()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 # Qt's name
        super().changeEvent(event)
        # Whoever turns to another window no longer looks at the value; somebody else may.
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._presenter.hide_values()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._arrange()

    def status_left(self) -> Sequence[StatusText]:
        texts = [StatusText(self._state.verdict, "equal")] if self._state.verdict else []
        return (*texts, *((StatusText(self._told, "check"),) if self._told else ()))

    def status_right(self) -> Sequence[StatusText]:
        return (StatusText(tr("Alt+↓ next · Space reviewed")),) if self._state.rows else ()

    def _show_banner(self, banner: BannerState | None) -> None:
        if banner == self._banner:
            return
        self._banner = banner
        clear(self._banners)
        if banner is not None:
            shown = Banner(banner)
            shown.chosen.connect(self._banner_chosen)
            self._banners.addWidget(shown)

    def _banner_chosen(self, key: str) -> None:
        if key == "follow":
            self._presenter.follow()
        else:
            self._presenter.dismiss()

    def _show_rest(self) -> None:
        """Show what stays hidden at first, a part a turn: all of it at once would hold the window up for too long."""
        if self._main.isHidden() and self._has_views:
            self._main.setVisible(True)
            self._rest.start()
        elif self._pane.show_meaning(self._state.meaning):
            self._arrange()

    @property
    def _has_views(self) -> bool:
        return bool(self._state.texts.beside.rows) and not self._state.comparing

    def _arrange(self) -> None:
        """Changes, texts and meaning together where there is room, else one at a time."""
        state = self._state
        narrow = self.width() < current().text(_ROOM_FOR_PANE)
        means = bool(state.meaning.effects or state.meaning.note)
        in_turns = narrow and means and bool(state.counts)
        part = self._tabs.current() if in_turns else ""
        self._tab_bar.setVisible(in_turns)
        self._structure.setVisible(bool(state.counts) and part in {"", "changes"})
        self._texts.setVisible(part in {"", "text"})
        self._views.setVisible(part != "meaning")
        self._pane.setVisible(means and part in {"", "meaning"} and self._pane.meaning == state.meaning)
        self._pane_line.setVisible(means and not part)
        theme = current()
        width = self.width() if part == "meaning" else theme.text(theme.measures.impact_pane)
        self._pane.setFixedWidth(max(1, width))
        if not self._has_views:
            self._main.setVisible(False)

    # -- what the operator does -----------------------------------------------------------------------------------
    def ask_for_file(self, *, on_before: bool | None = None) -> None:
        """Let the operator choose a file for one side."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Open a manifest"), "", tr("Manifests (*.json);;All files (*)")
        )
        if name:
            self._presenter.open_path(Path(name), on_before=on_before)
        else:
            self._header.show_state(self._state)

    def _choose(self, key: str, *, on_before: bool) -> None:
        match key:
            case Ask.FILE:
                self.ask_for_file(on_before=on_before)
            case Ask.CLIPBOARD:
                self._presenter.paste(QGuiApplication.clipboard().text(), on_before=on_before)
            case Ask.HISTORY:
                self._header.show_state(self._state)
                self._ask_history(on_before)
            case Ask.PENDING:
                self._header.show_state(self._state)
                self._ask_pending(on_before)
            case _ if on_before:
                self._presenter.choose_before(key)
            case _:
                self._presenter.choose_after(key)

    def _export(self, kind: str) -> None:
        if path := self._ask_where(f"review.{kind}" if kind != Export.PATCH else "changes.patch.json"):
            self._presenter.export(Export(kind), path)

    def _save_update(self) -> None:
        if path := self._ask_where("package-update.json"):
            self._presenter.save_update(path)

    def _ask_where(self, suggested: str) -> Path | None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save"), suggested, tr("All files (*)"))
        return Path(name) if name else None

    def _row_chosen(self, key: str) -> None:
        self._show_row(key)
        lines = self._state.lines.get(key)
        if lines is not None:
            self.text.show_line(lines.before, lines.after)

    def _show_row(self, key: str) -> None:
        lines = self._state.lines.get(key)
        places = (
            []
            if lines is None
            else [
                tr(word, line=line)
                for word, line in (("before, line {line}", lines.before), ("after, line {line}", lines.after))
                if line is not None
            ]
        )
        self._text_place.setText(" · ".join(places))
        self._toolbar.set_row(hidden=key in self._state.hidden, revealed=key in self._state.revealed)

    def _line_chosen(self, before: int, after: int) -> None:
        if key := self._presenter.row_at(before or None, after or None):
            self.tree.set_current(key)

    def _go_to(self, key: str) -> None:
        if self._tabs.isVisible() and self._tabs.current() == "meaning":
            self._tabs.set_current("changes")
            self._arrange()
        self.tree.set_current(key)
        if self.tree.isVisible():
            self.tree.setFocus()

    def _step(self, by: int) -> None:
        keys = self._state.keys
        if not keys:
            return
        key = self.tree.current_key()
        at = keys.index(key) + by if key in keys else 0
        self._go_to(keys[at % len(keys)])

    def _search(self) -> None:
        if self._toolbar.isVisible():
            self._toolbar.begin_search()

    def _mark(self) -> None:
        if key := self.tree.current_key():
            self._presenter.toggle_reviewed(key)

    def _reveal(self) -> None:
        self._presenter.toggle_revealed(self.tree.current_key())

    def _open_row_menu(self, at: QPoint) -> None:
        key = self.tree.current_key()
        if not key:
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(tr("Mark as reviewed, or not"), self._mark)
        menu.addAction(tr("Copy change"), self.tree.copy_current)
        if key in self._state.hidden:
            word = tr("Hide the value") if key in self._state.revealed else tr("Reveal the value")
            menu.addAction(word, self._reveal)
        menu.popup(self.tree.viewport().mapToGlobal(at))

    # -- look -----------------------------------------------------------------------------------------------------
    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(24)
        for widget in (self._notice, self._skeleton):
            widget.setContentsMargins(margin, theme.pad(16), margin, margin)
        self._left_out.setContentsMargins(theme.pad(12), theme.pad(6), theme.pad(12), theme.pad(6))
        self._tab_row.setContentsMargins(theme.pad(16), theme.pad(2), theme.pad(16), theme.pad(6))
        self._text_head.setContentsMargins(theme.pad(12), theme.pad(2), theme.pad(8), theme.pad(2))
        self._text_head.setSpacing(theme.pad(8))
        self._arrange()
