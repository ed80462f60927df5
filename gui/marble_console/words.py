"""Every word an operator reads passes through here, so that it can be translated. No Qt: presenters use it too."""

from __future__ import annotations

import gettext
from functools import cache

from marble_console.assets import assets_folder

DOMAIN = "marble_console"


@cache
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, assets_folder() / "locale", fallback=True)


def tr(text: str, /, **values: object) -> str:
    """The text in the operator's language; `{name}` in it is filled from `values` after translation."""
    translated = _catalogue().gettext(text)
    return translated.format(**values) if values else translated


def ntr(singular: str, plural: str, count: int, /, **values: object) -> str:
    """As `tr`, with the form for `count`; `{count}` is filled in."""
    return _catalogue().ngettext(singular, plural, count).format(count=count, **values)
