"""Measurements of the coordinator and the console: `make bench`, or `python -m bench --help`."""
