"""What the wizard that recovers a state says: its frame, and each of its pages. Pure functions; no Qt."""

from __future__ import annotations

import datetime as dt

from marble_console.pages.recover.composing.frame import wizard_state
from marble_console.pages.recover.composing.send import send_page
from marble_console.pages.recover.composing.share import recover_key_page, recover_share_page
from marble_console.pages.recover.composing.situation import situation_page
from marble_console.pages.recover.composing.verify import check_steps, verify_page
from marble_console.pages.recover.state import Draft, PagesState

__all__ = ["check_steps", "pages_state", "wizard_state"]


def pages_state(draft: Draft, now: dt.datetime) -> PagesState:
    """The pages themselves; which one is in front is the dialog's."""
    return PagesState(
        situation_page(draft, now),
        recover_share_page(draft),
        recover_key_page(draft),
        send_page(draft, now),
        verify_page(draft),
    )
