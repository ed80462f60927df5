"""The compare page: two manifests side by side, by meaning and as text."""
