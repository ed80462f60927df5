"""A person before the window: presses keys on whatever has the keyboard, reads what is shown, and has no mouse."""

import itertools
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)
from shiboken6 import Shiboken

from marble_console.console import Console
from marble_console.navigation import page_keys
from marble_console.shell import Shell
from marble_console.tasks.runner import QtRunner
from marble_console.widgets.chip import Chip
from marble_console.widgets.rows import RowsView
from tests.fakes.patience import PATIENCE
from tests.fakes.turns import Turns

MOST_TABS = 60
MOST_ROWS = 200  # of a table that are read
LONGEST_REPORT = 4000
LONGEST_LINE = 200  # of a text, whose first line is read


class Person:
    def __init__(self, qtbot, monkeypatch, shell: Shell, turns: Turns) -> None:
        self._qtbot = qtbot
        self._monkeypatch = monkeypatch
        self._turns = turns
        self.shell = shell

    # -- hands ----------------------------------------------------------------------------------------------------
    def press(self, keys: str) -> None:
        """Press keys as they are written on menus, such as `Ctrl+Shift+D`."""
        combination = QKeySequence(keys)[0]
        QTest.keyClick(self.focus, combination.key(), combination.keyboardModifiers())
        QCoreApplication.processEvents()  # nobody presses two keys within one turn

    def go_to(self, page: str) -> None:
        """Press Ctrl and the digit of a page of the navigation."""
        titles = [item.title for item in self.shell.state.pages]
        self.press(page_keys(titles.index(page)))

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focus, text)

    def command(self, query: str) -> None:
        """Look for something in the palette, and take what comes first."""
        self.press("Ctrl+K")
        self.until(lambda: self.focus.objectName() == "palette:field")
        self.type(query)
        self.press("Return")

    def tab_to(self, name: str) -> QWidget:
        """Press Tab until the keyboard is at the widget of this name (that of the object, or what is read out).

        Whoever sees it disabled waits until it is not, and begins anew if that happens on the way to it.
        """
        passed: list[str] = []
        target = None
        while len(passed) < MOST_TABS:
            if target is None or not _can_be_used(target):
                target, passed = self._reachable(name), []
            focus = self.focus
            if name in {focus.objectName(), focus.accessibleName()}:
                return focus
            passed.append(focus.objectName() or focus.accessibleName() or type(focus).__name__)
            self.press("Tab")
        raise AssertionError(f"Tab never comes to {name!r}, only to {passed}")

    def _reachable(self, name: str) -> QWidget:
        """Wait for a widget of this name that can be used."""

        def found() -> QWidget | None:
            widgets = _front(self.shell).findChildren(QWidget)
            return next(
                (
                    each
                    for each in widgets
                    if name in {each.objectName(), each.accessibleName()} and _can_be_used(each)
                ),
                None,
            )

        try:
            self.until(found)
        except self._qtbot.TimeoutError:
            raise AssertionError(f"{name!r} can never be reached, but:\n{self.read()}") from None
        return found()

    def push(self, name: str) -> None:
        """Go to a button by Tab and press it."""
        self.tab_to(name)
        self.press("Space")

    def set_manifest(self, *, save_as) -> None:
        """Walk the wizard on the document in front to its end; the recovery secrets go to this file."""
        self.press("Ctrl+Shift+D")
        self.until(lambda: self.wizard)
        self.walk_to("Confirm what is sent")
        self.push("wizard:forward")
        self.save_secrets(save_as)

    def set_manifest_without_keys(self) -> None:
        """Walk the wizard on the document in front to its end, where there are no recovery secrets to save."""
        self.until_shown("State 2", "No errors")
        self.press("Ctrl+Shift+D")
        self.until(lambda: self.wizard)
        self.walk_to("Confirm what is sent")
        self.push("wizard:forward")
        self.until_shown("State 3 · Running")
        if self.wizard is not None:
            self.push("wizard:forward")
        self.until(lambda: self.wizard is None)

    def walk_to(self, heading: str) -> None:
        """Go on in the wizard to the page of this heading, and do what each page on the way asks for."""
        while heading not in self.read(self.wizard):
            before = self.wizard.state.page
            self._do_what_is_asked()
            self.push("wizard:forward")
            self.until(lambda before=before: self.wizard.state.page != before)

    def _do_what_is_asked(self) -> None:
        asked = self.wizard.state.gate.text
        if "say why you go on" in asked:
            self.tab_to("deploy:reason")
            self.type("known from the rehearsal")
        elif "warnings are known" in asked:
            self.tab_to("deploy:accept")
            self.press("Space")
        elif "high-severity rows ticked" in asked:
            self.tick_rows()

    def tick_rows(self) -> None:
        """Tick every row that wants it."""
        tree = self.tab_to("Changes")
        self.press("Home")
        while any(row.checked is False for group in tree.rows_model.rows for row in group.children):
            row = tree.rows_model.row_at(tree.currentIndex())
            self.press("Space" if row is not None and row.checked is False else "Down")

    def save_secrets(self, path) -> None:
        """Save the recovery secrets that the wizard shows, and close it."""
        self.until_shown("recovery secrets saved", within=self.wizard)
        self.will_choose(path)
        self.push("deploy:save-all")
        self.until_shown("All recovery secrets are saved and were read back.", within=self.wizard)
        self.push("wizard:forward")
        self.push("wizard:forward")
        self.until(lambda: self.wizard is None)

    def will_choose(self, path) -> None:
        """Answer the platform's next file dialogs, which no test can drive, with this path."""
        for ask in ("getOpenFileName", "getSaveFileName"):
            self._monkeypatch.setattr(QFileDialog, ask, lambda *_a, **_k: (str(path), ""))
        self._monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: str(path))

    @contextmanager
    def answering(self, *keys: str):
        """Answer one question that is asked inside; gives a list that holds its texts afterwards."""
        asked: list[str] = []

        def look() -> None:
            box = QApplication.activeModalWidget()
            if not isinstance(box, QMessageBox):
                return
            timer.stop()
            asked.extend([box.text(), box.informativeText()])
            for key in keys:
                self.press(key)

        timer = QTimer(self.shell, interval=5)
        timer.timeout.connect(look)
        timer.start()
        try:
            yield asked
            self.until(lambda: asked)
        finally:
            timer.stop()
            timer.deleteLater()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `marble-console` with these arguments in a terminal, while the window goes on."""
        command = [sys.executable, "-m", "marble_console.main", *arguments]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        ) as process:
            self.until(lambda: process.poll() is not None)
            return subprocess.CompletedProcess(command, process.returncode, *process.communicate())

    # -- eyes -----------------------------------------------------------------------------------------------------
    @property
    def focus(self) -> QWidget:
        """What has the keyboard."""
        front = _front(self.shell)
        if QApplication.activeWindow() is not front:
            # Without a display there is no window manager, which would give the keyboard to the window in front.
            front.activateWindow()
            self.until(lambda: QApplication.activeWindow() is front)
        self.until(_focus)
        return _focus()

    @property
    def wizard(self) -> QWidget | None:
        return self.dialog("wizard")

    def dialog(self, name: str) -> QWidget | None:
        """The dialog of this name while it is open."""
        return next((each for each in self.shell.findChildren(QDialog, name) if each.isVisible()), None)

    def until(self, seen: Callable[[], object]) -> None:
        """Wait until something is to be seen."""
        self._qtbot.waitUntil(lambda: bool(seen()), timeout=int(PATIENCE * 1000))

    def until_shown(self, *texts: str, within: QWidget | None = None) -> str:
        """Wait until each text stands somewhere in the window, or in this part of it; gives all that is read then."""
        place = within or self.shell

        def missing() -> list[str]:
            read = self.read(place)
            return [text for text in texts if text not in read]

        try:
            self.until(lambda: not missing())
        except self._qtbot.TimeoutError:
            raise AssertionError(
                f"never shown: {missing()}, but:\n{self.read(place)[:LONGEST_REPORT]}"
            ) from None
        return self.read(place)

    def read(self, place: QWidget | None = None) -> str:
        """Everything that can be read in a widget, a line for each part of it."""
        with self._turns.not_ours():
            return self._read(place or self.shell)

    @staticmethod
    def _read(place: QWidget) -> str:
        lines = []
        for widget in place.findChildren(QWidget):
            if not widget.isVisibleTo(place):
                continue
            match widget:
                case Chip():
                    lines.append(widget.accessibleName())
                case QLabel() | QAbstractButton() | QLineEdit():
                    lines.append(widget.text().replace("&&", "&"))
                case QPlainTextEdit():
                    lines.append(widget.document().firstBlock().text()[:LONGEST_LINE])
                case QTabBar():
                    lines.extend(widget.tabText(at) for at in range(widget.count()))
                case RowsView():
                    lines.extend(_cells(widget))
        return "\n".join(line for line in lines if line)

    def refresh(self) -> None:
        """Press F5, and wait until all that was asked is answered and shown."""
        self.press("F5")
        self.settle()

    def settle(self) -> None:
        """Wait until no work is under way behind the window."""
        runner = self.shell.findChild(QtRunner)
        self.until(lambda: not runner._under_way)

    def coordinator_process(self) -> int:
        """The id of the process that the window has started."""
        console = self.shell.findChild(Console)
        return console.session.state.local.ready.pid

    def place(self) -> tuple[int, int]:
        """Line and column of the cursor in the text that has the keyboard, from 1."""
        editor = self.focus
        assert isinstance(editor, QPlainTextEdit)
        cursor = editor.textCursor()
        return cursor.blockNumber() + 1, cursor.positionInBlock() + 1


def _front(shell: Shell) -> QWidget:
    return QApplication.activeModalWidget() or shell


def _can_be_used(widget: QWidget) -> bool:
    return Shiboken.isValid(widget) and widget.isVisible() and widget.isEnabled()


def _focus() -> QWidget | None:
    return QApplication.activePopupWidget() or QApplication.focusWidget()


def _cells(view: RowsView):
    rows = itertools.chain.from_iterable((row, *row.children[:MOST_ROWS]) for row in view.rows_model.rows)
    for row in itertools.islice(rows, MOST_ROWS):
        yield " | ".join(cell.text for cell in row.cells)
