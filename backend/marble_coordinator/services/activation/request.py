"""What a marble sends when it wants to be activated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from marble_coordinator.errors import NotAUuid
from marble_core.manifest.model import MarbleType

_HEX = "[0-9a-f]"
_HYPHENS = f"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
_uuid = re.compile(rf"(?:urn:uuid:)?{_HYPHENS}|\{{{_HYPHENS}\}}|{_HEX}{{32}}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class ActivationRequest:
    """As it came: nothing of it is checked. `quote` is empty where the marble could not make one; `csr` is DER."""

    marble_type: MarbleType
    uuid: str
    csr: bytes
    quote: bytes = b""


def parse_uuid(text: str) -> UUID:
    """A UUID of any version in one of the four forms that there are. Raises NotAUuid."""
    if not _uuid.fullmatch(text):
        raise NotAUuid
    return UUID(text.lower())
