"""The secrets of the manifest in force: list, read, set, in batches and one by one."""
