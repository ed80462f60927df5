"""Keys and certificates: the coordinator's own authority, and what it issues (spec: secrets-and-certs.md)."""
