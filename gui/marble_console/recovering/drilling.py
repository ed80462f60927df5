"""A drill: would this holder's key open this share, if it had to? On a worker; nothing is sent, and nothing is kept of it."""

from __future__ import annotations

from dataclasses import dataclass

from marble_console.recovering.errors import WrongShare
from marble_console.recovering.keys import HolderKey, fingerprint
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.opening import open_share
from marble_console.recovering.sending import Check, Checked
from marble_console.recovering.shares import SavedShares
from marble_console.words import tr
from marble_core.recovery import Contribution, is_signed_by

_KEY, _SHARE = 32, 33


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill has shown. `reason` says in a sentence why it did not pass."""

    holder: str
    checks: tuple[Check, ...]
    reason: str = ""

    @property
    def passed(self) -> bool:
        return all(check.outcome is Checked.FITS for check in self.checks)


def drill(key: HolderKey, shares: SavedShares, holder: Holder, known: Deployment) -> Drilled:
    """Try key and share of one holder."""
    owner = known.holder_of(fingerprint(key.public))
    if owner != holder:
        whose = (
            tr("it is the key of {other}", other=owner.name)
            if owner
            else tr("it is in the manifest under no name")
        )
        found = Check(
            tr("Key"),
            Checked.DIFFERS,
            tr("not the recovery key of {holder}: {whose}", holder=holder.name, whose=whose),
        )
        return Drilled(holder.name, (found,), tr("The key is not that of {holder}.", holder=holder.name))
    fits = Check(
        tr("Key"), Checked.FITS, tr("the recovery key of {holder} in the manifest", holder=holder.name)
    )
    try:
        share = open_share(shares, key, known)
    except WrongShare as error:
        return Drilled(
            holder.name,
            (fits, Check(tr("Share"), Checked.DIFFERS, error.sentence, error.hint)),
            error.sentence,
        )
    try:
        opened = Check(tr("Share"), Checked.FITS, tr("{source} opens with it", source=shares.source))
        length = _length(len(share.sent), known)
        signature = _signature(Contribution(share.sent, share.signature), holder)
    finally:
        share.wipe()
    checks = (fits, opened, length, signature)
    reason = next((check.fact for check in checks if check.outcome is not Checked.FITS), "")
    return Drilled(holder.name, checks, reason)


def _length(found: int, known: Deployment) -> Check:
    """With a threshold below all, a holder has a share of 33 bytes; otherwise 32."""
    parties = len(known.holders)
    wanted = _SHARE if parties > 1 and known.needed < parties else _KEY
    name = tr("Length")
    if found == wanted or (found == wanted // 2 and parties == 1):
        return Check(name, Checked.FITS, tr("{count} bytes, as this manifest gives out", count=found))
    return Check(
        name,
        Checked.DIFFERS,
        tr("{found} bytes, and this manifest gives out {wanted}", found=found, wanted=wanted),
        tr("The share is from before the recovery keys or their threshold were changed."),
    )


def _signature(contribution: Contribution, holder: Holder) -> Check:
    public = holder.public
    if public is not None and is_signed_by(public, contribution):
        return Check(tr("Signature"), Checked.FITS, tr("the manifest's key confirms it"))
    return Check(tr("Signature"), Checked.DIFFERS, tr("the manifest's key does not confirm it"))
