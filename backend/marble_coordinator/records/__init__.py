"""The state as the key-value map that is sealed (spec: state-and-sealing.md, section 2).

`RecordMap` is that map; a `Kind` knows how the values under one prefix are written and read. Packages, marbles and the
rest are JSON with the manifest's own field names. What cannot be read raises MalformedStateError with the record's key.
"""

from marble_coordinator.records.authority import read_authority, write_authority
from marble_coordinator.records.kinds import (
    ACTIVATIONS,
    COUNTERS,
    INFRASTRUCTURES,
    MARBLES,
    PACKAGES,
    PREVIOUS_SECRETS,
    SECRETS,
    TLS_TAGS,
    USERS,
    CounterName,
    Kind,
    UserRecord,
    counter_name,
)
from marble_coordinator.records.map import RecordMap, required
from marble_coordinator.records.pending import PendingUpdate, read_pending, write_pending

STATE = "state"
MANIFEST = "manifest"
MANIFEST_SIGNATURE = "manifestSignature"
UPDATE_LOG = "updateLog"
ROOT_SECRET = "rootSecret"
PREVIOUS_ROOT_SECRET = "previousRootSecret"
PENDING_UPDATE = "pendingUpdate"

__all__ = [
    "ACTIVATIONS",
    "COUNTERS",
    "INFRASTRUCTURES",
    "MANIFEST",
    "MANIFEST_SIGNATURE",
    "MARBLES",
    "PACKAGES",
    "PENDING_UPDATE",
    "PREVIOUS_ROOT_SECRET",
    "PREVIOUS_SECRETS",
    "ROOT_SECRET",
    "SECRETS",
    "STATE",
    "TLS_TAGS",
    "UPDATE_LOG",
    "USERS",
    "CounterName",
    "Kind",
    "PendingUpdate",
    "RecordMap",
    "UserRecord",
    "counter_name",
    "read_authority",
    "read_pending",
    "required",
    "write_authority",
    "write_pending",
]
