"""Starting over: what is lost for good, a copy of the last known manifest, and the operator's word for it."""
