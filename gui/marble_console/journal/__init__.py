"""What this console did: a journal in which each entry carries the hash of the one before. Format: docs/journal.md."""
