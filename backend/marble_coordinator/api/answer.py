"""An answer that is complete before its first byte is sent."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from marble_coordinator.api.jsend import Headers

Scope = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Headers


AtOnce = Callable[[Scope], Answer | None]
"""The answer to a GET without a body where there is one without a wait, or None. Must neither block nor raise."""
