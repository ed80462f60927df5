"""The way to a coordinator as steps: each claims what was reached, and the first that does not hold is open."""

import dataclasses

import pytest

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.errors import HostUnknown, NameMismatch, Refused, TimedOut
from marble_client.failures import explain
from marble_console.attesting import Attestation, Origin, Phase, Subject
from marble_console.attesting.contact import ended, further, under_way, walked
from marble_core.attestation.anchors import INTEL
from tests.fakes.attested import (
    NOW,
    coordinator,
    evidence_with,
    expectations,
    good_evidence,
    good_policy,
    judged,
    pki,
)

ADDRESS = Address("observatory.example", 4433)
PLACE = str(ADDRESS)


def walk(report=None, evidence=None, *, kept=b"", state=CoordinatorState.RUNNING, **more):
    subject = Subject(ADDRESS, anchor=pki().anchor, expectations=expectations(), kept_root_der=kept)
    seen = evidence or good_evidence()
    return walked(
        Attestation(
            subject,
            report or judged(seen),
            seen,
            coordinator().root,
            True,
            Origin.SERVICE,
            NOW,
            state,
            **more,
        )
    )


def words(contact):
    return [step.word for step in contact.steps]


def opened(contact):
    """The one step that is open."""
    (step,) = [step for step in contact.steps if step.open]
    return step


def test_everything_that_holds_under_a_simulation_root_says_so():
    contact = walk()
    assert words(contact) == ["Pass"] * 3 + ["Simulated"] * 2 + ["Pass"]
    assert not any(step.open for step in contact.steps)
    assert contact.steps[5].fact == "state 3"


def test_another_enclave_ends_at_the_policy_with_both_values_below():
    other = good_policy(unique_id=bytes(32))
    contact = walk(judged(expected=expectations(policy=other)), state=None)
    assert words(contact)[3:] == ["Simulated", "Failed", "Not checked"]
    step = opened(contact)
    assert (step.name, step.fact) == ("Policy", "step 11: MRENCLAVE (UniqueID) differs from the policy")
    assert "another build" in step.detail
    assert "00" * 32 in step.raw
    assert "SecurityVersion" not in step.raw  # which fits


def test_without_a_policy_that_step_is_open_and_nothing_was_asked():
    contact = walk(judged(expected=expectations(policy=None)), state=None)
    assert words(contact)[3:] == ["Simulated", "Not verified", "Not checked"]
    assert "any would pass" in opened(contact).detail
    assert contact.steps[5].fact == "nothing was asked"


def test_a_forged_quote_ends_at_the_quote():
    contact = walk(judged(anchor=INTEL), state=None)
    assert words(contact)[3] == "Failed"
    assert opened(contact).fact.startswith("step 3: ")


def test_missing_collateral_is_no_failure_and_its_cause_is_told():
    evidence = evidence_with(collateral=None)
    unreachable = TimedOut("The service did not answer.", hint="Try again.")
    contact = walk(judged(evidence), evidence, state=None, problems=(unreachable,))
    assert words(contact)[3] == "Not verified"
    assert "The service did not answer. Try again." in opened(contact).detail


def test_another_root_than_the_kept_one_ends_at_the_quote_although_it_holds():
    contact = walk(kept=b"another root")
    assert opened(contact).fact == "another root than the kept one"


def test_an_address_that_is_not_in_the_certificate_offers_those_that_are():
    blocked = NameMismatch("Not valid for it.", hint="Choose.", names=("a.example", "b.example"))
    contact = walk(state=None, blocked=blocked)
    assert contact.names == ("a.example", "b.example")
    assert opened(contact).name == "Coordinator"


@pytest.mark.parametrize("phase", list(Phase))
def test_one_step_is_under_way_those_before_it_pass_and_those_after_it_claim_nothing(phase):
    found = words(under_way(phase, PLACE))
    at = found.index("Under way")
    assert found == ["Pass"] * at + ["Under way"] + ["Not checked"] * (5 - at)


def test_what_was_reached_stays_reached():
    assert further(Phase.QUOTE, Phase.RESOLVE) is Phase.QUOTE
    assert further(None, Phase.RESOLVE) is Phase.RESOLVE


def test_the_way_ends_where_it_was_with_the_words_of_the_machine_below():
    try:
        raise explain(TimeoutError("timed out"), ADDRESS) from TimeoutError("timed out")
    except TimedOut as error:
        contact = ended(Phase.CONNECT, PLACE, error)
    assert words(contact) == ["Pass", "Failed", *["Not checked"] * 4]
    assert opened(contact).raw == "timed out"


def test_words_of_the_coordinator_are_kept_apart():
    refused = Refused("No quote.", hint="Why: below.", status=500, server_text="quoting: <b>busy</b>")
    step = opened(ended(Phase.QUOTE, PLACE, refused))
    assert (step.detail, step.raw) == ("No quote. Why: below.", "500: quoting: <b>busy</b>")


def test_a_way_that_never_began_ends_at_its_first_step():
    assert opened(ended(None, PLACE, HostUnknown("No such name."))).number == 1


def test_a_state_that_could_not_be_asked_is_told():
    contact = walk(state=None, problems=(TimedOut("Silence."),))
    assert "Silence." in opened(contact).detail
    assert dataclasses.astuple(opened(contact))[0] == 6
