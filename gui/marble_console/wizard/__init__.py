"""Wizards: a table of steps, and the one dialog that shows any of them."""
