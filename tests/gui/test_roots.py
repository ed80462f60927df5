"""Another root than the kept one: compared, attested or left, and never just carried on with."""

import dataclasses
import datetime as dt

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.errors import RootChanged
from marble_client.trust import fingerprint
from marble_console.attesting import Attestation, Origin, RootIsTemporary
from marble_console.coordinators.attested import KeptRoot, Terms
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.coordinators.watch import WatchState
from marble_console.notary import TrustState
from marble_console.pages.roots.dialog import RootsDialog
from marble_console.pages.roots.presenter import RootsPresenter, compared
from marble_console.pages.roots.unproved import UnprovedPresenter
from marble_console.session import AttestationFailed, SessionState
from marble_core.attestation.anchors import INTEL
from tests.fakes.attested import NOW, coordinator, good_evidence, judged
from tests.fakes.manifests import certificate

KEPT = certificate("kept root").public_bytes(Encoding.DER)
NEW = coordinator().root
DAY = dt.timedelta(days=1)
PROFILE = Profile("observatory", Kind.REMOTE, Address("observatory.example"), NOW, root_der=KEPT)
FAILURE = RootChanged(
    "Another root. Nothing was sent.",
    hint="Compare.",
    pinned=fingerprint(KEPT),
    presented=fingerprint(NEW),
    presented_der=NEW,
)


def attested(report=None, *, root=NEW, state=CoordinatorState.RUNNING):
    return Attestation(None, report or judged(), good_evidence(), root, True, Origin.SERVICE, NOW, state)


class Notary:
    def __init__(self):
        self.done = []
        self.kept = (KeptRoot(KEPT, NOW - DAY),)
        self.refusal = None
        self.unprovable = ()

    def verify(self):
        self.done.append("verify")

    def trust_root(self):
        if self.refusal:
            raise self.refusal
        self.done.append("trust")

    def can_use_unproved(self, root_der):
        return root_der in self.unprovable

    def leave(self):
        self.done.append("leave")

    def roots(self):
        return self.kept


class View:
    finished = False

    def show_state(self, state):
        self.state = state

    def finish(self):
        self.finished = True


def session(failure=FAILURE, profile=PROFILE):
    return SessionState(profile, WatchState(failure=failure, failures=1))


def trust(attestation=None, *, busy=False):
    return TrustState(PROFILE, Terms(), attestation, busy=busy, is_reachable=True)


@pytest.fixture
def notary():
    return Notary()


@pytest.fixture
def asked(notary):
    presenter = RootsPresenter(notary, session(), trust(), lambda: NOW, without_proof=notary.done.append)
    presenter.attach(View())
    return presenter


def test_there_are_three_ways_and_the_safe_one_is_primary(asked):
    state = asked.state
    assert (state.compare.text, state.attest.text) == ("Compare", "Re-attest")
    assert (state.leave.text, state.leave.kind) == ("Keep old root and disconnect", "primary")
    assert state.trust is None
    assert "ignore" not in str(state).casefold()


def test_leaving_keeps_the_old_root(asked, notary):
    asked.act("leave")
    assert notary.done == ["leave"]


def test_compared_are_both_certificates_with_a_sign_where_they_differ(asked):
    assert asked.state.compared == ()
    asked.act("compare")
    rows = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in asked.state.compared}
    assert rows["SHA-256"] == ["~", fingerprint(KEPT), fingerprint(NEW)]
    assert rows["Subject"] == ["~", "CN=kept root", "CN=Observatory root"]
    asked.act("compare")
    assert asked.state.compared == ()


def test_a_certificate_that_cannot_be_read_is_compared_by_its_hash():
    rows = {row.cells[0].text: row.cells[3].text for row in compared(KEPT, b"garbage")}
    assert rows["SHA-256"] == fingerprint(b"garbage")
    assert rows["Subject"] == "cannot be read"


def test_past_roots_have_their_dates_and_a_new_one_was_never_seen(asked, notary):
    new, kept = asked.state.past
    assert new.cells[3].text == "presented now, never seen before"
    assert (kept.cells[0].text, kept.cells[1].text, kept.cells[3].text) == ("19 Nov 12:00", "now", "kept")
    notary.kept = (KeptRoot(KEPT, NOW - DAY), KeptRoot(NEW, NOW - 9 * DAY, NOW - DAY))
    assert [row.cells[3].text for row in asked.state.past] == ["kept", "presented now"]


def test_it_can_be_trusted_only_after_it_was_attested(asked, notary):
    asked.act("attest")
    asked.follow(session(), trust(busy=True))
    assert not asked.state.attest.enabled
    asked.follow(session(), trust(attested()))
    assert asked.state.verdict.text == "Simulated"
    asked.act(asked.state.trust.key)
    assert notary.done == ["verify", "trust"]


@pytest.mark.parametrize(
    "made", [attested(judged(anchor=INTEL)), attested(root=b"yet another")], ids=["failed", "yet another"]
)
def test_who_did_not_prove_to_be_it_cannot_be_trusted(asked, made):
    asked.act("attest")
    asked.follow(session(AttestationFailed("Attestation failed.")), trust(made))
    assert asked.state.trust is None
    assert not asked._view.finished


def test_a_root_that_may_be_temporary_is_not_trusted_for_good(asked):
    asked.act("attest")
    asked.follow(session(), trust(attested(state=None)))
    assert asked.state.trust is None


def test_what_stands_against_it_is_said(asked, notary):
    notary.refusal = RootIsTemporary("It lives only until the recovery.")
    asked.act("attest")
    asked.follow(session(), trust(attested()))
    asked.act("trust")
    assert "only until the recovery" in asked.state.why


def test_it_ends_with_the_connection_or_with_the_trust(notary):
    for after in (SessionState(), dataclasses.replace(session(), watch=WatchState())):
        presenter = RootsPresenter(notary, session(), trust(), lambda: NOW, without_proof=notary.done.append)
        presenter.attach(View())
        presenter.follow(after, trust())
        assert presenter._view.finished


def test_the_keyboard_begins_at_the_safe_way_and_escape_ignores_nothing(theme, qtbot, asked, notary):
    dialog = RootsDialog(asked)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert dialog.focusWidget().objectName() == "roots:leave"
    dialog.reject()
    assert notary.done == []  # the connection stays blocked, and its banner leads back here


# -- a coordinator that has nothing to prove itself with ----------------------------------------------------------------
def test_the_way_without_attestation_is_there_only_where_nothing_can_prove(asked, notary):
    assert asked.state.recover is None
    notary.unprovable = (NEW,)
    assert asked.state.recover.text == "Recover without attestation…"
    asked.act("recover")
    assert notary.done[-1] == NEW
    notary.unprovable = ()
    assert asked.state.recover is None


@pytest.fixture
def unproved():
    done = []
    presenter = UnprovedPresenter(PROFILE, NEW, lambda: done.append("used"))
    presenter.attach(View())
    presenter.done = done
    return presenter


def test_both_the_fingerprint_and_the_name_are_wanted(unproved):
    unproved.confirm()
    unproved.type_name("observatory")
    unproved.confirm()
    assert unproved.done == []
    assert "as the computer of the coordinator shows it" in unproved.state.gate.text
    unproved.type_fingerprint(fingerprint(NEW)[:20])
    assert unproved.state.wrong == ""
    unproved.type_fingerprint(fingerprint(KEPT))
    assert unproved.state.wrong.startswith("Another root answers here.")
    unproved.type_fingerprint(f" {fingerprint(NEW).upper()} ")
    assert unproved.state.gate.is_open
    unproved.type_name("observator")
    unproved.confirm()
    assert unproved.done == []
    unproved.type_name("observatory")
    unproved.confirm()
    assert unproved.done == ["used"]
    assert unproved._view.finished


def test_what_nobody_has_verified_is_named(unproved):
    assert ["enclave" in line or "processor" in line for line in unproved.state.missing][:2] == [True, True]
