"""Reports: what a verification found, as JSON for programs and as HTML for people."""
