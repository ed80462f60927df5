"""How verdicts and steps of an attestation look, the same everywhere: word, icon, colour. No Qt.

Green is *Verified* and a check that passed, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from marble_console.parts import ChipState, Tone
from marble_console.words import tr
from marble_core.attestation.steps import Outcome, Verdict

if TYPE_CHECKING:
    from marble_console.attesting import Attestation


@dataclass(frozen=True, slots=True)
class Look:
    """A word never stands without its icon: colour alone states nothing."""

    word: str
    icon: str
    tone: Tone


VERDICTS: Final = {
    Verdict.VERIFIED: Look(tr("Verified"), "shield-check", Tone.VERIFIED),
    Verdict.FAILED: Look(tr("Failed"), "shield-x", Tone.FAILED),
    Verdict.NOT_VERIFIED: Look(tr("Not verified"), "shield-question-mark", Tone.CAUTION),
    Verdict.SIMULATED: Look(tr("Simulated"), "flask-conical", Tone.SIMULATED),
}

OUTCOMES: Final = {
    Outcome.PASS: Look(tr("Pass"), "circle-check", Tone.VERIFIED),
    Outcome.NOTE: Look(tr("Note"), "triangle-alert", Tone.CAUTION),
    Outcome.FAIL: Look(tr("Fail"), "circle-x", Tone.FAILED),
    Outcome.NOT_CHECKED: Look(tr("Not checked"), "circle-dashed", Tone.NEUTRAL),
    Outcome.SIMULATED: Look(tr("Simulated"), "flask-conical", Tone.SIMULATED),
}


def headline(verdict: Verdict) -> str:
    """The verdict where there is room for more than the word: a simulation says at once that it is no verification."""
    return tr("Simulated · not verified") if verdict is Verdict.SIMULATED else VERDICTS[verdict].word


def verdict_chip(verdict: Verdict, tooltip: str = "") -> ChipState:
    look = VERDICTS[verdict]
    return ChipState(look.word, look.tone, look.icon, tooltip=tooltip)


def trust_chip(attested: Attestation | None) -> ChipState:
    """The badge for the last verification of a connection, or for none."""
    if attested is None:
        return verdict_chip(
            Verdict.NOT_VERIFIED, tr("No quote was checked since this connection was opened.")
        )
    return verdict_chip(attested.verdict, cause(attested))


def cause(attested: Attestation) -> str:
    """One line on why the verdict is what it is."""
    return attested.blocked.sentence if attested.blocked is not None else attested.report.line
