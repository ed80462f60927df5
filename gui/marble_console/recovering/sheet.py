"""The printable sheet for the day of a recovery: who holds which key, and what to do. Nothing on it opens anything."""

from __future__ import annotations

import datetime as dt
from html import escape

from marble_console.coordinators.profiles import Profile
from marble_console.recovering.known import Deployment
from marble_console.words import tr

# Pixels of a page that is 900 wide: 17 are as large as print in a book, to be read at night.
_STYLE = (
    "body { font-size: 17px; } h1 { font-size: 30px; } h2 { font-size: 21px; margin-top: 22px; } "
    "li { margin-bottom: 5px; } tt { font-size: 15px; } "
    "table.holders { border-collapse: collapse; border-color: #8a8f98; }"
)


def sheet_html(profile: Profile, known: Deployment, now: dt.datetime) -> str:
    """One page of HTML. Names come from the manifest and may hold anything: they are escaped."""
    steps = (
        tr("Find out why the coordinator is in state 1. If a copy of its seal directory exists, put that back instead."),
        tr("Open Marble Console on a trusted computer, connect to the coordinator, and verify it before anything else."),
        tr("Start “Recover the sealed state”. The holders come one after the other, in any order: {need}.", need=known.need),
        tr("Each holder brings their saved share and their private key. The key stays with its holder, on their own medium."),
        tr("At the end compare the fingerprint of the manifest with the one on this sheet."),
        tr("Make a backup of the seal directory, and note the day on this sheet."),
    )  # fmt: skip
    rows = "".join(
        f"<tr><td>{at}</td><td><b>{escape(holder.name)}</b></td><td><tt>{_grouped(holder.fingerprint)}</tt></td>"
        "<td>&nbsp;</td><td>&nbsp;</td></tr>"
        for at, holder in enumerate(known.holders, 1)
    )
    facts = (
        (tr("Coordinator"), escape(f"{profile.name}, {profile.address}")),
        (tr("Needed"), f"<b>{escape(known.need)}</b>"),
        (tr("Manifest (SHA-256)"), f"<tt>{_grouped(known.manifest)}</tt>"),
        (tr("Printed"), f"{now.astimezone():%Y-%m-%d %H:%M}"),
    )
    listed = "".join(f"<tr><td>{escape(key)}</td><td>{value}</td></tr>" for key, value in facts)
    heads = "".join(
        f"<th align='left'>{escape(text)}</th>"
        for text in (
            "",
            tr("Holder"),
            tr("Recovery key (SHA-256 of the public key)"),
            tr("Where the share is kept"),
            tr("Reached by"),
        )
    )
    return (
        f"<html><head><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(tr('Recovery sheet'))}</h1><table cellpadding='4'>{listed}</table>"
        f"<h2>{escape(tr('What to do'))}</h2><ol>{''.join(f'<li>{escape(step)}</li>' for step in steps)}</ol>"
        f"<h2>{escape(tr('Holders'))}</h2>"
        f"<table class='holders' border='1' cellspacing='0' cellpadding='7' width='100%'><tr>{heads}</tr>{rows}</table>"
        f"<p>{escape(tr('There is no secret on this sheet. Keep it where it is found without the coordinator.'))}</p>"
        "</body></html>"
    )


def _grouped(fingerprint: str) -> str:
    """In groups of eight, eight groups on two lines."""
    groups = [fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8)]
    return "<br>".join(" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4))
