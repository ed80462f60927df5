"""The pages of a share and of the key for it."""

from __future__ import annotations

from marble_console.pages.holder.composing import found, key_page
from marble_console.pages.holder.state import KeyPage, SharePage
from marble_console.pages.recover.state import Draft
from marble_console.parts import Fact
from marble_console.recovering.opening import Where
from marble_console.times import clock
from marble_console.wizard.presenting import problem_notice
from marble_console.words import tr


def recover_share_page(draft: Draft) -> SharePage:
    """The share, whichever way it comes."""
    purged = ""
    if draft.purged is not None:
        who = draft.whose or tr("the holder before")
        purged = tr("Inputs of {who} were purged at {time}.", who=who, time=clock(draft.purged))
    return SharePage(
        way=draft.way,
        found=found(draft.shares),
        purged=purged,
        secret=draft.secret_source,
        signature=draft.signature_source,
        wants_signature=draft.situation.offers_v2,
        request=draft.request.text if draft.request is not None else "",
        code=draft.request.code if draft.request is not None else "",
        carried=draft.carried,
        answer=_answer(draft),
        problem=problem_notice(draft.problem),
    )


def _answer(draft: Draft) -> str:
    share = draft.share
    if share is None or share.where is not Where.OFFLINE:
        return ""
    holder = share.holder or tr("a holder without a name")
    return tr("{source}: the answer of {holder}", source=share.source, holder=holder)


def recover_key_page(draft: Draft) -> KeyPage:
    """The key, and the share that it opens."""
    share = draft.share
    if share is None:
        return key_page(draft)
    fits = (
        Fact(tr("Fits"), share.holder or tr("a share without a name"), strong=True),
        Fact(tr("From"), share.source),
        Fact(tr("Key"), share.key_fingerprint, mono=True, fingerprint=True),
    )
    return key_page(draft, fits)
