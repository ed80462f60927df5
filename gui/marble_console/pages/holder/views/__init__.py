"""The pages that take a holder's share and key."""
