"""The page of settings: a card for each section, a row for each setting. What is chosen takes effect at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from marble_console.dialogs import ask
from marble_console.page import Page
from marble_console.pages.settings.presenter import SettingsPresenter
from marble_console.pages.settings.state import AdvancedState, SectionState, SettingsState, SettingState
from marble_console.pages.settings.support import SupportPresenter
from marble_console.parts import Tone
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button
from marble_console.widgets.card import Card
from marble_console.widgets.fields import CheckBox, SearchField, Select
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import PageBody, PageHeader
from marble_console.words import tr


class SettingsPage(Page):
    """Renders a SettingsState. `folder` is what *Open the folder* opens, `support` gathers the support bundle."""

    def __init__(
        self,
        presenter: SettingsPresenter,
        folder: str,
        support: Callable[[], SupportPresenter],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("page:settings")
        self._presenter = presenter
        self._support = support
        self._state = SettingsState()
        self._sections: dict[str, _Section] = {}
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._build_next)
        header = PageHeader(tr("Settings"), tr("Kept on this computer; a choice takes effect at once"))
        self._search = SearchField(tr("Find a setting"), name="settings:search")
        self._search.textChanged.connect(presenter.search)
        self._nothing = PlainLabel(tr("No setting has this in its words."), colour="text3")
        self._places = Card(tr("Where things are kept"), "hard-drive")
        self._places.set_facts(())
        opens = Button(tr("Open the folder"), "link", "folder-open", name="settings:folder")
        opens.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(folder)))
        self._places.body.addWidget(opens)
        self._advanced = _Advanced(self._open_support, self._ask_to_restore)
        self._body = PageBody()
        self._body.column.addWidget(header)
        self._body.column.addWidget(self._search)
        self._body.column.addWidget(self._nothing)
        self._cards = QVBoxLayout()
        self._body.column.addLayout(self._cards)
        self._body.column.addWidget(self._places)
        self._body.column.addWidget(self._advanced)
        self._body.column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._body)
        presenter.attach(self)
        follow(self._restyle)

    def show_state(self, state: SettingsState) -> None:
        self._state = state
        for section in state.sections:
            if section.key in self._sections:
                self._sections[section.key].show_state(section)
        if not self._sections:
            self._next.start()
        self._places.setVisible(bool(state.places))
        if state.places:
            self._places.set_facts(state.places)
        self._advanced.show_state(state.advanced)
        self._nothing.setVisible(state.finds_nothing)

    def _build_next(self) -> None:
        """Make the next section that is not there yet: one in a turn, since all of them take too long for one."""
        missing = [each for each in self._state.sections if each.key not in self._sections]
        for section in missing[:1]:
            card = self._sections[section.key] = _Section(section, self._presenter, self._body)
            self._cards.addWidget(card)
            card.show_state(section)
        if missing[1:]:
            self._next.start()

    def activated(self) -> None:
        self._search.setFocus()

    def _open_support(self) -> None:
        from marble_console.pages.settings.dialog import SupportDialog  # noqa: PLC0415  seldom needed

        dialog = SupportDialog(self._support(), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _ask_to_restore(self) -> None:
        if ask(
            self,
            tr("Restore the defaults of all settings?"),
            tr("Connections, documents and the journal stay as they are."),
            do=tr("Restore all defaults"),
            leave=tr("Keep my settings"),
        ):
            self._presenter.restore_all()

    def _restyle(self, theme: Theme) -> None:
        self._cards.setSpacing(theme.pad(theme.measures.card_gap))
        self._search.setMaximumWidth(theme.text(320))


class _Advanced(Card):
    """What is seldom needed: a button for each, with what it does."""

    def __init__(self, support: Callable[[], None], restore: Callable[[], None]) -> None:
        super().__init__(tr("Advanced"), "wrench")
        self._support = _Errand(tr("Show what is in it…"), "download", "support", support)
        self._restore = _Errand(tr("Restore all…"), "undo-2", "restore-all", restore)
        for row in (self._support, self._restore):
            self.body.addWidget(row)

    def show_state(self, state: AdvancedState | None) -> None:
        self.setVisible(state is not None)
        if state is not None:
            self._support.show_words(state.bundle, state.bundle_why)
            self._restore.show_words(state.restore, state.restore_why)
            self._restore.button.setEnabled(state.can_restore)


class _Errand(QWidget):
    """A button at the right, and at the left what it is for."""

    def __init__(self, text: str, icon: str, name: str, do: Callable[[], None]) -> None:
        super().__init__()
        self._title, self._why = PlainLabel(wrap=True), PlainLabel("", "small", "text3", wrap=True)
        self.button = Button(text, icon_name=icon, name=f"settings:{name}")
        self.button.clicked.connect(do)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        words = QVBoxLayout()
        words.addWidget(self._title)
        words.addWidget(self._why)
        self._row.addLayout(words, 1)
        self._row.addWidget(self.button)
        follow(self._restyle)

    def show_words(self, title: str, why: str) -> None:
        self._title.setText(title)
        self._why.setText(why)
        self.button.setAccessibleDescription(title)

    def _restyle(self, theme: Theme) -> None:
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)
        self._row.setContentsMargins(0, theme.pad(4), 0, theme.pad(4))
        self._row.setSpacing(theme.pad(6 if theme.large else 16))


class _Section(Card):
    """The settings of one kind."""

    def __init__(self, section: SectionState, presenter: SettingsPresenter, parent: QWidget) -> None:
        super().__init__(section.title, section.icon, parent=parent)
        self._restore = Button(
            tr("Restore defaults"), "quiet", "undo-2", name=f"settings:restore:{section.key}"
        )
        self._restore.setAccessibleName(tr("Restore the defaults of {section}", section=section.title))
        self._restore.clicked.connect(lambda: presenter.restore(section.key))
        # It keeps its room while there is nothing to restore, so that nothing moves with a choice.
        policy = self._restore.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._restore.setSizePolicy(policy)
        self.heading.addWidget(self._restore)
        self._rows = {each.key: _Setting(each, presenter, self) for each in section.settings}
        for row in self._rows.values():
            self.body.addWidget(row)

    def show_state(self, section: SectionState) -> None:
        self.setVisible(section.is_shown)
        self._restore.setVisible(section.can_restore)
        for each in section.settings:
            self._rows[each.key].show_state(each)


class _Setting(QWidget):
    """One setting: what it is and does at the left, the choice at the right; a tick has its own words."""

    def __init__(self, setting: SettingState, presenter: SettingsPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self._select: Select | None = None
        self._tick: CheckBox | None = None
        self._why = PlainLabel(setting.why, "small", "text3", wrap=True)
        self._caution = PlainLabel("", "small", Tone.CAUTION, wrap=True)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._words = QVBoxLayout()
        self._row.addLayout(self._words, 1)
        if setting.choices:
            self._words.addWidget(PlainLabel(setting.title, wrap=True))
            self._select = Select(name=setting.title)
            for value, words in setting.choices:
                self._select.addItem(words, value)
            self._select.activated.connect(
                lambda _, select=self._select: presenter.choose(setting.key, select.currentData())
            )
            self._row.addWidget(self._select)
        else:
            self._tick = CheckBox(setting.title, name=setting.key)
            self._tick.clicked.connect(lambda on: presenter.switch(setting.key, on=on))
            self._words.addWidget(self._tick)
        for label in (self._why, self._caution):
            self._words.addWidget(label)
        follow(self._restyle)

    def show_state(self, setting: SettingState) -> None:
        self.setVisible(setting.is_shown)
        if self._select is not None:
            self._select.setCurrentIndex(self._select.findData(setting.chosen))
            self._select.setAccessibleDescription(setting.why)
        if self._tick is not None:
            self._tick.setChecked(setting.is_on)
            self._tick.setEnabled(not setting.reason)
            self._tick.setAccessibleDescription(setting.reason or setting.why)
        self._why.setText(setting.reason or setting.why)
        self._caution.setText(setting.caution)
        self._caution.setVisible(bool(setting.caution))

    def _restyle(self, theme: Theme) -> None:
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if theme.large else directions.LeftToRight)
        self._row.setContentsMargins(0, theme.pad(4), 0, theme.pad(4))
        self._row.setSpacing(theme.pad(6 if theme.large else 16))
        self._words.setSpacing(theme.pad(2))
        indent = theme.icon(16) + theme.pad(8) + 3 if self._tick is not None else 0
        for label in (self._why, self._caution):
            label.setContentsMargins(indent, 0, 0, 0)
        if self._select is not None:
            self._select.setFixedWidth(theme.text(220))
