"""Widgets of Marble Console. Each takes its look from the theme in force and follows it; each shows text as text."""

from marble_console.widgets.band import Band
from marble_console.widgets.banner import Banner
from marble_console.widgets.button import Button, IconButton
from marble_console.widgets.card import Card, KeyValueGrid, clear
from marble_console.widgets.chip import Chip, chip_size, paint_chip
from marble_console.widgets.fields import CheckBox, SearchField, Select
from marble_console.widgets.finding import FindingList, FindingRow
from marble_console.widgets.hashlabel import HashLabel
from marble_console.widgets.label import IconLabel, PlainLabel
from marble_console.widgets.layout import CardGrid, Line, PageBody, PageHeader
from marble_console.widgets.panels import NoticePanel, RawText, Skeleton, StaleNote
from marble_console.widgets.rows import RowsModel, RowsView
from marble_console.widgets.segments import Segments
from marble_console.widgets.steps import StepList, StepRow

__all__ = [
    "Band",
    "Banner",
    "Button",
    "Card",
    "CardGrid",
    "CheckBox",
    "Chip",
    "FindingList",
    "FindingRow",
    "HashLabel",
    "IconButton",
    "IconLabel",
    "KeyValueGrid",
    "Line",
    "NoticePanel",
    "PageBody",
    "PageHeader",
    "PlainLabel",
    "RawText",
    "RowsModel",
    "RowsView",
    "SearchField",
    "Segments",
    "Select",
    "Skeleton",
    "StaleNote",
    "StepList",
    "StepRow",
    "chip_size",
    "clear",
    "paint_chip",
]
