"""Attestation: why a coordinator can or cannot be trusted, step by step."""
