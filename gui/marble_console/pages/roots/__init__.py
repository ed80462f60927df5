"""A root certificate that is another than the kept one: compare, attest, or leave."""
