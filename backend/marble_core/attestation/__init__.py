"""Attestation: from the bytes of a quote to a verdict that explains itself (docs/attestation.md)."""
