"""What stands behind the ports: files, keys, quotes."""
