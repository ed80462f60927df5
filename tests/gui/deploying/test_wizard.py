"""The deploy wizard: what it shows, when it goes on, that nothing is sent twice, and that nothing is lost."""

from dataclasses import replace

import pytest

from marble_client.answers import CoordinatorState
from marble_console.coordinators.profiles import Environment, Kind
from marble_console.pages.deploy import recovery_file
from marble_console.pages.deploy.state import Contents
from marble_core.attestation.steps import Verdict
from marble_core.manifest.findings import Finding, Severity
from tests.fakes.deploying import (
    DOCUMENT,
    LOST,
    REFUSED,
    SECRETS,
    WAITING,
    Coordinator,
    Later,
    first,
    profile,
    walk,
)


def test_nothing_is_sent_before_the_operator_confirms(begin):
    coordinator = Coordinator()
    _, view = begin(coordinator)
    assert (view.wizard.page, coordinator.sent) == ("confirm", 0)
    assert {fact.key: fact.value for fact in view.pages.facts}["Fingerprint"] == DOCUMENT.fingerprint


def test_without_recovery_keys_the_result_follows(begin):
    presenter, view = begin(Coordinator())
    presenter.forward()
    assert (view.wizard.page, view.pages.result.title) == ("result", "orders runs with orders.json")
    presenter.forward()
    assert view.finished is True


def test_warnings_must_be_ticked(open_wizard):
    warning = Finding("C1", Severity.WARNING, "Packages.web.Vendor", "Unknown field.")
    presenter, view = open_wizard(first(contents=Contents((warning,))), Coordinator())
    walk(presenter, "check")
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == ("check", "Tick that the warnings are known.")
    presenter.accept_warnings(True)
    presenter.forward()
    assert view.wizard.page == "review"


@pytest.mark.parametrize(
    "draft",
    [{"profile": profile(Environment.PRODUCTION)}, {"state": CoordinatorState.RECOVERY}],
    ids=["production", "gives up the sealed state"],
)
def test_what_is_hard_to_undo_asks_for_the_name(begin, draft):
    coordinator = Coordinator()
    coordinator.before = draft.get("state", WAITING)
    presenter, view = begin(coordinator, **draft)
    presenter.type_name("order")
    presenter.forward()
    assert coordinator.sent == 0
    assert view.pages.name_to_type == "orders"
    presenter.type_name("orders")
    presenter.forward()
    assert coordinator.sent == 1


def test_the_wizard_cannot_be_left_before_every_secret_is_saved(begin, tmp_path):
    presenter, view = begin(Coordinator(SECRETS), contents=Contents(holders=tuple(SECRETS)))
    presenter.forward()
    assert (view.wizard.page, view.wizard.leave) == ("save", None)
    assert "only once" in view.wizard.must_stay
    presenter.leave()
    presenter.forward()
    assert (view.finished, view.wizard.page) == (None, "save")
    presenter.save_one("day", tmp_path / "day.json")
    assert view.wizard.gate.text == "1 of 2 recovery secrets saved"
    presenter.save_one("night", tmp_path / "night.json")
    presenter.forward()
    assert view.wizard.page == "result"


def test_all_secrets_go_into_one_file_or_one_each(begin, tmp_path):
    presenter, view = begin(Coordinator(SECRETS), contents=Contents(holders=tuple(SECRETS)))
    presenter.forward()
    presenter.save_all(tmp_path / "all.json")
    presenter.save_each(tmp_path)
    assert recovery_file.decode((tmp_path / "all.json").read_bytes()) == SECRETS
    assert recovery_file.decode((tmp_path / "recovery-day.json").read_bytes()) == {"day": b"for day"}
    assert view.wizard.gate.is_open


def test_a_place_that_cannot_be_written_keeps_the_secrets(begin, tmp_path):
    presenter, view = begin(Coordinator(SECRETS), contents=Contents(holders=tuple(SECRETS)))
    presenter.forward()
    presenter.save_all(tmp_path / "nowhere" / "all.json")
    assert view.pages.save_problem.title == "all.json cannot be written: no such file or directory."
    presenter.save_all(tmp_path / "all.json")
    assert (view.pages.save_problem, view.wizard.gate.is_open) == (None, True)


def test_a_refusal_is_explained_above_the_words_of_the_server_and_can_be_tried_again(begin):
    coordinator = Coordinator(fails=REFUSED)
    presenter, view = begin(coordinator)
    presenter.forward()
    assert view.wizard.page == "send"
    assert view.pages.problem.raw == "checking manifest: no"
    presenter.back()
    assert (view.wizard.page, view.pages.problem) == ("confirm", None)
    coordinator.fails = None
    presenter.forward()
    assert view.wizard.page == "result"


def test_recovery_secrets_lost_with_their_answer_are_not_hidden(begin):
    presenter, view = begin(
        Coordinator(SECRETS, loses_answer=True), contents=Contents(holders=tuple(SECRETS))
    )
    presenter.forward()
    assert (view.wizard.page, view.pages.result.title) == (
        "result",
        "In force, but the recovery secrets are lost",
    )


def test_an_unknown_outcome_is_not_sent_again(begin):
    coordinator = Coordinator(fails=LOST, silent=True)
    presenter, view = begin(coordinator)
    presenter.forward()
    assert view.pages.problem.title.startswith("Outcome unknown")
    presenter.forward()
    presenter.back()
    assert coordinator.sent == 1


def test_while_sending_the_wizard_stays_and_sends_nothing_more(open_wizard):
    runner, coordinator = Later(), Coordinator()
    presenter, view = open_wizard(first(), coordinator, runner=runner)
    walk(presenter, "confirm")
    for _ in range(3):
        presenter.forward()
    presenter.leave()
    assert (view.wizard.busy, view.finished) == ("Sending the manifest…", None)
    (send_it,) = runner.jobs
    send_it()
    assert (coordinator.sent, view.wizard.page) == (1, "result")


def test_what_was_overtaken_cannot_be_sent_from_the_same_review(begin):
    coordinator = Coordinator()
    presenter, view = begin(coordinator)
    coordinator.in_force = b"other"
    presenter.forward()
    assert view.pages.problem.title.startswith("What is in force has changed since you reviewed it.")
    assert view.wizard.back is None
    presenter.forward()
    assert coordinator.sent == 0


@pytest.mark.parametrize("verdict", [None, Verdict.NOT_VERIFIED])
def test_without_a_verification_a_reason_is_asked_for(open_wizard, verdict):
    presenter, view = open_wizard(first(verdict=verdict), Coordinator())
    presenter.forward()
    assert (view.wizard.page, view.pages.needs_exception) == ("target", True)
    presenter.give_reason("the lab has no collateral service")
    presenter.forward()
    assert view.wizard.page == "check"


def test_nothing_is_sent_over_a_read_only_connection(open_wizard):
    presenter, view = open_wizard(first(profile=replace(profile(), read_only=True)), Coordinator())
    presenter.forward()
    assert view.wizard.gate.text == "This connection is read-only: nothing is changed over it."
    assert view.wizard.page == "target"


def test_nothing_gets_to_a_coordinator_that_failed(open_wizard):
    presenter, view = open_wizard(first(verdict=Verdict.FAILED), Coordinator())
    presenter.give_reason("never mind")
    presenter.forward()
    assert (view.wizard.page, view.pages.needs_exception) == ("target", False)


@pytest.mark.parametrize(
    "draft",
    [first(verdict=Verdict.SIMULATED), first(verdict=None, profile=replace(profile(), kind=Kind.LOCAL))],
    ids=["simulated", "started by this console"],
)
def test_a_simulation_that_was_chosen_and_the_own_child_need_no_reason(open_wizard, draft):
    presenter, view = open_wizard(draft, Coordinator())
    presenter.forward()
    assert view.wizard.page == "check"


def test_the_way_to_the_verification_leaves_the_wizard(open_wizard):
    presenter, view = open_wizard(first(verdict=None), Coordinator())
    presenter.act("attest")
    assert (view.finished, presenter._around.asked) == (False, ["attest"])
