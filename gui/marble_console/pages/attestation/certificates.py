"""The certificates of a verification as a tree, and the facts of the one in hand. Pure functions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Final

from marble_console.pages.attestation.state import CertificatesState
from marble_console.parts import Cell, Fact, Notice, Row, Tone
from marble_console.times import expiry
from marble_console.words import tr
from marble_core.attestation.certificate_facts import CertificateFacts, CertificateGroup

_common_name = re.compile(r"(?:^|,)CN=((?:\\.|[^,\\])*)")

# What stands where in a group, from its root down.
_ROLES: Final = {
    "Coordinator": (tr("root, named by the quote"), tr("intermediate, issues to marbles")),
    "Platform": (tr("root"), tr("PCK CA"), tr("PCK certificate")),
    "TCB info": (tr("root"), tr("TCB signing")),
    "QE identity": (tr("root"), tr("TCB signing")),
    "TLS peer": (tr("of the connection that delivered the quote"),),
    "Trusted root": (tr("chosen by you"),),
}


def certificates_state(
    groups: Sequence[CertificateGroup], chosen: str, now: dt.datetime
) -> CertificatesState:
    """The tree, and the certificate in hand: the chosen one, else the coordinator's root, else the first."""
    found = {_key(group, at): one for group in groups for at, one in enumerate(group.certificates)}
    if not found:
        return CertificatesState(
            notice=Notice(
                tr("No certificates yet"),
                tr("They come with the quote and its collateral. Verify the coordinator, or open evidence."),
                "stamp",
            )
        )
    key = next(one for one in (chosen, "Coordinator-0", *found) if one in found)
    return CertificatesState(
        rows=tuple(_group(group, now) for group in groups),
        chosen=key,
        facts=tuple(_facts(found[key], now)),
        file_name=_file_name(found[key]),
    )


def pem_of(groups: Sequence[CertificateGroup], key: str) -> bytes:
    """The certificate as a file; empty where there is none."""
    for group in groups:
        for at, one in enumerate(group.certificates):
            if _key(group, at) == key:
                return one.pem.encode()
    return b""


def _key(group: CertificateGroup, at: int) -> str:
    return f"{group.title}-{at}"


def _group(group: CertificateGroup, now: dt.datetime) -> Row:
    rows = tuple(_row(group, at, now) for at in range(len(group.certificates)))
    if group.problem:
        problem = Cell(group.problem, icon="triangle-alert", tone=Tone.CAUTION, strong=True)
        rows = (Row(f"{group.title}-problem", (problem,)),)
    return Row(f"chain-{group.title}", (Cell(group.title, strong=True),), rows, group=True)


def _row(group: CertificateGroup, at: int, now: dt.datetime) -> Row:
    one = group.certificates[at]
    roles = _ROLES.get(group.title, ())
    text, needs_a_look = expiry(one.not_after, now)
    return Row(
        _key(group, at),
        (
            Cell(_name(one), icon="stamp", strong=True, elide_middle=True, tooltip=one.subject),
            Cell(roles[at] if at < len(roles) else "", colour="text2"),
            Cell(text, tone=Tone.CAUTION if needs_a_look else None, colour="text2"),
        ),
    )


def _facts(one: CertificateFacts, now: dt.datetime) -> Iterator[Fact]:
    yield Fact(tr("Subject"), one.subject, tooltip=one.subject)
    yield Fact(tr("Issuer"), tr("itself") if one.issuer == one.subject else one.issuer, tooltip=one.issuer)
    yield Fact(tr("Valid from"), _stamp(one.not_before))
    text, needs_a_look = expiry(one.not_after, now)
    tone = Tone.CAUTION if needs_a_look else None
    yield Fact(tr("Valid until"), _stamp(one.not_after), tone, tooltip=text)
    yield Fact(tr("Names (SAN)"), ", ".join(one.alternative_names) or tr("none"))
    yield Fact(tr("Authority"), tr("may issue certificates") if one.is_authority else tr("no"))
    yield Fact(tr("Serial"), one.serial, mono=True)
    yield Fact("SHA-256", one.fingerprint, mono=True, fingerprint=True)


def _name(one: CertificateFacts) -> str:
    found = _common_name.search(one.subject)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else one.subject


def _file_name(one: CertificateFacts) -> str:
    """A name that every file system takes: "marble-coordinator-root.pem"."""
    words = re.findall(r"[A-Za-z0-9]+", _name(one)) or [tr("certificate")]
    return "-".join(words).lower()[:60] + ".pem"


def _stamp(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
