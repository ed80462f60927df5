"""Parts of the windows about connections."""
