"""The domain of Marble Console: manifests, attestation, secrets, recovery.

No I/O, no clock, no Qt, no HTTP: whatever varies is an argument, whatever is decided is a value.
"""
