"""A text view for JSON: gutter with line numbers and marks, highlighting, squiggles. Big texts never block."""

from marble_console.widgets.code_editor.editor import CodeEditor, EditorColours, Mark

__all__ = ["CodeEditor", "EditorColours", "Mark"]
