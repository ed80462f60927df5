"""The form of one entry: its name, what can be done with it, and its fields."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path as FilePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from marble_console.pages.manifest.dialog import ask_for_text
from marble_console.pages.manifest.form.presenter import FormPresenter
from marble_console.pages.manifest.form.state import FieldState, FormState
from marble_console.pages.manifest.views.fields import FieldWidget, same_widget
from marble_console.theme import Theme, follow
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import clear
from marble_console.widgets.label import PlainLabel
from marble_console.widgets.layout import Line, PageBody
from marble_console.words import tr

_ADD = (
    ("Packages", tr("Package…")),
    ("Marbles", tr("Marble…")),
    ("Secrets", tr("Secret…")),
    ("TLS", tr("TLS tag…")),
    ("Users", tr("User…")),
    ("Roles", tr("Role…")),
    ("RecoveryKeys", tr("Recovery key…")),
    ("Infrastructures", tr("Infrastructure…")),
)


class FormPane(QWidget):
    """Renders a FormState; what is done goes to the presenter."""

    new_wanted = Signal(object)  # a field for which something is to be made

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter: FormPresenter | None = None
        self._state = FormState()
        self._widgets: list[FieldWidget] = []
        self._title = PlainLabel("", "sub", weight=600, elide=Qt.TextElideMode.ElideMiddle)
        self._about = PlainLabel("", "small", "text2", wrap=True)
        self._why_not = PlainLabel("", colour="text2", wrap=True)
        self._identity = Button(tr("Read identity from file…"), icon_name="fingerprint", name="form:identity")
        self._identity.clicked.connect(self._read_identity)
        self._rename = IconButton("pencil", tr("Rename…"), name="form:rename")
        self._rename.clicked.connect(self._ask_name)
        self._remove = IconButton("x", tr("Remove"), name="form:remove")
        self._remove.clicked.connect(lambda: self._do(lambda it: it.remove(self._state.chosen)))
        self._add = Button(tr("Add"), icon_name="plus", name="form:add")
        menu = QMenu(self)
        for section, text in _ADD:
            menu.addAction(text).triggered.connect(partial(self._ask_entry, section))
        self._add.setMenu(menu)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title, 1)
        self._buttons: tuple[QWidget, ...] = (self._rename, self._remove, self._add)
        for part in self._buttons:
            self._head.addWidget(part)
        self._body = PageBody()
        self._fields = QVBoxLayout()
        self._body.column.addWidget(self._about)
        self._body.column.addWidget(self._identity)
        self._body.column.addWidget(self._why_not)
        self._body.column.addLayout(self._fields)
        self._body.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(Line())
        column.addWidget(self._body, 1)
        follow(self._restyle)

    def attach(self, presenter: FormPresenter) -> None:
        self._presenter = presenter

    def show_state(self, state: FormState) -> None:
        before, self._state = self._state, state
        is_entry = len(state.chosen) > 1
        self._title.setText(" / ".join(map(str, state.chosen)) if state.chosen else tr("Form"))
        self._about.setText(state.about)
        self._about.setVisible(bool(state.about) and not state.why_not)
        self._why_not.setText(state.why_not)
        self._why_not.setVisible(bool(state.why_not))
        self._identity.setVisible(state.chosen[:1] == ("Packages",) and is_entry)
        for button in (self._rename, self._remove):
            button.setVisible(is_entry)
        for part in (self._identity, *self._buttons):
            part.setEnabled(not (state.is_read_only or state.why_not))
        keep = len(state.fields) == len(self._widgets) and all(
            same_widget(widget.field, field)
            for widget, field in zip(self._widgets, state.fields, strict=True)
        )
        if not keep:
            self._rebuild(state, same_entry=before.chosen == state.chosen)
        for widget, field in zip(self._widgets, state.fields, strict=True):
            widget.show_field(field, read_only=state.is_read_only)

    def focus_first(self) -> None:
        """Give the keyboard to the first field."""
        for widget in self._widgets:
            if widget.input is not None:
                widget.input.setFocus()
                return
        self._add.setFocus()

    def _rebuild(self, state: FormState, *, same_entry: bool) -> None:
        focus = QApplication.focusWidget()
        inside = (it.field.path for it in self._widgets if focus is not None and it.isAncestorOf(focus))
        focused = next(inside, None)
        top = self._body.verticalScrollBar().value()
        clear(self._fields)
        self._widgets = []
        for field in state.fields:
            widget = FieldWidget(field)
            widget.edited.connect(lambda value, it=widget: self._do(lambda p: p.edit(it.field, value)))
            widget.toggled.connect(
                lambda name, on, it=widget: self._do(lambda p: p.toggle(it.field, name, on=on))
            )
            widget.removed.connect(lambda it=widget: self._do(lambda p: p.remove(it.field.path)))
            widget.added.connect(lambda it=widget: self._added(it.field))
            widget.file_wanted.connect(lambda it=widget: self._insert(it.field))
            widget.new_wanted.connect(lambda it=widget: self.new_wanted.emit(it.field))
            self._fields.addWidget(widget)
            self._widgets.append(widget)
        if same_entry:
            self._body.verticalScrollBar().setValue(top)
            for widget in self._widgets:
                if widget.field.path == focused and widget.input is not None:
                    widget.input.setFocus()
        else:
            self._body.verticalScrollBar().setValue(0)

    def _do(self, act: Callable[[FormPresenter], None]) -> None:
        if self._presenter is not None:
            act(self._presenter)

    # -- questions ------------------------------------------------------------------------------------------------
    def _ask_entry(self, section: str) -> None:
        name = ask_for_text(self, tr("Add to {section}", section=section), tr("Name"))
        if name:
            self._do(lambda it: it.add_entry(section, name))

    def _ask_name(self) -> None:
        old = str(self._state.chosen[-1])
        name = ask_for_text(self, tr("Rename everywhere"), tr("New name of {name}", name=old), old)
        if name is not None and name != old:
            self._do(lambda it: it.rename(name))

    def _added(self, field: FieldState) -> None:
        if "item" in field.adds:
            self._do(lambda it: it.add_item(field.path))
            return
        label = tr("Path of the file") if field.path[-1] == "Files" else tr("Name of the variable")
        name = ask_for_text(self, tr("Add to {section}", section=field.label), label)
        if name:
            self._do(lambda it: it.add_parameter(field.path, name))

    def _insert(self, field: FieldState) -> None:
        filters = tr("PEM files (*.pem *.crt *.cer *.pub *.key);;All files (*)")
        name, _ = QFileDialog.getOpenFileName(self, tr("Insert PEM from file"), "", filters)
        if name:
            self._do(lambda it: it.insert_pem(field, FilePath(name)))

    def _read_identity(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Read the identity of an enclave"), "", tr("Signed enclaves and SIGSTRUCT files (*)")
        )
        if name:
            self._do(lambda it: it.read_identity(FilePath(name)))

    def _restyle(self, theme: Theme) -> None:
        margin = theme.pad(16)
        self._head.setContentsMargins(margin, theme.pad(8), margin, theme.pad(8))
        self._head.setSpacing(theme.pad(8))
        self._fields.setSpacing(theme.pad(12))
