"""The manifest as a form: what of it is shown as fields, and how an edit of a field becomes an edit of the text."""
