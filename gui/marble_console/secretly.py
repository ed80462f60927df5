"""Whether a text seems to hold secret values: such a text is kept in no draft and in no history. No Qt.

Looks at the text alone, which may be no JSON: rather once too often than once too few.
"""

from __future__ import annotations

import re

from marble_core.manifest.pasted import IN_TEXT

_SECRETS = (
    *IN_TEXT,
    re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY"),  # in YAML, or alone
    re.compile(r'"(?:private|public)"\s*:\s*(?:"[^"\s]|\[\s*\d)', re.IGNORECASE),
)


# One search holds the interpreter, and with it the window, until it ends: megabytes are looked through in slices. What
# begins in a slice may end so many characters behind it.
_SLICE = 1 << 17
_BEYOND = 1 << 14


def holds_secrets(text: str) -> bool:
    return any(
        pattern.search(text, start, start + _SLICE + _BEYOND)
        for pattern in _SECRETS
        for start in range(0, len(text), _SLICE)
    )
