"""The manifests that were deployed over a connection: to choose one to compare with, or to forget some."""
