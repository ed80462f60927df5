"""Where a document is worked on: the outline, and beside it the text, the form or the references of the same document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property, partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMessageBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from marble_console.draftplace import DraftPlace, Told
from marble_console.pages.manifest.documents import Document
from marble_console.pages.manifest.form.presenter import FormPresenter
from marble_console.pages.manifest.form.state import FieldState, FormState
from marble_console.pages.manifest.references import references
from marble_console.pages.manifest.views.editors import Editors
from marble_console.pages.manifest.views.form import FormPane
from marble_console.pages.manifest.views.outline import OutlinePane
from marble_console.pages.manifest.views.references import ReferencesPane
from marble_console.pages.manifest.views.tabs import FORM, REFERENCES, TEXT
from marble_console.pages.manifest.views.usages import UsagesPane
from marble_console.tasks import Generation, Runner
from marble_console.theme import Theme, current, follow
from marble_console.widgets.code_editor import FindBar
from marble_console.words import tr
from marble_core.enclave import EnclaveIdentity
from marble_core.errors import MarbleError
from marble_core.gojson import Path, Source
from marble_core.manifest.changing import changed
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.findings import Finding

# The outline of a larger text is read when the form asks for it: reading it takes as long as checking it.
_OUTLINED = 1_000_000


_BESIDE = 900  # logical pixels at body text 13 that two views side by side want, with the outline


class EntryThere(MarbleError):
    """What is to be put in as new is there."""

    code = "entry_there"


class Workspace(QWidget):
    """`said` gives a sentence for the status bar, `text_changed` tells that the form wrote into the text."""

    said = Signal(str)
    text_changed = Signal()
    room_changed = Signal(bool)  # whether two views have room side by side
    making_wanted = Signal(str, object)  # what is to be made, and the DraftPlace that it is for
    text_wanted = Signal()  # show the text: a place in it is to be seen

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._view = TEXT
        self._split = False
        self._has_room = True
        self._is_large = False  # text so large that the outline would leave no room
        self._document: Document | None = None
        self._key = ""
        self._findings: Sequence[Finding] = ()
        self._form_state = FormState()
        self._asked = Generation()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setChildrenCollapsible(False)
        outer.addWidget(self._splitter)
        # The text, and another view in its place or beside it.
        self._pair = QSplitter(Qt.Orientation.Horizontal, self._splitter)
        self._pair.setChildrenCollapsible(False)
        text = self._text = QWidget(self._pair)
        self._other = QStackedWidget(self._pair)
        self._other.hide()
        for at in range(self._pair.count()):
            self._pair.setStretchFactor(at, 1)
        self._column = QVBoxLayout(text)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.editors = Editors(text)
        self.editors.cursor_moved.connect(self._cursor_moved)
        self._column.addWidget(self.editors, 1)
        self._presenter = FormPresenter(runner, self, lambda: dt.datetime.now(dt.UTC))
        follow(self._restyle)

    # -- parts that are made when they are first shown ------------------------------------------------------------
    @cached_property
    def find_bar(self) -> FindBar:
        bar = FindBar(self._column.parentWidget())
        bar.attach(self.editors.front)
        bar.closed.connect(self.editors.take_keyboard)
        self._column.insertWidget(0, bar)
        return bar

    @cached_property
    def usages(self) -> UsagesPane:
        pane = UsagesPane(self._column.parentWidget())
        pane.chosen.connect(self.show_offset)
        self._column.addWidget(pane)
        return pane

    @cached_property
    def outline(self) -> OutlinePane:
        pane = OutlinePane(self._splitter)
        pane.chosen.connect(self._outline_chosen)
        self._splitter.insertWidget(0, pane)
        self._splitter.setStretchFactor(1, 1)
        self._share_room(current())
        return pane

    @cached_property
    def form(self) -> FormPane:
        form = FormPane(self._other)
        form.attach(self._presenter)
        form.new_wanted.connect(self._make)
        self._other.addWidget(form)
        return form

    @cached_property
    def references(self) -> ReferencesPane:
        pane = ReferencesPane(self._other)
        pane.chosen.connect(self._reference_chosen)
        self._other.addWidget(pane)
        return pane

    @property
    def view(self) -> str:
        return self._view

    def show_view(self, view: str) -> None:
        """Show the text, the form or the references."""
        self._view = view
        if view != TEXT:
            self._other.setCurrentWidget(self.form if view == FORM else self.references)
        self._show_parts()
        self.refresh()

    def set_split(self, split: bool) -> None:
        """Show the text beside the form or the references, or in their place."""
        self._split = split
        self._show_parts()

    @property
    def _has_both(self) -> bool:
        """Whether text and another view are in sight. Where there is no room for both, the other one is."""
        return self._split and self._view != TEXT and self._has_room

    def _show_parts(self) -> None:
        self._text.setVisible(self._view == TEXT or self._has_both)
        self._other.setVisible(self._view != TEXT)
        self._show_outline()

    def show_document(self, key: str, document: Document, revision: int, findings: Sequence[Finding]) -> bool:
        """Bring a document to the front, with what a check found in it; says whether another text was put in."""
        front = self.editors.front
        renewed = self.editors.show_document(key, document, revision)
        if self.editors.front is not front:
            self._leave_text()
        changed = self._document is not document or findings is not self._findings
        self._key, self._document, self._findings = key, document, findings
        self._show_outline()
        if changed:
            self.refresh()
        return renewed

    def show_nothing(self) -> None:
        """No document is open any more."""
        self._key, self._document, self._findings = "", None, ()
        self.editors.show_nothing()
        self._leave_text()

    def _leave_text(self) -> None:
        """Another text is in front: what was found in the one before is gone."""
        if "usages" in self.__dict__:
            self.usages.hide()
        if "find_bar" in self.__dict__:
            self.find_bar.attach(self.editors.front)

    def refresh(self) -> None:
        """Read the document anew for what is in sight."""
        if self._document is None:
            return
        if self._view == REFERENCES:
            self._runner.compute(
                partial(references, self.present_text(), is_yaml=self._document.is_yaml),
                then=self._asked.next()(self.references.show_references),
                failed=lambda error: self.say(error.sentence),
            )
        if self._view == FORM or self._has_outline():
            self._presenter.show(
                self._findings,
                read_only=bool(self._document.not_editable_because),
                yaml=self._document.is_yaml,
            )

    def choose(self, path: Path) -> None:
        """Show an entry in the form."""
        if self._view == FORM:
            self._presenter.choose(path)

    def focus_view(self) -> None:
        """Give the keyboard to what is in sight."""
        match self._view:
            case "text":
                self.editors.take_keyboard()
            case "form":
                self.form.focus_first()
            case _:
                self.references.rows.setFocus()

    # -- what the form asks for -----------------------------------------------------------------------------------
    def show_form(self, state: FormState) -> None:
        self._form_state = state
        if self._has_outline():
            self.outline.show_state(state)
        if self._view == FORM:
            self.form.show_state(state)

    def document_key(self) -> str:
        return self._key

    def present_text(self) -> str:
        document = self._document
        if document is None or document.not_editable_because:
            return document.raw.decode("utf-8", "replace") if document is not None else ""
        return self.editors.front.toPlainText()

    def put_text(self, text: str) -> None:
        if not self._put(text):
            self.say(tr("That would change too much at once. Edit the text instead."))

    def _put(self, text: str) -> bool:
        done = self.editors.front.change_to(text)
        if done:
            self.text_changed.emit()
        return done

    # -- what is made elsewhere -----------------------------------------------------------------------------------
    def _make(self, field: FieldState) -> None:
        document = self._document
        if document is not None:
            place = DraftPlace(
                document.title,
                lambda _, pem, told: self._put_value(field.path, pem, told),
                name=str(field.path[1]),
            )
            self.making_wanted.emit(field.makes, place)

    def put_entry(self, path: Path, value: object, told: Told) -> None:
        """Put in a new entry, made elsewhere."""
        self._put_value(path, value, told, is_new=True)

    def _put_value(self, path: Path, value: object, told: Told, *, is_new: bool = False) -> None:
        why_not = self.takes_no_entry_because
        if why_not:
            told(why_not)
            return
        text = self.present_text()

        def make() -> str:
            if is_new and not decode_manifest(text.encode()).find(path).missing:
                raise EntryThere(tr("“{name}” is in {section} already.", name=path[1], section=path[0]))
            return changed(text, ((path, value),))

        def made(new: str) -> None:
            if self.takes_no_entry_because or self.present_text() != text:
                told(tr("The text was changed meanwhile."))
            else:
                told("" if self._put(new) else tr("That would change too much at once."))

        self._runner.read(make, then=made, failed=lambda error: told(error.sentence))

    @property
    def takes_no_entry_because(self) -> str:
        """Why nothing can be put into the document in front; empty if it can."""
        document = self._document
        if document is None:
            return tr("No manifest is open.")
        if document.not_editable_because:
            return document.not_editable_because
        return tr("Entries are put into JSON only.") if document.is_yaml else ""

    def say(self, sentence: str) -> None:
        self.said.emit(sentence)

    def choose_identity(self, identity: EnclaveIdentity) -> str:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(tr("Identity of the enclave"))
        debug = {True: tr("yes"), False: tr("no"), None: tr("not fixed")}[identity.debug]
        box.setText(
            tr(
                "MRENCLAVE {code}…, MRSIGNER {signer}…, product {product}, security version {version}, debug: {debug}.",
                code=identity.mrenclave.hex()[:16],
                signer=identity.mrsigner.hex()[:16],
                product=identity.product_id,
                version=identity.security_version,
                debug=debug,
            )
        )
        box.setInformativeText(
            tr(
                "By code lets in exactly this enclave. By signer lets in newer versions of the same product too."
            )
        )
        code = box.addButton(tr("By code"), QMessageBox.ButtonRole.ActionRole)
        signer = box.addButton(tr("By signer"), QMessageBox.ButtonRole.ActionRole)
        cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(signer)
        box.setEscapeButton(cancel)
        box.exec()
        return {id(code): "code", id(signer): "signer"}.get(id(box.clickedButton()), "")

    # -- places ---------------------------------------------------------------------------------------------------
    def _outline_chosen(self, path: Path, line: int, column: int) -> None:
        if line and not self._text.isHidden():
            self.editors.front.go_to(line, column)
        if self._view != TEXT:
            self._presenter.choose(path)

    def _cursor_moved(self) -> None:
        """Beside the text, the form shows the entry that the cursor is in."""
        if self._has_both and self._view == FORM and self.editors.front.hasFocus():
            path = self._form_state.entry_at(self.editors.front.place()[0])
            if path and path != self._form_state.chosen:
                self._presenter.choose(path)

    def _reference_chosen(self, line: int, column: int) -> None:
        self.text_wanted.emit()
        self.editors.front.go_to(line, column)
        self.editors.take_keyboard()

    def show_offset(self, text: str, offset: int) -> None:
        """Put the cursor at a place of the text, which is the present one, in characters."""
        place = Source(text).position(offset)
        self.editors.front.go_to(place.line, place.column)
        self.editors.take_keyboard()

    def _has_outline(self) -> bool:
        document = self._document
        if document is None or document.is_yaml:  # what cannot be told from YAML needs no room
            return False
        small = len(document.raw) <= _OUTLINED
        return self._view == FORM or (self._view == TEXT and small and not self._is_large)

    def _show_outline(self) -> None:
        wanted = self._has_outline()
        if wanted or "outline" in self.__dict__:
            self.outline.setVisible(wanted)

    def _share_room(self, theme: Theme) -> None:
        self._splitter.setSizes([theme.text(196), theme.text(900)])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 # Qt's name
        super().resizeEvent(event)
        self._look_for_room(current())

    def _look_for_room(self, theme: Theme) -> None:
        room = self.width() >= theme.text(_BESIDE)
        if room != self._has_room:
            self._has_room = room
            self._show_parts()
            self.room_changed.emit(room)

    def _restyle(self, theme: Theme) -> None:
        self._is_large = theme.large
        self._share_room(theme)
        self._look_for_room(theme)
        self._show_outline()
