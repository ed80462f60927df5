"""The connections that are kept: choose one, add, change, try out, forget."""
