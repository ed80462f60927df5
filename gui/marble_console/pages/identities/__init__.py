"""The identities of the connection in hand: choose one, add, make, unlock, forget."""
