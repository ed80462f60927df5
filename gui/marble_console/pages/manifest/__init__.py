"""The manifest page: documents, their text, their problems."""
