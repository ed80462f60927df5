"""Recovering a sealed state: situation, share, key, send, verify; holder after holder."""
