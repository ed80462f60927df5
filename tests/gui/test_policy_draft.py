"""A policy being edited: the text is the truth, and the form is a view of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marble_console.pages.attestation.policydraft import CHOICES, LINES, PolicyDraft
from marble_core.attestation.policy import Policy, read_policy, write_policy

GOOD = write_policy(Policy(b"\x11" * 32, b"\x22" * 32, 3, 3)).decode()


def test_the_form_shows_what_the_text_says_in_any_letter_case():
    draft = PolicyDraft('{"uniqueid": "aa", "ProductID": 7, "acceptedadvisories": ["A", "B"]}')
    assert (draft.values["UniqueID"], draft.values["ProductID"]) == ("aa", "7")
    assert draft.values["AcceptedAdvisories"] == "A, B"


def test_an_edit_in_the_form_keeps_what_the_form_does_not_know():
    draft = PolicyDraft('{"Remark": {"by": "mira"}, "ProductID": 3}').with_line("ProductID", "4")
    assert json.loads(draft.text) == {"Remark": {"by": "mira"}, "ProductID": 4}


def test_a_value_that_does_not_fit_is_told_at_its_field():
    draft = PolicyDraft(GOOD).with_line("SignerID", "0x5e")
    assert draft.policy is None
    assert [finding.path for finding in draft.findings] == ["SignerID"]


def test_a_policy_that_names_no_enclave_is_none():
    draft = PolicyDraft('{"ProductID": 3, "SecurityVersion": 3}')
    assert draft.policy is None
    assert "SignerID" in {finding.path for finding in draft.findings}


def test_text_that_is_no_json_leaves_the_form_alone_and_says_why():
    draft = PolicyDraft('{"ProductID": ')
    assert (draft.is_readable, draft.policy, len(draft.findings)) == (False, None, 1)


def test_no_text_is_no_policy_and_no_problem():
    assert (PolicyDraft().findings, PolicyDraft().is_empty) == ((), True)


def test_the_default_statuses_need_no_entry():
    draft = PolicyDraft(GOOD).with_status("OutOfDate", accepted=True)
    assert read_policy(draft.text.encode()).accepted_statuses == (
        "UpToDate",
        "SWHardeningNeeded",
        "OutOfDate",
    )
    assert draft.with_status("OutOfDate", accepted=False).text == GOOD


def test_what_is_filled_in_from_a_quote_replaces_the_identity_only():
    draft = (
        PolicyDraft(GOOD).with_debug(allowed=True).with_identity_of(Policy(b"\x33" * 32, b"\x44" * 32, 5, 6))
    )
    policy = draft.policy
    assert (policy.unique_id, policy.product_id, policy.debug) == (b"\x33" * 32, 5, True)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("line"), st.sampled_from(LINES), st.text(max_size=70)),
            st.tuples(st.just("status"), st.sampled_from(CHOICES), st.booleans()),
            st.tuples(st.just("debug"), st.just(""), st.booleans()),
        ),
        max_size=6,
    )
)
def test_no_edit_in_the_form_breaks_the_text(edits):
    draft = PolicyDraft(GOOD)
    for kind, name, value in edits:
        match kind:
            case "line":
                draft = draft.with_line(name, value)
            case "status":
                draft = draft.with_status(name, accepted=value)
                assert (name in draft.statuses) is value
            case _:
                draft = draft.with_debug(allowed=value)
                assert draft.debug is value
        assert draft.is_readable
        assert draft.values.keys() == set(LINES)


@pytest.mark.parametrize(
    "text", ["[]", "3", "null", '"text"', '{"Debug": 3}', '{"AcceptedTCBStatuses": 1}', "\ud800"]
)
def test_odd_texts_are_told_and_never_raise(text):
    draft = PolicyDraft(text)
    assert draft.policy is None
    assert draft.findings
    assert isinstance(draft.values, dict)
