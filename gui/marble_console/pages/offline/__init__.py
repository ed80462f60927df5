"""The offline desk: a request is read, the share decrypted and signed, the answer taken away. Nothing here uses a network."""
