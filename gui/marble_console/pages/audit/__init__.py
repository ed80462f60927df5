"""The audit log: what was changed at a coordinator, by whom and when, and whether the log is still the one that was read before."""
