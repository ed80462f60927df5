"""Which checks are off on a connection by the operator's own choice. No Qt.

What a single verification could not do is told by its verdict; this is about what nobody asks for any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from marble_console.coordinators.attested import Terms
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.parts import Action, BannerState, Tone
from marble_console.words import ntr, tr
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.errors import PolicyRefused
from marble_core.attestation.policy import DEFAULT_STATUSES, Policy
from marble_core.attestation.tcb import TcbStatus


def checks_off(profile: Profile | None, terms: Terms) -> tuple[str, ...]:
    """What is not checked, in the operator's words; nothing for the local coordinator, which the console starts itself."""
    if profile is None or profile.kind is Kind.LOCAL:
        return ()
    try:
        policy = terms.read_policy()
    except PolicyRefused:
        return ()  # nothing is asked of the connection until the policy is put right
    found = []
    if policy is None:
        found.append(tr("enclave identity (no policy is chosen, so any enclave would do)"))
    if policy is None and profile.root_der:
        found.append(tr("quote (the root certificate alone is trusted)"))
    found += _forgiven(policy, terms) if policy is not None else []
    if terms.anchor_der and terms.anchor_der != INTEL.certificate.der:
        found.append(tr("hardware (a simulation root is trusted)"))
    return tuple(found)


def _forgiven(policy: Policy, terms: Terms) -> list[str]:
    found = []
    if policy.debug:
        found.append(tr("debug attribute (debug enclaves are allowed)"))
    known = {status.value for status in TcbStatus} - {*DEFAULT_STATUSES, TcbStatus.REVOKED.value}
    accepted = [*policy.accepted_statuses, *(one.subject for one in terms.acceptances)]
    statuses = [status for status in dict.fromkeys(accepted) if status in known]
    if statuses:
        found.append(tr("TCB level ({statuses} accepted)", statuses=", ".join(statuses)))
    return found


def insecure_banner(off: Sequence[str]) -> BannerState | None:
    """The banner that stays as long as the connection is open; None where every check is on."""
    if not off:
        return None
    return BannerState(
        "insecure",
        Tone.CAUTION,
        "triangle-alert",
        ntr(
            "Insecure connection: {count} check is off",
            "Insecure connection: {count} checks are off",
            len(off),
        ),
        tr("Off: {checks}.", checks="; ".join(off)),
        (Action("edit", tr("Edit connection…"), icon="pencil"),),
    )
