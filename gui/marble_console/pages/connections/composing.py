"""The facts that the form of a connection shows. Pure functions."""

from __future__ import annotations

import datetime as dt

from marble_client.trust import Trust, fingerprint
from marble_console.pages.attestation.policydraft import PolicyDraft
from marble_console.pages.connections.state import Draft, TrustBy
from marble_console.parts import Fact, Tone
from marble_console.times import expiry
from marble_console.widgets.text import short_hash
from marble_console.words import tr
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.errors import MarbleError


def root_facts(root_der: bytes, now: dt.datetime) -> tuple[Fact, ...]:
    if not root_der:
        return ()
    try:
        root = Trust(root_der).root
    except ValueError:  # kept by somebody else's hand
        return (Fact(tr("Root"), tr("cannot be read"), Tone.FAILED),)
    words, soon = expiry(root.not_valid_after_utc, now)
    return (
        Fact(tr("SHA-256"), fingerprint(root_der), fingerprint=True),
        Fact(tr("Subject"), root.subject.rfc4514_string() or tr("empty")),
        Fact(tr("Ends"), words, Tone.CAUTION if soon else None),
    )


def policy_facts(draft: PolicyDraft) -> tuple[Fact, ...]:
    """Which enclave a policy names."""
    if draft.is_empty:
        return ()
    name = Fact(tr("File"), draft.name or tr("typed here"), strong=True)
    policy = draft.policy
    if policy is None:
        return (name,)
    facts = [name]
    if policy.unique_id is not None:
        facts.append(Fact(tr("UniqueID"), policy.unique_id.hex(), fingerprint=True))
    if policy.signer_id is not None:
        facts.append(Fact(tr("SignerID"), policy.signer_id.hex(), fingerprint=True))
    if policy.product_id:
        facts.append(Fact(tr("ProductID"), str(policy.product_id)))
    if policy.security_version:
        facts.append(Fact(tr("SecurityVersion"), tr("{number} or more", number=policy.security_version)))
    if policy.debug:
        facts.append(Fact(tr("Debug"), tr("allowed: the host can read the memory"), Tone.CAUTION))
    return tuple(facts)


def policy_remark(draft: Draft) -> str:
    """What the choice of no policy means."""
    if not draft.policy.is_empty:
        return ""
    if draft.trust_by is TrustBy.FILE:
        return tr("Without a policy no quote is checked: the connection says so as long as it is open.")
    return tr(
        "Without a policy any enclave would pass, so nothing is trusted and nothing is sent. The attestation page can fill "
        "one in from the first quote."
    )


def anchor_facts(anchor_der: bytes) -> tuple[Fact, ...]:
    if not anchor_der:
        return (Fact(tr("Trusted"), tr("{name}: it vouches for hardware", name=INTEL.name)),)
    try:
        anchor = TrustAnchor.from_der(anchor_der)
    except MarbleError:
        return ()
    return (
        Fact(tr("Simulation root"), anchor.name),
        Fact(tr("SHA-256"), anchor.fingerprint, fingerprint=True),
    )


def authority_facts(authority_der: bytes) -> tuple[Fact, ...]:
    if not authority_der:
        return ()
    return (Fact(tr("Trusted for the service"), short_hash(fingerprint(authority_der))),)
