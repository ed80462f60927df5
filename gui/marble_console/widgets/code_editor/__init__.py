"""The text editor of the console: JSON with colours, marks, folding, search and completion."""

from marble_console.widgets.code_editor.editor import CodeEditor
from marble_console.widgets.code_editor.findbar import FindBar
from marble_console.widgets.code_editor.looks import EditorColours, Mark
from marble_console.widgets.code_editor.popup import Choice

__all__ = ["Choice", "CodeEditor", "EditorColours", "FindBar", "Mark"]
