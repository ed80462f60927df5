"""The state as the key-value map that is sealed (spec: state-and-sealing.md, section 2).

`RecordMap` is that map; a `Kind` knows how the values under one prefix are written and read. Packages, marbles and the
rest are JSON with the manifest's own field names. What cannot be read raises MalformedStateError with the record's key.
"""

from marble_coordinator.records.authority import read_authority, write_authority
from marble_coordinator.records.kinds import (
    ACTIVATIONS,
    INFRASTRUCTURES,
    MARBLES,
    PACKAGES,
    SECRETS,
    TLS_TAGS,
    USERS,
    Kind,
    UserRecord,
)
from marble_coordinator.records.map import RecordMap, required

STATE = "state"
MANIFEST = "manifest"
MANIFEST_SIGNATURE = "manifestSignature"
UPDATE_LOG = "updateLog"
ROOT_SECRET = "rootSecret"

__all__ = [
    "ACTIVATIONS",
    "INFRASTRUCTURES",
    "MANIFEST",
    "MANIFEST_SIGNATURE",
    "MARBLES",
    "PACKAGES",
    "ROOT_SECRET",
    "SECRETS",
    "STATE",
    "TLS_TAGS",
    "UPDATE_LOG",
    "USERS",
    "Kind",
    "RecordMap",
    "UserRecord",
    "read_authority",
    "required",
    "write_authority",
]
