"""What the editor of a policy shows, on the page and in a window of its own. Pure function."""

from __future__ import annotations

from marble_console.pages.attestation.policydraft import PolicyDraft, field_of
from marble_console.pages.attestation.state import PolicyState
from marble_console.parts import Action, FindingState, Tone
from marble_core.manifest.findings import Severity


def policy_state(draft: PolicyDraft, gate: str, actions: tuple[Action, ...]) -> PolicyState:
    """The editor for a draft. `gate` says why it cannot be put in force, empty if it can."""
    findings = draft.findings
    return PolicyState(
        name=draft.name,
        text=draft.text,
        values=draft.values,
        statuses=draft.statuses,
        debug=draft.debug,
        problems={field_of(one): one.sentence for one in reversed(findings) if field_of(one)},
        findings=tuple(
            FindingState(
                f"{at}-{one.rule}",
                Tone.FAILED if one.severity is Severity.ERROR else Tone.CAUTION,
                "circle-x" if one.severity is Severity.ERROR else "triangle-alert",
                one.sentence,
                one.path,
            )
            for at, one in enumerate(findings)
        ),
        readable=draft.is_readable,
        is_changed=draft.is_changed,
        gate=gate,
        actions=actions,
    )
