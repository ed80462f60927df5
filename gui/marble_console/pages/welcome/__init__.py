"""The first page: three choices, each of which works without the others."""
