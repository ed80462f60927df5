"""What the window says about a connection, decided without a window."""

import datetime as dt
from dataclasses import replace

import pytest

from marble_client.address import Address
from marble_client.answers import CoordinatorState, Status
from marble_client.errors import NameMismatch, RootChanged, TimedOut
from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.problems import Crashed
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileId
from marble_console.coordinators.watch import Observation, WatchState
from marble_console.navigation import Place
from marble_console.notary import VerdictChange
from marble_console.parts import BannerState, Tone
from marble_console.session import SessionState
from marble_console.shell_presenter import Around, change_banner, compose
from marble_core.attestation.steps import Verdict

NOW = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
REMOTE = Profile(
    "orders", Kind.REMOTE, Address("orders.example", 4433), NOW, environment=Environment.TEST, id=ProfileId(7)
)
LOCAL = Profile("local", Kind.LOCAL, Address("127.0.0.1", 4433), NOW, id=ProfileId(8))


def watched(state=CoordinatorState.RUNNING, failure=None):
    return WatchState(Observation(NOW, Status(state, "")), failure, 1 if failure else 0)


def shown(session, **around):
    return compose(session, (REMOTE, LOCAL), Around(**around))


def test_without_a_connection_nothing_is_claimed():
    state = shown(SessionState())
    assert (state.band, state.trust, state.status, state.banners, state.left) == (None, None, None, (), ())
    assert not state.can_refresh


def test_the_band_names_environment_and_address_and_claims_no_identity():
    band = shown(SessionState(REMOTE, watched())).band
    assert (band.tone, band.word, band.place, band.actor) == (
        Tone.TEST,
        "test",
        "orders · orders.example:4433",
        "",
    )


def test_a_connection_without_an_environment_has_no_band():
    assert shown(SessionState(LOCAL, watched(), Situation(Stage.RUNNING))).band is None


@pytest.mark.parametrize("state", CoordinatorState)
def test_no_state_is_green_and_none_is_called_verified(state):
    window = shown(SessionState(REMOTE, watched(state)))
    assert Tone.VERIFIED not in {window.status.tone, window.trust.tone}
    assert window.trust.text == "Not verified"
    assert window.status.text.startswith(f"State {int(state)}")


def test_recovery_comes_before_stale_data():
    failure = TimedOut("No answer in time.", hint="Look at the network.")
    window = shown(SessionState(REMOTE, watched(CoordinatorState.RECOVERY, failure)))
    assert [banner.key for banner in window.banners] == ["recovery", "stale"]
    assert window.status.text == "Unreachable"
    assert window.left[0].text.startswith("Last seen")


def test_another_root_stops_everything_and_offers_no_way_past_it():
    failure = RootChanged("Another root.", hint="Compare.", pinned="a", presented="b")
    window = shown(SessionState(REMOTE, watched(failure=failure)))
    assert (window.trust.text, window.trust.tone) == ("Failed", Tone.FAILED)
    assert not window.can_refresh
    assert [action.key for action in window.banners[0].actions] == ["roots", "leave"]
    assert window.banners[0].actions[-1].kind == "primary"


def test_a_crashed_coordinator_is_reported_everywhere_but_on_its_own_page():
    crash = Situation(Stage.CRASHED, problem=Crashed("It ended.", hint="Start it."))
    session = SessionState(LOCAL, WatchState(), crash)
    assert [banner.key for banner in shown(session, page=Place.OVERVIEW).banners] == ["local"]
    assert shown(session, page=Place.COORDINATOR).banners == ()
    assert shown(session).status.text == "Crashed"


def test_stopping_the_local_coordinator_is_no_failure():
    failure = TimedOut("No answer.", hint="")
    session = SessionState(LOCAL, watched(failure=failure), Situation(Stage.STOPPED))
    assert shown(session).banners == ()


def test_the_picker_shows_the_port_in_use_not_the_kept_one():
    moved = Profile("local", Kind.LOCAL, Address("127.0.0.1", 4436), NOW, id=LOCAL.id)
    items = shown(SessionState(moved, WatchState(), Situation(Stage.RUNNING))).connections
    assert [item.address for item in items] == ["orders.example:4433", "127.0.0.1:4436"]


@pytest.mark.parametrize(
    ("session", "task"),
    [
        (SessionState(), ""),
        (SessionState(REMOTE), "Asking orders…"),
        (SessionState(REMOTE, watched()), ""),
        (SessionState(LOCAL, WatchState(), Situation(Stage.STARTING)), "Starting the local coordinator…"),
        (SessionState(LOCAL, WatchState(), Situation(Stage.STOPPED)), ""),
    ],
)
def test_only_what_is_waited_for_can_be_given_up(session, task):
    assert shown(session).task == task


def test_a_name_that_does_not_fit_leads_to_those_that_do():
    failure = NameMismatch("Not valid for it.", hint="Choose.", names=("orders.internal",))
    window = shown(SessionState(REMOTE, watched(failure=failure)))
    assert [action.key for action in window.banners[0].actions] == ["edit", "leave"]


def test_insecure_comes_before_what_has_changed_and_stale_data_and_read_only_last():
    failure = TimedOut("No answer in time.", hint="Look at the network.")
    insecure = BannerState("insecure", Tone.CAUTION, "triangle-alert", "Insecure")
    change = change_banner(VerdictChange(Verdict.VERIFIED, Verdict.NOT_VERIFIED, NOW), NOW)
    session = SessionState(replace(REMOTE, read_only=True), watched(failure=failure))
    banners = shown(session, insecure=insecure, change=change).banners
    assert [banner.key for banner in banners] == ["insecure", "change", "stale", "read-only"]


def test_a_changed_verdict_is_told_with_the_one_before():
    banner = change_banner(VerdictChange(Verdict.VERIFIED, Verdict.FAILED, NOW), NOW)
    assert (banner.fact, banner.tone) == ("The verdict has changed: Failed", Tone.FAILED)
    assert "It was Verified" in banner.consequence
    assert change_banner(None, NOW) is None


def test_where_a_first_contact_ended_is_said_by_its_steps_alone():
    session = SessionState(REMOTE, WatchState(failure=TimedOut("No answer."), failures=1), held=True)
    assert shown(session, page=Place.ATTESTATION).banners == ()
    assert [banner.key for banner in shown(session, page=Place.OVERVIEW).banners] == ["stale"]
