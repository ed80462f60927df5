"""Setting the first manifest: confirm, send, save the recovery secrets."""
