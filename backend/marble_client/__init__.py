"""A typed, synchronous client of the MarbleRun Client API. The only package that speaks HTTP for the console."""
