"""What is done about problems: go to one, mend it by its quick fix, accept it with a reason."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from marble_console.pages.manifest.dialog import ask_for_text
from marble_console.pages.manifest.presenter import ManifestPresenter
from marble_console.pages.manifest.views.actions import Entry
from marble_console.pages.manifest.views.document import DocumentPane
from marble_console.pages.manifest.views.textcommands import TextCommands
from marble_console.words import tr


class ProblemCommands:
    """`pane` gives the pane of the document, which need not be made before it is asked for."""

    def __init__(
        self,
        presenter: ManifestPresenter,
        pane: Callable[[], DocumentPane],
        text: TextCommands,
        page: QWidget,
        *,
        take_text: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._presenter = presenter
        self._pane = pane
        self._text = text
        self._page = page
        self._take_text = take_text
        self._say = say

    def entries(self) -> tuple[Entry, ...]:
        return (
            Entry(tr("Validate"), "Ctrl+Shift+V", self.validate),
            Entry(tr("Next problem"), "F8", lambda: self._pane().problems.step(1)),
            Entry(tr("Previous problem"), "Shift+F8", lambda: self._pane().problems.step(-1)),
            Entry(tr("Quick fix"), "Ctrl+.", self.fix_here),
            Entry(tr("Accept this advice…"), None, self.accept_here),
        )

    def validate(self) -> None:
        """Check now, and go to the first problem."""
        self._take_text()
        self._presenter.check_again()
        self._pane().problems.rows.setFocus()

    def fix(self, index: int) -> None:
        """Apply the quick fix of a problem."""
        finding = self._presenter.state.findings[index]
        self._pane().problems.begin_again()
        self._text.fix(finding)

    def fix_here(self) -> None:
        """Apply the quick fix of the problem at the cursor, on its line, or else of the one in hand."""
        state = self._presenter.state
        problems = self._pane().problems
        line, column = self._pane().editor.place()
        fixable = [
            at for at, row in enumerate(state.problems) if row.cells[-1].text and state.findings[at].span
        ]

        def distance(at: int) -> tuple[bool, int]:
            span = state.findings[at].span
            if span is None:
                return True, 0
            return span.start.line != line, abs(span.start.column - column)

        here = [at for at in fixable if not distance(at)[0]]
        chosen = problems.current()
        if chosen is not None and chosen in fixable and problems.rows.hasFocus():
            self.fix(chosen)
        elif here:
            self.fix(min(here, key=distance))
        elif chosen is not None and chosen in fixable:
            self.fix(chosen)
        else:
            self._say(tr("There is no quick fix here."))

    def accept_here(self) -> None:
        """Accept the advice in hand."""
        index = self._pane().problems.current()
        if index is None:
            self._say(tr("Choose a piece of advice in the list of problems first."))
        else:
            self.accept(index)

    def accept(self, index: int) -> None:
        """Ask for a reason, and accept a piece of advice."""
        if not self._presenter.can_accept(index):
            self._say(tr("Only advice can be accepted, in a manifest that has a file."))
            return
        sentence = self._presenter.state.findings[index].sentence
        reason = ask_for_text(self._page, tr("Accept this advice"), sentence)
        if reason is not None and reason.strip():
            self._presenter.accept(index, reason)

    def go_to(self, index: int) -> None:
        """Show the place of a problem, in the text and in the form."""
        finding = self._presenter.state.findings[index]
        if finding.span is not None:
            self._pane().editor.go_to(finding.span.start.line, finding.span.start.column)
        if finding.at:
            self._pane().workspace.choose(finding.at[:2])

    def open(self, index: int) -> None:
        """Show the place of a problem, and give it the keyboard."""
        self.go_to(index)
        self._pane().workspace.focus_view()
