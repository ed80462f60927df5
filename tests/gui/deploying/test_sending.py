"""What came of sending a first manifest or raised packages is told apart, and nothing is sent twice."""

import pytest

from marble_client.errors import ConnectionRefused
from marble_console.pages.deploy.sending import (
    Applied,
    AppliedUnanswered,
    CannotTell,
    NotApplied,
    raise_packages,
    send,
)
from marble_core.updatelog import format_line
from tests.fakes.deploying import (
    BASELINE,
    LOST,
    NOW,
    RAW,
    REFUSED,
    SECRETS,
    WAITING,
    Coordinator,
    raised,
    running,
)
from tests.fakes.manifests import encoded


@pytest.mark.parametrize(
    ("coordinator", "kind"),
    [
        (Coordinator(SECRETS), Applied),
        (Coordinator(loses_answer=True), AppliedUnanswered),
        (Coordinator(fails=LOST), NotApplied),
        (Coordinator(fails=ConnectionRefused("Nothing listens.")), NotApplied),
        (Coordinator(fails=REFUSED), NotApplied),
        (Coordinator(fails=LOST, silent=True), CannotTell),
    ],
)
def test_what_came_of_a_first_manifest_is_told_apart(coordinator, kind):
    assert isinstance(send(coordinator, RAW, WAITING), kind)
    assert coordinator.sent == 1


def test_nothing_is_sent_to_a_coordinator_that_has_a_manifest_by_now():
    coordinator = Coordinator(in_force=b"other")
    outcome = send(coordinator, RAW, WAITING)
    assert (outcome.overtaken, coordinator.sent) == (True, 0)


def test_another_manifest_that_comes_at_the_last_moment_is_told():
    coordinator = Coordinator(fails=REFUSED)
    coordinator.quicker = lambda: setattr(coordinator, "in_force", b"other")
    outcome = send(coordinator, RAW, WAITING)
    assert (outcome.overtaken, outcome.server_text) == (True, "checking manifest: no")


@pytest.mark.parametrize(
    ("coordinator", "kind"),
    [
        (running(), Applied),
        (running(loses_answer=True), AppliedUnanswered),
        (running(fails=LOST), NotApplied),
        (running(fails=REFUSED), NotApplied),
        (running(fails=LOST, silent=True), CannotTell),
    ],
)
def test_what_came_of_a_package_update_is_told_apart(coordinator, kind):
    assert isinstance(raise_packages(coordinator, BASELINE, {"dome": 7}, "vera"), kind)
    assert coordinator.sent == 1


@pytest.mark.parametrize(
    "moved",
    [
        lambda it: setattr(it, "log", it.log + raised("dome", 7, "carl")),
        lambda it: setattr(it, "in_force", encoded({})),
        lambda it: setattr(it, "in_force", None),
        lambda it: setattr(it, "log", ""),
    ],
    ids=["a package was raised", "another manifest", "no manifest", "another log"],
)
def test_nothing_is_sent_when_what_is_in_force_is_no_longer_what_was_reviewed(moved):
    coordinator = running()
    moved(coordinator)
    outcome = raise_packages(coordinator, BASELINE, {"dome": 7}, "vera")
    assert (outcome.overtaken, outcome.error.code, coordinator.sent) == (True, "overtaken", 0)


def test_a_secret_that_was_set_meanwhile_is_no_reason_to_review_again():
    coordinator = running()
    coordinator.log += format_line(NOW, "secret set", user="vera", secret="note", type="plain")  # a name
    assert isinstance(raise_packages(coordinator, BASELINE, {"dome": 7}, "vera"), Applied)


def test_the_same_raise_by_somebody_else_does_not_stand_for_a_lost_one():
    coordinator = running(fails=LOST)
    coordinator.quicker = lambda: setattr(coordinator, "log", coordinator.log + raised("dome", 7, "carl"))
    outcome = raise_packages(coordinator, BASELINE, {"dome": 7}, "vera")
    assert isinstance(outcome, NotApplied)
    assert outcome.overtaken


def test_a_lost_update_of_several_packages_is_applied_only_if_all_of_them_are():
    coordinator = running(fails=LOST)
    coordinator.quicker = lambda: setattr(coordinator, "log", coordinator.log + raised("dome", 7))
    assert isinstance(raise_packages(coordinator, BASELINE, {"dome": 7, "camera": 2}, "vera"), NotApplied)
