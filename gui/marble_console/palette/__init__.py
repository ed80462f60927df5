"""The command palette: everything that can be opened or begun, found by typing. It opens, and never sends by itself."""
