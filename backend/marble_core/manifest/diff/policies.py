"""How lists are compared: some have an order, some are sets, some have keys (spec: manifest.md, sections 2 to 5)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from marble_core.gojson.shapes import Shape, Struct
from marble_core.manifest.certificate_schema import CERTIFICATE
from marble_core.manifest.diff.normal import bare
from marble_core.manifest.schema import CONFIG, MARBLE, PACKAGE, ROLE, TLS_TAG, USER


class ListPolicy(Enum):
    """What makes two lists the same."""

    ORDERED = "ordered"  # the same elements in the same order
    SET = "set"  # the same elements as often, in any order
    BY_ADDRESS = "by address"  # the same connections, told apart by address and port, in any order


_NAMES = ("DNSNames", "IPAddresses", "EmailAddresses", "URIs", "ExtKeyUsage", "UnknownExtKeyUsage")
_POLICIES: Mapping[Shape[Any] | None, Mapping[str, ListPolicy]] = {
    PACKAGE: dict.fromkeys(("AcceptedTCBStatuses", "AcceptedAdvisories"), ListPolicy.SET),
    MARBLE: {"TLS": ListPolicy.SET},
    TLS_TAG: dict.fromkeys(("Incoming", "Outgoing"), ListPolicy.BY_ADDRESS),
    USER: {"Roles": ListPolicy.SET},
    ROLE: dict.fromkeys(("ResourceNames", "Actions"), ListPolicy.SET),
    CONFIG: {"FeatureGates": ListPolicy.SET},
    bare(CERTIFICATE): dict.fromkeys(_NAMES, ListPolicy.SET),
}


def policy_of(struct: Struct[Any], field: str) -> ListPolicy:
    return _POLICIES.get(struct, {}).get(field, ListPolicy.ORDERED)
