"""Fusion's palette and the short style sheet on top of it. What has dashes, bars or chevrons is painted by widgets."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from marble_console.parts import Tone
from marble_console.theme.roles import Roles
from marble_console.theme.theme import Theme

_Role = QPalette.ColorRole


def palette(theme: Theme) -> QPalette:
    """Fusion's colours, so that what the style sheet leaves alone still fits."""
    r = theme.roles
    result = QPalette()
    for role, colour in (
        (_Role.Window, r.page),
        (_Role.WindowText, r.text1),
        (_Role.Base, r.surface),
        (_Role.AlternateBase, r.sunken),
        (_Role.Text, r.text1),
        (_Role.PlaceholderText, r.text3),
        (_Role.Button, r.surface),
        (_Role.ButtonText, r.text1),
        (_Role.BrightText, r.on_accent),
        (_Role.ToolTipBase, r.overlay),
        (_Role.ToolTipText, r.text1),
        (_Role.Highlight, r.selected),
        (_Role.HighlightedText, r.text1),
        (_Role.Accent, r.accent),
        (_Role.Link, r.accent_text),
        (_Role.LinkVisited, r.accent_text),
        (_Role.Light, r.surface),
        (_Role.Midlight, r.hover),
        (_Role.Mid, r.border3),
        (_Role.Dark, r.border2),
        (_Role.Shadow, r.border2),
    ):
        result.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(r.disabled))
    result.setColor(QPalette.ColorGroup.Disabled, _Role.Base, QColor(r.sunken))
    return result


def style_sheet(theme: Theme) -> str:
    """About fifty rules. Each names its border, padding and states together: one of them alone loses the rest."""
    r, m = theme.roles, theme.measures
    control = theme.text(m.control)
    pad = theme.pad(m.m)
    return f"""
QPushButton {{ background: {r.surface}; color: {r.text1}; border: 1px solid {r.border3};
  border-radius: {m.radius}px; padding: 0 {pad}px; min-height: {control - 2}px; outline: 0; }}
QPushButton:hover {{ background: {r.hover}; }}
QPushButton:pressed {{ background: {r.selected}; }}
QPushButton:checked {{ background: {r.selected}; border-color: {r.accent}; }}
QPushButton:disabled {{ background: {r.sunken}; color: {r.disabled}; border-color: {r.border}; }}
QPushButton:focus {{ border: 2px solid {r.focus}; padding: 0 {pad - 1}px; min-height: {control - 4}px; }}
{_filled("primary", r.accent, r.accent_hover, r)}
{_filled("danger", r.danger, r.danger, r)}
QPushButton[kind="quiet"], QPushButton[kind="link"] {{ background: transparent; border-color: transparent; }}
QPushButton[kind="quiet"]:hover {{ background: {r.hover}; }}
QPushButton[kind="link"] {{ color: {r.accent_text}; padding: 0 {theme.pad(4)}px; }}
QPushButton[kind="link"]:hover {{ background: {r.hover}; }}
QPushButton[kind="quiet"]:disabled, QPushButton[kind="link"]:disabled {{ color: {r.disabled}; }}
QPushButton[kind="quiet"]:focus {{ border-color: {r.focus}; }}
QPushButton[kind="link"]:focus {{ border-color: {r.focus}; padding: 0 {theme.pad(4) - 1}px; }}
QToolButton {{ background: transparent; color: {r.text1}; border: 2px solid transparent;
  border-radius: {m.radius}px; padding: 0; min-width: {control - 4}px; min-height: {control - 4}px; }}
QToolButton:hover {{ background: {r.hover}; }}
QToolButton:pressed, QToolButton:checked {{ background: {r.selected}; }}
QToolButton:disabled {{ color: {r.disabled}; }}
QToolButton:focus {{ border-color: {r.focus}; }}
QToolButton::menu-indicator {{ image: none; }}
QFrame[kind="segments"] {{ background: {r.sunken}; border: 1px solid {r.border}; border-radius: {m.radius}px; }}
QFrame[kind="segments"] QPushButton {{ background: transparent; color: {r.text2}; margin: 1px;
  border: 1px solid transparent; padding: 0 {theme.pad(9)}px; min-height: {control - 6}px; }}
QFrame[kind="segments"] QPushButton:hover {{ color: {r.text1}; }}
QFrame[kind="segments"] QPushButton:checked {{ background: {r.surface}; color: {r.text1}; border-color: {r.border3}; }}
QFrame[kind="segments"] QPushButton:focus {{ border: 2px solid {r.focus}; padding: 0 {theme.pad(9) - 1}px;
  min-height: {control - 8}px; }}
QLineEdit {{ background: {r.surface}; color: {r.text1}; border: 1px solid {r.border2};
  border-radius: {m.radius}px; padding: 0 {theme.pad(8)}px; min-height: {control - 2}px;
  selection-background-color: {r.selected}; selection-color: {r.text1}; }}
QLineEdit:focus {{ border: 2px solid {r.focus}; padding: 0 {theme.pad(8) - 1}px; min-height: {control - 4}px; }}
QLineEdit QToolButton {{ border: 0; min-width: 0; min-height: 0; background: transparent; }}
QLineEdit:disabled, QLineEdit:read-only {{ background: {r.sunken}; border-color: {r.border}; }}
QLineEdit[invalid="true"] {{ border-color: {theme.tone(Tone.FAILED).solid}; }}
QFrame[kind="card"] {{ background: {r.surface}; border: {r.edge}px solid {r.border}; border-radius: {m.radius_card}px; }}
QFrame[kind="sunken"] {{ background: {r.sunken}; border: {r.edge}px solid {r.border}; border-radius: {m.radius_card}px; }}
QFrame[kind="line"] {{ background: {r.border}; border: 0; }}
QWidget[kind="rail"] {{ background: {r.rail}; }}
QWidget[kind="surface"] {{ background: {r.surface}; }}
QWidget[kind="page"] {{ background: {r.page}; }}
QScrollArea {{ border: 0; background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QTreeView, QListView {{ background: {r.surface}; border: 0; outline: 0; selection-background-color: transparent; }}
QHeaderView {{ background: {r.sunken}; border: 0; }}
QHeaderView::section {{ background: {r.sunken}; color: {r.text3}; border: 0; border-bottom: 1px solid {r.border};
  padding: {theme.pad(6)}px {theme.pad(8)}px; }}
QTextEdit, QPlainTextEdit {{ background: {r.surface}; color: {r.text1}; border: 0;
  selection-background-color: {r.selected}; selection-color: {r.text1}; }}
QPlainTextEdit[kind="raw"] {{ background: {r.sunken}; border: 1px solid {r.border}; border-radius: {m.radius}px;
  padding: 1px; }}
QPlainTextEdit[kind="raw"]:focus {{ border: 2px solid {r.focus}; padding: 0; }}
QPlainTextEdit[kind="entry"] {{ border: 1px solid {r.border2}; border-radius: {m.radius}px; padding: 1px; }}
QPlainTextEdit[kind="entry"]:focus {{ border: 2px solid {r.focus}; padding: 0; }}
QPlainTextEdit[kind="entry"]:disabled {{ background: {r.sunken}; border-color: {r.border}; }}
QTabBar::tab {{ background: transparent; color: {r.text2}; border: 0; border-bottom: 2px solid transparent;
  padding: 0 {pad}px; min-height: {theme.text(m.tab) - 2}px; }}
QTabBar::tab:selected {{ color: {r.text1}; border-bottom-color: {r.accent}; }}
QTabBar::tab:hover {{ color: {r.text1}; }}
QTabBar::tab:focus {{ border-bottom-color: {r.focus}; background: {r.hover}; }}
QTabWidget::pane {{ border: 0; border-top: 1px solid {r.border}; }}
QMenu {{ background: {r.overlay}; color: {r.text1}; border: 1px solid {r.border3}; padding: {theme.pad(4)}px; }}
QMenu::item {{ padding: {theme.pad(6)}px {theme.pad(24)}px {theme.pad(6)}px {theme.pad(10)}px;
  border-radius: {m.radius - 2}px; border: 1px solid transparent; }}
QMenu::item:selected {{ background: {r.hover}; border-color: {r.border3}; }}
QMenu::item:disabled {{ color: {r.disabled}; }}
QMenu::separator {{ height: 1px; background: {r.border}; margin: {theme.pad(4)}px 0; }}
QToolTip {{ background: {r.overlay}; color: {r.text1}; border: 1px solid {r.border3}; padding: {theme.pad(4)}px; }}
QProgressBar {{ background: {r.border}; border: 0; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {r.accent}; border-radius: 2px; }}
QSplitter::handle {{ background: {r.border}; }}
QScrollBar:vertical {{ background: transparent; width: {theme.icon(10)}px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {theme.icon(10)}px; margin: 0; }}
QScrollBar::handle {{ background: {r.border2}; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {r.text3}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _filled(kind: str, fill: str, hover: str, r: Roles) -> str:
    button = f'QPushButton[kind="{kind}"]'
    return f"""{button} {{ background: {fill}; color: {r.on_accent}; border-color: {fill}; }}
{button}:hover, {button}:pressed {{ background: {hover}; border-color: {hover}; }}
{button}:disabled {{ background: {r.hover}; color: {r.disabled}; border-color: {r.border}; }}
{button}:focus {{ border-color: {r.focus_on_fill}; }}"""
