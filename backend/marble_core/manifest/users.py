"""Which user a certificate belongs to: byte for byte, by SHA-256 of its DER (spec: transport.md, rule 2)."""

from __future__ import annotations

import hashlib

from marble_core.manifest.model import Manifest, UserName
from marble_core.pem import first_block


def users_by_fingerprint(manifest: Manifest) -> dict[str, UserName]:
    """The users by the fingerprint of their certificate, in lower-case hex.

    Users without a readable certificate are left out. Of several with the same certificate, which no coordinator
    accepts, the first in name order counts.
    """
    found: dict[str, UserName] = {}
    for name in sorted(manifest.users):
        block = first_block(manifest.users[name].certificate)
        if block is not None:
            found.setdefault(hashlib.sha256(block.der).hexdigest(), name)
    return found
