"""The window around the pages."""

from marble_console.shell.window import Shell

__all__ = ["Shell"]
