"""Secrets that somebody has written into the parameters of a marble, where everybody can read them, told by their looks."""

from __future__ import annotations

import re
from typing import Final

# What the names of variables end with that hold secrets, as a regular expression.
SECRET_NAMES: Final = (
    r"password|passwd|passphrase|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?"
)

_private_key = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----")
_secret_name = re.compile(rf"(?:^|[_\W])(?:{SECRET_NAMES})$", re.IGNORECASE)
_secret_option = re.compile(
    r"--?(?:[\w-]*[_-])?(?:password|passwd|passphrase|secret|token|api-?key|private-?key)=(?=.)",
    re.IGNORECASE,
)
# These say where a secret is, or that there is none.
_harmless = re.compile(r"\s*(?:|/.*|\./.*|true|false|yes|no|on|off|none|null|\d{1,5})\s*", re.IGNORECASE)

# The same in a text that may be no JSON: what comes before a value, and the value with its quotes.
IN_TEXT: Final = (
    re.compile(
        rf'("(?:[^"\n]{{0,200}}[_\W])?(?:{SECRET_NAMES})"\s*:\s*(?:\{{\s*"Data"\s*:\s*)?)'
        r'("(?!\s*(?:"|\{\{))(?:[^"\\\n]|\\.)*"?)',
        re.IGNORECASE,
    ),
    re.compile(
        r'()("--?[^"\n=]{0,80}(?:password|passwd|passphrase|secret|token|api-?key|private-?key)=(?:[^"\\\n]|\\.)+"?)',
        re.IGNORECASE,
    ),
    re.compile(r'()("[^"\n]{0,200}-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?:[^"\\\n]|\\.)*"?)'),
)

# Of these, one stands in every text that holds something of the kind: looked for first, for most texts hold nothing.
_SIGNS: Final = (
    "private key",
    *(
        f"{name}{end}"
        for name in (
            *("password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "credentials"),
            *(f"{kind}{joint}key" for kind in ("api", "private", "access") for joint in ("", "_", "-")),
        )
        for end in ('"', "=")
    ),
)


def may_hold_secrets(text: str) -> bool:
    """Whether a manifest can hold anything that the functions below find."""
    lower = text.lower()
    return any(sign in lower for sign in _SIGNS)


def is_private_key(text: str) -> bool:
    return _private_key.search(text) is not None


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name would hold a secret."""
    return _secret_name.search(name) is not None


def is_secret_variable(name: str, text: str, *, no_templates: bool = False) -> bool:
    """Whether a variable of this name, with this text that is no template, seems to hold a secret."""
    return is_secret_name(name) and (no_templates or "{{" not in text) and _harmless.fullmatch(text) is None


def is_secret_argument(text: str) -> bool:
    return _secret_option.match(text) is not None


def is_pasted(section: str, name: str, text: str) -> bool:
    """Whether an entry of `Files`, `Env` or `Argv` (then without a name) seems to hold a secret."""
    if section == "Argv":
        return is_secret_argument(text)
    return is_private_key(text) or (section == "Env" and is_secret_variable(name, text))
