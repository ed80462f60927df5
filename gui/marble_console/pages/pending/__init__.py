"""A pending update of the whole manifest: what it changes, who has agreed, to agree to exactly these bytes, or to drop it."""
