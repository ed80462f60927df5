"""Reads JSON that was written here, and says which field is wrong when it was not."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from marble_coordinator.ports import MalformedStateError


@contextmanager
def explaining(what: str) -> Iterator[None]:
    """Turn what reading raises into MalformedStateError, with `what` in front."""
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise MalformedStateError(f"{what}: {error}.") from error


class Fields:
    """A JSON object that is read field by field; raises ValueError naming the field."""

    def __init__(self, values: object) -> None:
        if not isinstance(values, dict):
            raise ValueError("an object is expected")  # noqa: TRY004 # the content is wrong, not a type
        self._values = values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def _get(self, name: str, *types: type) -> Any:
        if name not in self._values:
            raise ValueError(f"{name} is missing")
        value = self._values[name]
        # Exact types: to Python True is a number, to JSON it is not.
        if type(value) not in types:
            raise ValueError(f"{name} has the wrong type")
        return value

    def text(self, name: str) -> str:
        return str(self._get(name, str))

    def flag(self, name: str) -> bool:
        return bool(self._get(name, bool))

    def number(self, name: str) -> int:
        return int(self._get(name, int))

    def optional_number(self, name: str) -> int | None:
        value: int | None = self._get(name, int, type(None))
        return value

    def octets(self, name: str) -> bytes:
        """Base64, or null for none, as Go writes bytes."""
        return base64.b64decode(self._get(name, str, type(None)) or "", validate=True)

    def items(self, name: str) -> list[Any]:
        return list(self._get(name, list))

    def texts(self, name: str) -> tuple[str, ...]:
        texts = self.items(name)
        if not all(isinstance(text, str) for text in texts):
            raise ValueError(f"{name} is no list of texts")
        return tuple(texts)

    def object(self, name: str) -> Fields:
        return Fields(self._get(name, dict))
