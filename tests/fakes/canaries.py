"""Where a value must not be found after it was used: what a window showed, what was written, what a child was started with."""

import base64
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget


class Titles(QObject):
    """Every title that a window ever has."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def eventFilter(self, watched, event):  # noqa: N802 # Qt's name
        if event.type() == QEvent.Type.WindowTitleChange and isinstance(watched, QWidget):
            self.seen.add(watched.windowTitle())
        return False


def accessible(window):
    """All that assistive technology can read of a window now."""
    kinds = (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value)
    read = []
    for widget in [window, *window.findChildren(QWidget)]:
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None:
            continue
        read += [interface.text(kind) for kind in kinds]
        text = interface.textInterface()
        if text is not None:
            read.append(text.text(0, text.characterCount()))
    return "\n".join(read)


def undoable(window):
    """Entries for secrets that could bring back what was typed."""
    lines = [each.objectName() for each in window.findChildren(QLineEdit) if each.isUndoAvailable()]
    texts = [
        each.objectName()
        for each in window.findChildren(QPlainTextEdit)
        if each.document().isUndoAvailable() and each.objectName().startswith(("set:", "secret:"))
    ]
    ours = ("set:", "identity:", "unlock:", "make:", "batch:", "export:")
    return [name for name in lines if name.startswith(ours)] + texts


def places(titles, streams, *folders, **further):
    """What can be searched, by the name of the place: `streams` are those of capfd, `folders` are read whole."""
    out, err = streams.readouterr()
    return {
        "standard output": out.encode(),
        "standard error": err.encode(),
        "titles": "\n".join(titles.seen).encode(),
        "clipboard": QGuiApplication.clipboard().text().encode(),
        "settings of Qt": "\n".join(QSettings().allKeys()).encode(),
        **further,
        **{
            str(path.relative_to(folder.parent)): path.read_bytes()
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
        },
    }


def started_with(process):
    """Arguments and environment of a process, where the system tells."""
    folder = Path(f"/proc/{process}")
    return b"".join((folder / part).read_bytes() for part in ("cmdline", "environ") if folder.is_dir())


def holding(secret, searched):
    """Which places hold a value: as it is, in hex, or in base64 at whatever offset of it."""
    encoded = base64.b64encode(secret)
    forms = (secret, secret.hex().encode(), encoded, encoded[4:-4])
    return [place for place, content in searched.items() if any(form in content for form in forms)]
