"""The result of a verification: frozen, complete, and independent of where it was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from marble_core.attestation.anchors import INTEL
from marble_core.attestation.policy import Policy
from marble_core.attestation.quote import Field
from marble_core.attestation.steps import OPTIONAL_STEPS, Outcome, Step, StepResult, Verdict

_MUST_BE_CHECKED = frozenset(set(Step) - OPTIONAL_STEPS)


@dataclass(frozen=True, slots=True)
class Root:
    """The root that was trusted. `fingerprint` is SHA-256 of its DER, lower-case hex."""

    name: str
    fingerprint: str

    @property
    def is_simulation(self) -> bool:
        """Whether it is another than Intel's. Nobody can claim otherwise, in a file or elsewhere."""
        return self.fingerprint != INTEL.fingerprint


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """The quote in its fields. `kind` reads like `SGX v3`; the fields' offsets do not count the envelope."""

    kind: str
    is_wrapped: bool
    size: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What the reference values say of the platform. Holds only if steps 3 to 8 do."""

    fmspc: str
    tcb_status: str
    tcb_date: dt.date
    advisories: tuple[str, ...]
    evaluation_number: int


@dataclass(frozen=True, slots=True)
class Window:
    """The time during which certificates, lists and reference values are all valid. `ends_with` is what ends first."""

    start: dt.datetime
    end: dt.datetime
    ends_with: str


@dataclass(frozen=True)
class Report:
    """`at` is the time that counted as now; `verifier` names the library that checked the cryptography."""

    verdict: Verdict
    steps: tuple[StepResult, ...]
    at: dt.datetime
    address: str
    root: Root
    policy: Policy | None
    quote: QuoteFacts | None
    platform: PlatformFacts | None
    window: Window | None
    verifier: str

    def __getitem__(self, step: Step) -> StepResult:
        return self.steps[step - 1]

    @property
    def headline(self) -> str:
        """The verdict in words, such as `Simulated · not verified`."""
        return "Simulated · not verified" if self.verdict is Verdict.SIMULATED else self.verdict.word

    @property
    def line(self) -> str:
        """One line under the verdict: its cause, and what was left out."""
        return " ".join(filter(None, (self._cause, self._left_out)))

    @property
    def _cause(self) -> str:
        match self.verdict:
            case Verdict.FAILED:
                first, *others = self._with(Outcome.FAIL)
                more = f" {len(others)} more failed." if others else ""
                return f"Step {int(first.step)}, {first.step.title}: {first.fact}.{more}"
            case Verdict.NOT_VERIFIED:
                first = next(one for one in self._with(Outcome.NOT_CHECKED) if one.step in _MUST_BE_CHECKED)
                return (
                    f"Step {int(first.step)}, {first.step.title.lower()}, could not be checked: {first.fact}."
                )
            case Verdict.SIMULATED:
                return "No hardware proof: the steps passed under a root that anyone could run."
            case Verdict.VERIFIED:
                return f"Hardware: Intel {self.quote.kind.split()[0]}." if self.quote else ""

    @property
    def _left_out(self) -> str:
        if self.verdict not in {Verdict.VERIFIED, Verdict.SIMULATED}:
            return ""
        unchecked = [one for one in self._with(Outcome.NOT_CHECKED) if one.step in OPTIONAL_STEPS]
        sentences = [_LEFT_OUT[one.step] for one in unchecked]
        if self[Step.NONCE].outcome is Outcome.NOTE:
            sentences.insert(0, _LEFT_OUT[Step.NONCE])
        if self[Step.DEBUG_ATTRIBUTE].outcome is Outcome.NOTE:
            sentences.insert(0, "The enclave is a debug enclave.")
        return " ".join(sentences)

    def _with(self, outcome: Outcome) -> list[StepResult]:
        return [one for one in self.steps if one.outcome is outcome]


_LEFT_OUT = {
    Step.NONCE: "Freshness is not proven.",
    Step.MANIFEST_SIGNATURE: "The manifest's signature was not checked.",
    Step.MANIFEST_FINGERPRINT: "The manifest was not compared.",
}


def verdict(steps: Iterable[StepResult], *, is_simulation: bool) -> Verdict:
    """The rule of the specification: any failure, else any gap, else the kind of root."""
    outcomes = {one.step: one.outcome for one in steps}
    if Outcome.FAIL in outcomes.values():
        return Verdict.FAILED
    if any(not outcomes[step].holds for step in _MUST_BE_CHECKED):
        return Verdict.NOT_VERIFIED
    return Verdict.SIMULATED if is_simulation else Verdict.VERIFIED
