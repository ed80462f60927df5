"""The sixteen steps of a verification, and what each can say (spec: ux.md, section 7; attestation.md, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from marble_core.attestation.reasons import Reason


class Step(IntEnum):
    """In the order in which they are shown. The numbers are those of the specification."""

    QUOTE_FETCHED = 1
    QUOTE_WELL_FORMED = 2
    CHAIN_TO_ROOT = 3
    REVOCATION_LISTS = 4
    TCB_INFO_AND_QE_IDENTITY = 5
    QUOTING_ENCLAVE = 6
    QUOTE_SIGNATURE = 7
    PLATFORM_TCB_LEVEL = 8
    ADVISORIES = 9
    DEBUG_ATTRIBUTE = 10
    ENCLAVE_IDENTITY = 11
    ROOT_BINDING = 12
    NONCE = 13
    TLS_PEER = 14
    MANIFEST_SIGNATURE = 15
    MANIFEST_FINGERPRINT = 16

    @property
    def title(self) -> str:
        return _TITLES[self]


_TITLES = {
    Step.QUOTE_FETCHED: "Quote fetched",
    Step.QUOTE_WELL_FORMED: "Quote well formed",
    Step.CHAIN_TO_ROOT: "Chain to the trusted root",
    Step.REVOCATION_LISTS: "Revocation lists",
    Step.TCB_INFO_AND_QE_IDENTITY: "TCB info and QE identity",
    Step.QUOTING_ENCLAVE: "Quoting enclave",
    Step.QUOTE_SIGNATURE: "Quote signature",
    Step.PLATFORM_TCB_LEVEL: "Platform TCB level",
    Step.ADVISORIES: "Advisories",
    Step.DEBUG_ATTRIBUTE: "Debug attribute",
    Step.ENCLAVE_IDENTITY: "Enclave identity",
    Step.ROOT_BINDING: "Root certificate binding",
    Step.NONCE: "Nonce",
    Step.TLS_PEER: "TLS peer certificate",
    Step.MANIFEST_SIGNATURE: "Manifest signature",
    Step.MANIFEST_FINGERPRINT: "Manifest fingerprint",
}

# What a simulation root vouches for: passes of these steps are simulated ones.
HARDWARE_STEPS = frozenset(Step(number) for number in range(3, 12))

# Steps that may stay unchecked: an older server takes no nonce, and there may be no manifest to speak of.
OPTIONAL_STEPS = frozenset({Step.NONCE, Step.MANIFEST_SIGNATURE, Step.MANIFEST_FINGERPRINT})


class Outcome(Enum):
    """`word` is how people read it."""

    PASS = "pass"
    NOTE = "note"  # passed, with something to know
    FAIL = "fail"
    NOT_CHECKED = "not_checked"
    SIMULATED = "simulated"  # passed under a root that anyone could run

    @property
    def word(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def holds(self) -> bool:
        """Whether other steps may build on it."""
        return self in {Outcome.PASS, Outcome.NOTE, Outcome.SIMULATED}


class Verdict(Enum):
    """There is no fifth."""

    VERIFIED = "verified"
    SIMULATED = "simulated"
    NOT_VERIFIED = "not_verified"
    FAILED = "failed"

    @property
    def word(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was expected beside what was found. With `is_bytes` both are hex, to be shown byte over byte."""

    label: str
    expected: str
    found: str
    is_bytes: bool = False

    @classmethod
    def of_bytes(cls, label: str, expected: bytes, found: bytes) -> Comparison:
        return cls(label, expected.hex(), found.hex(), is_bytes=True)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found. `fact` is a short line; `reason` is None only for a plain pass."""

    outcome: Outcome
    fact: str
    reason: Reason | None = None
    comparisons: tuple[Comparison, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """One line of the report. `explanation` is what the reason means, empty for a plain pass."""

    step: Step
    outcome: Outcome
    fact: str
    reason: Reason | None = None
    comparisons: tuple[Comparison, ...] = ()

    @property
    def explanation(self) -> str:
        return self.reason.meaning if self.reason else ""


def passed(fact: str, *comparisons: Comparison) -> CheckResult:
    return CheckResult(Outcome.PASS, fact, None, comparisons)


def noted(reason: Reason, fact: str, *comparisons: Comparison) -> CheckResult:
    return CheckResult(Outcome.NOTE, fact, reason, comparisons)


def failed(reason: Reason, fact: str, *comparisons: Comparison) -> CheckResult:
    return CheckResult(Outcome.FAIL, fact, reason, comparisons)


def unchecked(reason: Reason, fact: str) -> CheckResult:
    return CheckResult(Outcome.NOT_CHECKED, fact, reason)
