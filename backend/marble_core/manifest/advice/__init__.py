"""What a coordinator accepts, though an operator may not have meant it: C-numbers for no effect, A-numbers for risk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from marble_core.manifest.advice import access, effect, keys, plaintext, running, unused
from marble_core.manifest.advice.base import Remark
from marble_core.manifest.model import Manifest

__all__ = ["Remark", "advice"]


def advice(manifest: Manifest, now: dt.datetime | None = None) -> Iterator[Remark]:
    """All remarks on a manifest that decoded; whether it breaks rules does not matter here.

    What depends on the time is said only when `now`, which is aware, is given.
    """
    for remarks in (
        running.debug_packages,
        keys.recovery,
        keys.weak_secrets,
        plaintext.values_of_secrets,
        plaintext.parameters,
        effect.without_effect,
        access.idle_users,
        access.updaters,
        unused.packages,
        unused.tags,
        unused.roles,
        unused.secrets,
    ):
        yield from remarks(manifest)
    yield from keys.user_certificates(manifest, now)
    yield from running.unlimited_activations(manifest)
