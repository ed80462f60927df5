"""From a report to the rows of the step list, the header and the badge, decided without a window."""

import dataclasses
import datetime as dt
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_console.pages.attestation.bytewise import compared
from marble_console.pages.attestation.header import verdict_state
from marble_console.pages.attestation.inspector import field_at, key_of, quote_state
from marble_console.pages.attestation.state import Form, Shown
from marble_console.pages.attestation.steps import steps_state
from marble_console.parts import Tone
from marble_console.verdicts import OUTCOMES, VERDICTS, headline, verdict_chip
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.report.model import verdict
from marble_core.attestation.steps import Comparison, Outcome, Step, Verdict
from tests.fakes.attested import NOW, evidence_with, expectations, good_evidence, good_policy, judged, quote

OTHER = sha256(b"another build").digest()


def report_with(**outcomes):
    """A simulated report with some steps of another outcome, such as NONCE=Outcome.FAIL."""
    report = judged()
    steps = tuple(
        dataclasses.replace(step, outcome=outcomes.get(step.step.name, step.outcome)) for step in report.steps
    )
    return dataclasses.replace(report, steps=steps, verdict=verdict(steps, is_simulation=True))


def keys(report, shown=Shown.ALL, unfolded=()):
    return [line.key for line in steps_state(report, shown, unfolded).lines]


def test_there_are_always_sixteen_steps_where_none_failed():
    assert keys(judged()) == [str(number) for number in range(1, 17)]


def test_passes_before_a_failure_fold_into_one_row_and_the_failure_stands_open():
    report = judged(expected=expectations(policy=good_policy(unique_id=OTHER)))
    lines = steps_state(report, Shown.ALL).lines
    assert [line.key for line in lines] == ["1-10", "11", "12", "13", "14", "15", "16"]
    assert (lines[0].number, lines[0].name) == ("1–10", "Evidence, platform and enclave")
    assert [line.key for line in lines if line.is_open] == ["11"]


def test_seven_passes_before_a_failure_stay_apart():
    assert keys(report_with(PLATFORM_TCB_LEVEL=Outcome.FAIL))[:8] == [str(number) for number in range(1, 9)]


def test_a_note_among_the_passes_is_never_folded_away():
    lines = steps_state(report_with(ADVISORIES=Outcome.NOTE, NONCE=Outcome.FAIL), Shown.ALL).lines
    assert [line.key for line in lines][:3] == ["1-8", "9", "10"]


def test_a_row_for_simulated_steps_does_not_say_pass():
    heading = steps_state(report_with(NONCE=Outcome.FAIL), Shown.ALL).lines[0]
    assert (heading.word, heading.tone) == ("Simulated", Tone.SIMULATED)


def test_an_unfolded_row_stays_as_the_heading_of_its_steps():
    report = report_with(NONCE=Outcome.FAIL)
    assert keys(report, unfolded={"1-12"})[:3] == ["1-12", "1", "2"]


def test_what_was_not_checked_says_so_with_a_dashed_circle():
    report = judged(evidence_with(collateral=None))
    line = next(line for line in steps_state(report, Shown.ALL).lines if line.key == "4")
    assert (line.word, line.icon, line.tone) == ("Not checked", "circle-dashed", Tone.NEUTRAL)
    assert [action.key for action in line.actions] == ["collateral"]


@pytest.mark.parametrize("shown", [Shown.PROBLEMS, Shown.UNCHECKED])
def test_a_filter_that_leaves_nothing_says_why(shown):
    state = steps_state(judged(), shown)
    assert (state.lines, bool(state.empty)) == ((), True)


def test_problems_are_failures_and_notes():
    report = report_with(ADVISORIES=Outcome.NOTE, NONCE=Outcome.FAIL, TLS_PEER=Outcome.NOT_CHECKED)
    assert keys(report, Shown.PROBLEMS) == ["9", "13"]
    assert keys(report, Shown.UNCHECKED) == ["14"]


@given(st.lists(st.sampled_from(Outcome), min_size=16, max_size=16))
def test_no_step_is_ever_left_out(outcomes):
    named = dict(zip([step.name for step in Step], outcomes, strict=True))
    folded = steps_state(report_with(**named), Shown.ALL).lines
    told = []
    for line in folded:
        first, _, last = line.key.partition("-")
        told += range(int(first), int(last or first) + 1)
    assert told == list(range(1, 17))
    assert [line.key for line in folded if line.word == "Fail"] == [
        line.key for line in folded if line.is_open
    ]


# -- bytes -------------------------------------------------------------------------------------------------------
def test_single_bytes_that_differ_are_marked():
    found = bytearray(32)
    found[5] = 1
    shown = compared(Comparison.of_bytes("hash", bytes(32), bytes(found)))
    assert (shown.differing, shown.whole, shown.remark) == ({5}, False, "1 of 32 bytes differs")


def test_bytes_that_differ_altogether_are_marked_as_a_whole():
    shown = compared(Comparison.of_bytes("hash", bytes(32), b"\xff" * 32))
    assert (shown.whole, shown.remark) == (True, "all 32 bytes differ")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_every_byte_is_shown_and_marked_exactly_where_it_differs(expected, found):
    shown = compared(Comparison.of_bytes("x", expected, found))
    assert bytes.fromhex("".join(shown.expected)) == expected
    assert bytes.fromhex("".join(shown.found)) == found
    for at in range(max(len(expected), len(found))):
        assert (expected[at : at + 1] != found[at : at + 1]) == (at in shown.differing)


# -- verdicts ----------------------------------------------------------------------------------------------------
def test_nothing_but_verified_and_a_passed_check_is_green():
    assert [verdict for verdict, look in VERDICTS.items() if look.tone is Tone.VERIFIED] == [Verdict.VERIFIED]
    assert [outcome for outcome, look in OUTCOMES.items() if look.tone is Tone.VERIFIED] == [Outcome.PASS]


def test_a_simulation_says_at_once_that_it_is_no_verification():
    assert headline(Verdict.SIMULATED) == "Simulated · not verified"
    assert verdict_chip(Verdict.SIMULATED).text == "Simulated"


@pytest.mark.parametrize(
    ("report", "form", "last"),
    [
        (judged(), Form.DASHED, "verify"),
        (judged(anchor=INTEL), Form.BAR, "leave"),
        (judged(evidence_with(collateral=None)), Form.PLAIN, "verify"),
    ],
    ids=["simulated", "failed", "not verified"],
)
def test_the_form_of_the_header_and_its_primary_action_follow_the_verdict(report, form, last):
    state = verdict_state(report, NOW, live=True, busy=False)
    assert (state.form, state.actions[-1].key, state.actions[-1].kind) == (form, last, "primary")
    assert [action.kind for action in state.actions].count("primary") == 1
    assert state.meta == f"Today {NOW.astimezone():%H:%M:%S} · policy observatory.json"


def test_of_a_file_nobody_can_disconnect():
    state = verdict_state(judged(anchor=INTEL), NOW, live=False, busy=False)
    assert [action.key for action in state.actions] == ["save", "report"]


def test_only_a_verified_connection_names_its_next_check():
    state = verdict_state(judged(), NOW, live=True, busy=False, next_check=NOW + dt.timedelta(hours=1))
    assert "next check" not in state.meta


# -- the quote ---------------------------------------------------------------------------------------------------
def test_every_byte_of_the_quote_belongs_to_the_field_that_is_marked_for_it():
    state = quote_state(good_evidence().quote, "")
    for place in range(len(state.data)):
        field = next(field for field in state.fields if key_of(field) == field_at(state.fields, place))
        assert field.offset <= place < field.offset + field.size
        assert field.data[place - field.offset] == state.data[place]


def test_a_chosen_field_gives_its_whole_value():
    state = quote_state(good_evidence().quote, "112:mr_enclave")
    assert state.value[1].value == sha256(b"dome").hexdigest()


def test_a_quote_that_nobody_can_take_apart_is_shown_as_bytes():
    state = quote_state(quote()[:200], "")
    assert (len(state.data), state.rows) == (200, ())
    assert "200 bytes as received." in state.summary
