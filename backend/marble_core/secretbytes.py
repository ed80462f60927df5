"""One type for values that must never be shown."""

from __future__ import annotations

import hmac
from typing import NoReturn, Self


class SecretBytes:
    """Holds a secret value and never shows it: fixed repr, no str, no comparison by `==`, no pickling.

    The value is kept in a private mutable buffer that `wipe` overwrites. Python may have copied the bytes
    before they got here; docs/security.md says what wiping gives and what it does not.
    """

    __slots__ = ("_buffer",)

    def __init__(self, value: bytes | bytearray | memoryview) -> None:
        self._buffer = bytearray(value)

    def reveal(self) -> bytes:
        """Return a copy of the value. The caller answers for it."""
        return bytes(self._buffer)

    def same_as(self, other: SecretBytes) -> bool:
        """Compare without telling by the time taken where the values differ."""
        return hmac.compare_digest(self._buffer, other._buffer)

    def wipe(self) -> None:
        """Overwrite the value with zeros; its length stays."""
        self._buffer[:] = bytes(len(self._buffer))

    def __len__(self) -> int:
        return len(self._buffer)

    def __repr__(self) -> str:
        return f"<secret, {len(self._buffer)} bytes>"

    def __str__(self) -> NoReturn:
        raise TypeError("a secret is not text; call reveal() where its value is needed")

    def __format__(self, format_spec: str) -> NoReturn:
        raise TypeError("a secret is not text; call reveal() where its value is needed")

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("compare secrets with same_as()")

    __hash__ = None  # type: ignore[assignment]  # a hash would tell equal values apart

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")

    def __copy__(self) -> Self:
        raise TypeError("a secret is not copied")

    def __deepcopy__(self, memo: object) -> Self:
        raise TypeError("a secret is not copied")
