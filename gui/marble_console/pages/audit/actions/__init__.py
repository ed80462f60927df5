"""My actions: the journal of what this console did, as a view of the audit page."""
