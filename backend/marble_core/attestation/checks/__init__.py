"""The checks c1 to c16 of the specification (attestation.md, section 4), grouped by what they look at.

Each is a plain function: what it needs in, what it found out. None raises on hostile input, and none knows the others;
`verify` puts them in order and says what builds on what.
"""
