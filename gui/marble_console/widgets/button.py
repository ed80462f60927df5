"""Buttons by kind: primary, secondary, quiet, link, danger; and buttons of an icon alone."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from marble_console.parts import Action, ButtonKind
from marble_console.theme import ColourRole, Theme, current, follow, icon
from marble_console.widgets.text import tooltip

_GAP = 8  # between icon and text
_QT_GAP = 4  # what Qt puts there itself; the rest is drawn as a margin of the icon


class Button(QPushButton):
    """A push button. Its text is plain: an ampersand stays one."""

    def __init__(
        self,
        text: str,
        kind: ButtonKind = "secondary",
        icon_name: str = "",
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind: ButtonKind = kind
        self._icon_name = icon_name
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if name:
            self.setObjectName(name)
        self.set_text(text)
        follow(self._restyle)

    @property
    def kind(self) -> ButtonKind:
        return self._kind

    @property
    def icon_name(self) -> str:
        return self._icon_name

    def set_text(self, text: str) -> None:
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)

    def set_kind(self, kind: ButtonKind) -> None:
        if kind != self._kind:
            self._kind = kind
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)
            self._restyle(current())

    def set_icon_name(self, icon_name: str) -> None:
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self._restyle(current())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 # Qt's name
        # Whether Return presses the button that has the keyboard differs from desktop to desktop; here it always does.
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def set_action(self, action: Action) -> None:
        """Show an action; the reason of a disabled one becomes the tooltip and the description."""
        self.setObjectName(action.key)
        self.set_kind(action.kind)
        self.set_icon_name(action.icon)
        self.set_text(action.text)
        self.setEnabled(action.enabled)
        self.setToolTip(tooltip(action.reason))
        self.setAccessibleDescription(action.reason)

    def follow_action(self, action: Action) -> None:
        """Show an action, and keep the name that the button was made with."""
        name = self.objectName()
        self.set_action(action)
        self.setObjectName(name)

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.font("body", 600 if self._kind in {"primary", "danger"} else 500))
        if not self._icon_name:
            self.setIcon(QIcon())
            return
        roles: dict[ButtonKind, ColourRole] = {
            "primary": "on_accent",
            "danger": "on_accent",
            "link": "accent_text",
            "quiet": "text2",
        }
        side = theme.icon(16)
        self.setIcon(icon(self._icon_name, theme.hex(roles.get(self._kind, "text1")), theme.roles.disabled))
        self.setIconSize(QSize(side + theme.pad(_GAP) - _QT_GAP, side))


class IconButton(QToolButton):
    """A button of an icon alone; what it does is its tooltip and accessible name."""

    def __init__(
        self,
        icon_name: str,
        does: str,
        *,
        size: int = 18,
        name: str = "",
        shortcut: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._size = size
        self.setAccessibleName(does)
        self.setToolTip(f"{does} ({shortcut})" if shortcut else does)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoRaise(True)
        if name:
            self.setObjectName(name)
        follow(self._restyle)

    def set_icon_name(self, icon_name: str, does: str) -> None:
        self._icon_name = icon_name
        self.setAccessibleName(does)
        self.setToolTip(does)
        self._restyle(current())

    def _restyle(self, theme: Theme) -> None:
        side = theme.icon(self._size)
        self.setIcon(icon(self._icon_name, theme.roles.text2, theme.roles.disabled))
        self.setIconSize(QSize(side, side))
