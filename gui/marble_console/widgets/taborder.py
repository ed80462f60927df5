"""Where Tab goes next: in the order in which widgets are laid out.

Qt goes in the order in which they were made, so that whatever is built anew with each state would come last.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLayout, QSplitter, QWidget


def move_focus(window: QWidget, *, forward: bool) -> bool:
    """Give the keyboard to the next widget of a window, or to the one before; False where there is none.

    For `focusNextPrevChild` of windows: that of a widget inside leads there.
    """
    stops = [widget for widget in _in_order(window) if _takes_tab(widget)]
    focused = QApplication.focusWidget()
    if focused not in stops:
        return False
    target = stops[(stops.index(focused) + (1 if forward else -1)) % len(stops)]
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    target.setFocus(reason)
    return target is not focused


def _takes_tab(widget: QWidget) -> bool:
    if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or not widget.isEnabled() or widget.focusProxy():
        return False
    # Of buttons of which one is pressed, that one stands for all; the arrow keys lead to the others.
    if isinstance(widget, QAbstractButton) and widget.isCheckable() and widget.autoExclusive():
        return widget.isChecked() or widget.hasFocus()
    return True


def _in_order(widget: QWidget) -> Iterator[QWidget]:
    """The visible widgets inside, depth first, each container in the order of its layout."""
    placed = list(_placed(widget))
    # What is in no layout, such as the content of a scroll area, follows what is.
    loose = [child for child in widget.children() if isinstance(child, QWidget) and child not in placed]
    for child in (*placed, *loose):
        if child.isVisible() and not child.isWindow():
            yield child
            yield from _in_order(child)


def _placed(widget: QWidget) -> Iterator[QWidget]:
    if isinstance(widget, QSplitter):
        for at in range(widget.count()):
            if (part := widget.widget(at)) is not None:
                yield part
    elif (layout := widget.layout()) is not None:
        yield from _laid_out(layout)


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for at in range(layout.count()):
        if (item := layout.itemAt(at)) is None:
            continue
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _laid_out(inner)
