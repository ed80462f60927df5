"""Widgets of Marble Console. Each takes its look from the theme in force and follows it; each shows text as text.

Import them from their modules: the window loads only those it shows first.
"""
