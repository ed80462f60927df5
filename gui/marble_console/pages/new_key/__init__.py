"""Making a recovery key for a holder: name and passphrase, the file, the lines for the manifest."""
