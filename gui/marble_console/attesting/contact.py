"""The way to a coordinator as a list of steps, from its name to its state: under way, ended, or walked to the end. No Qt.

The same list for the test of a connection and for its first use. What was not reached says so, and claims nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from marble_client.errors import NameMismatch, Refused, cut
from marble_console.attesting.subject import Attestation, Phase
from marble_console.parts import StepState, Tone
from marble_console.verdicts import OUTCOMES, VERDICTS
from marble_console.words import tr
from marble_core.attestation.reasons import Reason
from marble_core.attestation.report import Report
from marble_core.attestation.steps import Outcome, Step, StepResult, Verdict
from marble_core.errors import MarbleError


class Stop(IntEnum):
    """Where the way can end, in this order."""

    NAME = 1
    CONNECTION = 2
    TLS = 3
    QUOTE = 4
    POLICY = 5
    STATE = 6


_NAMES: Final = {
    Stop.NAME: tr("Host name"),
    Stop.CONNECTION: tr("Connection"),
    Stop.TLS: tr("TLS"),
    Stop.QUOTE: tr("Quote"),
    Stop.POLICY: tr("Policy"),
    Stop.STATE: tr("Coordinator"),
}
_AT: Final = {
    Phase.RESOLVE: Stop.NAME,
    Phase.CONNECT: Stop.CONNECTION,
    Phase.TLS: Stop.TLS,
    Phase.QUOTE: Stop.QUOTE,
    Phase.COLLATERAL: Stop.QUOTE,
    Phase.VERDICT: Stop.QUOTE,
    Phase.STATE: Stop.STATE,
}
_DOING: Final = {
    Phase.RESOLVE: tr("looking the name up…"),
    Phase.CONNECT: tr("connecting…"),
    Phase.TLS: tr("shaking hands; nothing is sent yet…"),
    Phase.QUOTE: tr("asking for the quote; only a nonce is sent…"),
    Phase.COLLATERAL: tr("collateral is being fetched…"),
    Phase.VERDICT: tr("the quote is being judged…"),
    Phase.STATE: tr("asking for state and manifest…"),
}
_OF_POLICY: Final = frozenset({Step.ENCLAVE_IDENTITY})
_OF_QUOTE: Final = frozenset({*(Step(number) for number in range(1, 15))} - {Step.NONCE} - _OF_POLICY)


@dataclass(frozen=True, slots=True)
class Contact:
    """How far one has come. `names` are those in the certificate, where the address is none of them."""

    steps: tuple[StepState, ...] = ()
    names: tuple[str, ...] = ()


def further(before: Phase | None, now: Phase) -> Phase:
    """The later of two phases. The second question goes the same way again; what was reached stays reached."""
    order = list(Phase)
    return now if before is None or order.index(now) > order.index(before) else before


def under_way(phase: Phase | None, address: str) -> Contact:
    """The list while the way is being walked."""
    at = _AT[phase] if phase is not None else Stop.NAME
    steps = []
    for stop in Stop:
        if stop < at:
            steps.append(_passed(stop, address))
        elif stop is at:
            doing = _DOING[phase] if phase is not None else ""
            steps.append(_step(stop, tr("Under way"), Tone.INFO, "hourglass", doing))
        else:
            steps.append(_unreached(stop))
    return Contact(tuple(steps))


def ended(phase: Phase | None, address: str, error: MarbleError) -> Contact:
    """The list where no quote came: the step at which the way ended is open."""
    at = _AT[phase] if phase is not None else Stop.NAME
    steps = [_passed(stop, address) if stop < at else _unreached(stop) for stop in Stop]
    steps[at - 1] = _failed(at, error)
    return Contact(tuple(steps))


def walked(attestation: Attestation) -> Contact:
    """The list for a verdict, whatever it is."""
    address, report = str(attestation.subject.address), attestation.report
    steps = [_passed(stop, address) for stop in (Stop.NAME, Stop.CONNECTION, Stop.TLS)]
    steps += [_judged(Stop.QUOTE, attestation, _OF_QUOTE), _judged(Stop.POLICY, attestation, _OF_POLICY)]
    steps.append(_state(attestation))
    if report[Step.ENCLAVE_IDENTITY].reason is Reason.NO_POLICY:
        steps[Stop.POLICY - 1] = replace(
            steps[Stop.POLICY - 1],
            fact=tr("no policy is chosen"),
            detail=tr(
                "No policy says which enclave is expected, so any would pass. Load the one that came with the release, or "
                "fill one in from this quote once you know that it is the right one."
            ),
        )
    blocked = attestation.blocked
    return Contact(_first_open(steps), blocked.names if isinstance(blocked, NameMismatch) else ())


def _judged(stop: Stop, attestation: Attestation, among: Iterable[Step]) -> StepState:
    report = attestation.report
    results = [report[step] for step in sorted(among)]
    for outcome in (Outcome.FAIL, Outcome.NOT_CHECKED):
        gap = next((one for one in results if one.outcome is outcome), None)
        if gap is not None:
            return _objection(stop, gap, attestation.problems)
    if attestation.root_changed and stop is Stop.QUOTE:
        return _step(
            stop,
            tr("Failed"),
            Tone.FAILED,
            "circle-x",
            tr("another root than the kept one"),
            tr(
                "The quote holds, for another root certificate than the one that this connection keeps. Compare both before "
                "you trust the new one."
            ),
        )
    return _holding(stop, report)


def _holding(stop: Stop, report: Report) -> StepState:
    look = OUTCOMES[Outcome.SIMULATED if report.root.is_simulation else Outcome.PASS]
    if stop is Stop.POLICY:
        fact = report[Step.ENCLAVE_IDENTITY].fact
    else:
        kind = report.quote.kind if report.quote else ""
        fresh = tr("fresh") if report[Step.NONCE].outcome is Outcome.PASS else tr("freshness not proven")
        fact = ", ".join((kind, report.platform.tcb_status if report.platform else "", fresh))
    return _step(stop, look.word, look.tone, look.icon, fact)


def _objection(stop: Stop, result: StepResult, problems: Sequence[MarbleError]) -> StepState:
    """A step of the sixteen that fails or could not be done, in the words of that step."""
    is_failure = result.outcome is Outcome.FAIL
    look = OUTCOMES[Outcome.FAIL] if is_failure else VERDICTS[Verdict.NOT_VERIFIED]
    said = [result.explanation, *(f"{one.sentence} {one.hint}".strip() for one in problems)]
    differing = [one for one in result.comparisons if one.expected != one.found]
    named = [one for one in differing if one.label in result.fact]
    compared = [f"{one.label}\nexpected {one.expected}\nfound    {one.found}" for one in named or differing]
    return _step(
        stop,
        tr("Failed") if is_failure else look.word,
        look.tone,
        "circle-x" if is_failure else "circle-dashed",
        tr("step {number}: {fact}", number=int(result.step), fact=result.fact),
        " ".join(filter(None, said)),
        raw="\n".join(compared),
    )


def _state(attestation: Attestation) -> StepState:
    if attestation.blocked is not None:
        return _failed(Stop.STATE, attestation.blocked)
    if attestation.state is not None:
        fact = tr("state {number}", number=int(attestation.state))
        return _step(Stop.STATE, tr("Pass"), Tone.VERIFIED, "circle-check", fact)
    problem = next(iter(attestation.problems), None)
    if attestation.report.verdict in {Verdict.VERIFIED, Verdict.SIMULATED} and problem is not None:
        return _failed(Stop.STATE, problem)
    return replace(_unreached(Stop.STATE), fact=tr("nothing was asked"))


def _first_open(steps: Sequence[StepState]) -> tuple[StepState, ...]:
    """The first step that does not hold is open, whatever comes after it."""
    found = next((at for at, one in enumerate(steps) if one.detail), None)
    return tuple(replace(one, open=at == found) for at, one in enumerate(steps))


def _passed(stop: Stop, address: str) -> StepState:
    facts = {Stop.CONNECTION: address, Stop.TLS: tr("certificate to be judged by the quote")}
    return _step(stop, tr("Pass"), Tone.VERIFIED, "circle-check", facts.get(stop, ""))


def _unreached(stop: Stop) -> StepState:
    return _step(stop, tr("Not checked"), Tone.NEUTRAL, "circle-dashed")


def _failed(stop: Stop, error: MarbleError) -> StepState:
    step = _step(
        stop,
        tr("Failed"),
        Tone.FAILED,
        "circle-x",
        "",
        f"{error.sentence} {error.hint}".strip(),
        raw=raw_text(error),
    )
    return replace(step, open=True)


def raw_text(error: MarbleError) -> str:
    """The words of the machine that stopped us: the coordinator's own, or those of what failed below the error."""
    if isinstance(error, Refused):
        return f"{error.status}: {error.server_text}"
    return "\n".join(dict.fromkeys(_causes(error)))


def _causes(error: BaseException) -> Iterator[str]:
    cause = error.__cause__
    while cause is not None:
        if not isinstance(cause, MarbleError) and str(cause):
            yield cut(str(cause))
        cause = cause.__cause__


def _step(
    stop: Stop, word: str, tone: Tone, icon: str, fact: str = "", detail: str = "", *, raw: str = ""
) -> StepState:
    return StepState(int(stop), _NAMES[stop], word, tone, icon, fact, detail, raw=raw)
