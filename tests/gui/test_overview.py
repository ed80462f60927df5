"""The overview, decided without a window."""

import dataclasses
import datetime as dt
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from PySide6.QtWidgets import QPushButton

from marble_client.address import Address
from marble_client.answers import CertificateChain, CoordinatorState, Quote, ServedManifest, Status
from marble_client.errors import ConnectionRefused, RootChanged
from marble_console.acting import Acting
from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.coordinators.watch import Observation, WatchState
from marble_console.pages.overview.log import LogFilter
from marble_console.pages.overview.page import OverviewPage
from marble_console.pages.overview.presenter import OverviewPresenter, overview
from marble_console.pages.overview.state import Shape
from marble_console.recovering.standing import Standing
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.effective import effective
from marble_core.manifest.model import UserName
from marble_core.updatelog import Entry, format_line, parse_log
from tools import recovery_scenes
from tools.scenes import seen as session_of

NOW = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
PROFILE = Profile("orders", Kind.REMOTE, Address("coordinator.example", 4433), NOW)
MANIFEST = {
    "Packages": {"web": {"SignerID": "5e" * 32, "ProductID": 1, "SecurityVersion": 3}},
    "Marbles": {"web": {"Package": "web"}},
    "Secrets": {
        "token": {"Type": "plain", "UserDefined": True},
        "license": {"Type": "plain", "UserDefined": True},
        "shared": {"Type": "symmetric-key", "Size": 128, "Shared": True},
    },
}
LOG = (
    format_line(NOW - dt.timedelta(days=2), "Initial manifest set")
    + format_line(NOW - dt.timedelta(days=1), "Secret set", user="mia", secret="token", type="plain")
    + "damaged\n"
    + format_line(NOW, "SecurityVersion increased", user="noor", package="web", **{"new version": 4})
)


@pytest.fixture(scope="module")
def chain():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "root")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - dt.timedelta(days=5))
        .not_valid_after(NOW + dt.timedelta(days=12))
        .sign(key, hashes.SHA256())
    )
    return CertificateChain(made, made)


def observation(chain, state=CoordinatorState.RUNNING, manifest=None, log=LOG):
    if state is not CoordinatorState.RUNNING:
        return Observation(NOW, Status(state, ""), Quote(chain, None))
    raw = json.dumps(manifest or MANIFEST).encode()
    lines = parse_log(log)
    content = effective(decode_manifest(raw).manifest, [line for line in lines if isinstance(line, Entry)])
    served = ServedManifest(raw, hashlib.sha256(raw).hexdigest(), b"")
    return Observation(NOW, Status(state, ""), Quote(chain, None), served, content, log, lines)


def seen(chain, **more):
    return overview(SessionState(PROFILE, WatchState(observation(chain, **more))), NOW)


def facts(state, card):
    return {fact.key: fact.value for each in state.cards if each.key == card for fact in each.facts}


def test_without_a_connection_the_ways_to_one_are_shown():
    state = overview(SessionState(), NOW)
    assert [action.key for action in state.notice.actions] == ["start", "connect"]


def test_before_the_first_answer_the_page_loads():
    assert overview(SessionState(PROFILE), NOW).shape is Shape.LOADING


def test_a_coordinator_that_was_never_reached_can_be_tried_again():
    failure = ConnectionRefused("Nothing listens at coordinator.example:4433.", hint="Start it.")
    state = overview(SessionState(PROFILE, WatchState(failure=failure, failures=1)), NOW)
    assert (state.shape, state.notice.title) == (Shape.NOTICE, "Nothing listens at coordinator.example:4433.")
    assert [action.key for action in state.notice.actions] == ["retry"]


def test_another_root_offers_no_second_try():
    failure = RootChanged("Another root.", hint="Compare.", pinned="a", presented="b")
    state = overview(SessionState(PROFILE, WatchState(failure=failure, failures=1)), NOW)
    assert state.notice.actions == ()


def test_what_was_seen_last_stays_when_the_coordinator_is_gone(chain):
    watch = WatchState(observation(chain), ConnectionRefused("Nothing listens."), 1)
    state = overview(SessionState(PROFILE, watch), NOW)
    assert state.shape is Shape.CARDS
    assert state.stale_since.startswith("today ")


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.RUNNING])
def test_a_local_coordinator_that_does_not_run_says_so(stage):
    state = overview(SessionState(PROFILE, local=Situation(stage)), NOW)
    assert state.shape is Shape.NOTICE
    assert state.notice.title


def test_waiting_for_a_manifest_leads_to_the_manifest_page(chain):
    state = seen(chain, state=CoordinatorState.WAITING_FOR_MANIFEST)
    assert state.notice.title == "Set the first manifest"
    assert [card.key for card in state.cards] == ["state", "trust", "certificates"]
    assert state.log is None


def test_the_manifest_card_counts_and_tells_updates(chain):
    shown = facts(seen(chain), "manifest")
    assert shown["Contents"] == "1 package · 1 marble · 3 secrets"
    assert shown["Effective"] == "Submitted + 1 package update"
    assert shown["Last change"].endswith("package web to 4")


def test_secrets_that_nobody_set_are_named(chain):
    shown = facts(seen(chain), "secrets")
    assert (shown["Set"], shown["Not set yet"]) == ("1 of 2 user-defined", "license")


def test_certificates_that_end_soon_are_a_finding(chain):
    state = seen(chain)
    assert facts(state, "certificates")["Root ends"] == "expires in 12 days"
    assert "expiry-root" in {finding.key for finding in state.findings}


def test_an_identity_that_ends_soon_is_a_finding_with_a_way_to_the_next_one(chain):
    acting = Acting("mia", "ab" * 32, NOW + dt.timedelta(days=19, hours=1), UserName("ops-mia"))
    state = overview(SessionState(PROFILE, WatchState(observation(chain)), acting=acting), NOW)
    assert facts(state, "certificates")["Your identity"] == "expires in 19 days"
    (finding,) = [each for each in state.findings if each.key == "identity"]
    assert finding.fact == "Your identity ops-mia expires in 19 days"
    later = dataclasses.replace(acting, not_after=NOW + dt.timedelta(days=90))
    state = overview(SessionState(PROFILE, WatchState(observation(chain)), acting=later), NOW)
    assert not [each for each in state.findings if each.key == "identity"]


def test_a_manifest_without_recovery_keys_is_a_finding(chain):
    assert "recovery" in {finding.key for finding in seen(chain).findings}


def test_the_log_shows_newest_first_and_keeps_what_it_cannot_read(chain):
    log = seen(chain).log
    rows = [row for group in log.rows for row in group.children]
    assert [row.key for row in rows] == ["4", "3", "2", "1"]
    assert rows[1].cells[0].text == "Line 3"
    assert log.summary == "4 lines · 1 unreadable"
    assert log.users == ("mia", "noor")


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (LogFilter(user="mia"), ["2"]),
        (LogFilter(text="WEB"), ["4"]),
        (LogFilter(text="damaged"), ["3"]),
        (LogFilter(user="mia", text="web"), []),
    ],
)
def test_the_log_is_filtered_by_text_and_user(chain, wanted, keys):
    log = overview(SessionState(PROFILE, WatchState(observation(chain))), NOW, wanted).log
    assert [row.key for group in log.rows for row in group.children] == keys
    assert bool(log.empty) is not bool(keys)


class Elsewhere:
    def __init__(self):
        self.done = []

    def go_to(self, page):
        self.done.append(page)

    def connect(self):
        self.done.append("connect")

    def start_local(self):
        self.done.append("start")

    def retry(self):
        self.done.append("retry")


class View:
    state = None

    def show_state(self, state):
        self.state = state


def test_the_presenter_shows_the_raw_line_that_is_chosen(chain):
    presenter, view = OverviewPresenter(Elsewhere(), InlineRunner(), lambda: NOW), View()
    presenter.attach(view)
    presenter.set_session(SessionState(PROFILE, WatchState(observation(chain))))
    presenter.choose_line("3")
    assert (view.state.log.raw_title, view.state.log.raw) == ("Raw line 3", "damaged")


def test_a_filter_does_not_outlive_its_connection(chain):
    presenter = OverviewPresenter(Elsewhere(), InlineRunner(), lambda: NOW)
    presenter.set_session(SessionState(PROFILE, WatchState(observation(chain))))
    presenter.filter_log(text="web")
    presenter.set_session(SessionState())
    presenter.set_session(SessionState(PROFILE, WatchState(observation(chain))))
    assert "shown" not in presenter.state.log.summary


def test_actions_lead_elsewhere():
    elsewhere = Elsewhere()
    presenter = OverviewPresenter(elsewhere, InlineRunner(), lambda: NOW)
    for key in ("connect", "start", "retry", "manifest"):
        presenter.act(key)
    assert elsewhere.done == ["connect", "start", "retry", "manifest"]


# -- a state that waits for its holders ---------------------------------------------------------------------------------
def waiting_for(standing):
    return overview(session_of(CoordinatorState.RECOVERY), NOW, standing=standing)


def test_a_sealed_state_shows_who_has_given_and_who_is_missing():
    state = waiting_for(recovery_scenes.standing(NOW))
    assert state.notice is None  # the banner has the way on
    assert [card.key for card in state.cards] == ["state", "trust", "recovery"]
    assert state.cards[2].headline.word == "1 of 3 shares given"
    said = [[cell.text for cell in row.cells] for row in state.waiting.holders]
    assert [(row[0], row[2].split()[0], row[3].split()[0]) for row in said] == [
        ("holder-1", "passed", "given"),
        ("holder-2", "never", "not"),
        ("holder-3", "passed", "not"),
    ]
    assert "long ago" in said[2][2]
    assert [stage.title for stage in state.waiting.stages] == ["Verify", "Collect 3 shares", "Confirm"]
    assert state.waiting.may_export


def test_with_a_threshold_as_many_as_are_needed_are_counted():
    standing = recovery_scenes.standing(NOW)
    state = waiting_for(replace(standing, known=replace(standing.known, threshold=2)))
    assert state.cards[2].headline.word == "1 of 2 shares given"
    assert state.cards[2].headline.meaning == "This manifest needs any 2 of 3 holders."


def test_a_sealed_state_that_was_never_seen_running_says_so():
    state = waiting_for(Standing())
    assert state.waiting.holders == ()
    assert not state.waiting.may_export
    assert state.waiting.last[0].value.startswith("never by this console.")
    assert state.cards[2].headline.meaning == "How many are needed is not known here."


def test_holders_who_have_not_practised_are_a_finding_that_leads_to_the_drills():
    standing = recovery_scenes.standing(NOW)
    (finding,) = [
        each for each in overview(session_of(), NOW, standing=standing).findings if each.key == "recovery"
    ]
    assert (finding.fact, finding.action) == (
        "1 of 3 holders that are needed has practised lately",
        "Practise…",
    )
    enough = replace(standing, known=replace(standing.known, holders=standing.known.holders[:1]))
    assert "recovery" not in [each.key for each in overview(session_of(), NOW, standing=enough).findings]


def test_cards_and_findings_lead_to_the_page_that_tells_more(chain):
    state = seen(chain)
    pages = {card.key: card.page for card in state.cards}
    assert pages == {
        "state": "",
        "trust": "attestation",
        "certificates": "attestation",
        "manifest": "manifest",
        "secrets": "secrets",
        "recovery": "recovery",
    }
    elsewhere = Elsewhere()
    presenter = OverviewPresenter(elsewhere, InlineRunner(), lambda: NOW)
    for key in ("expiry-root", "unsealed", "audit"):
        presenter.act(key)
    assert elsewhere.done == ["attestation", "coordinator", "audit"]


def test_the_log_leads_to_the_audit_page(theme, qtbot, chain):
    elsewhere = Elsewhere()
    presenter = OverviewPresenter(elsewhere, InlineRunner(), lambda: NOW)
    page = OverviewPage(presenter)
    qtbot.addWidget(page)
    page.findChild(QPushButton, "log:open").click()
    assert elsewhere.done == ["audit"]
