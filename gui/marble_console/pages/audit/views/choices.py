"""A filter: all of them, or one."""

from __future__ import annotations

from marble_console.pages.audit.state import Choice
from marble_console.widgets.fields import Select


class Choices(Select):
    """All of them, or one."""

    def __init__(self, name: str, everything: str, icon_name: str) -> None:
        super().__init__(name=name, icon_name=icon_name)
        self._everything = everything
        self._shown: tuple[Choice, ...] | None = None

    def show_choices(self, choices: tuple[Choice, ...], chosen: str) -> None:
        if choices != self._shown:
            self._shown = choices
            self.clear()
            self.addItem(self._everything, "")
            for choice in choices:
                self.addItem(choice.title, choice.key)
            self.updateGeometry()
        self.setCurrentIndex(max(0, self.findData(chosen)))
