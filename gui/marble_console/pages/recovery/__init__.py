"""The page for the days before a recovery, and the way into one."""
