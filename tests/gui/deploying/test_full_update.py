"""A full update in the deploy wizard, at the real coordinator: in force at once or pending, its secrets saved, nothing sent twice."""

import datetime as dt
import json
from contextlib import contextmanager

import pytest

from marble_client.client import CoordinatorClient
from marble_client.errors import ConnectionLost, OutcomeUnknown, Refused
from marble_client.transport import HttpAnswer, Transport
from marble_console.acting import Acting
from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import ProfileStore
from marble_console.pages.deploy import recovery_file
from marble_console.pages.deploy.change import prepare_change
from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.pages.deploy.replacing import replace_manifest
from marble_console.pages.deploy.sending import (
    Applied,
    AppliedUnanswered,
    Baseline,
    CannotTell,
    NotApplied,
    Waiting,
)
from marble_console.pages.deploy.state import Deploy
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.tasks import InlineRunner
from marble_core.attestation.steps import Verdict
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.deploying import Around, View, walk
from tests.fakes.ferry import NOON, Ferry
from tests.fakes.holders import public_pem

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two_must_agree(tmp_path_factory):
    with CoordinatorProcess(tmp_path_factory.mktemp("ferry")) as process:
        yield Ferry(process.start())


@pytest.fixture(scope="module")
def one_is_enough(tmp_path_factory):
    with CoordinatorProcess(tmp_path_factory.mktemp("ferry")) as process:
        yield Ferry(process.start(), needed=1)


@contextmanager
def tidied(shared):
    """Nothing is pending at first, and the manifest is the one in force."""
    client = shared.connect("mate")
    if client.v2.pending_update() is not None:
        client.v2.cancel_update()
    shared.manifest = json.loads(client.manifest().raw)
    yield shared
    for each in shared.clients:
        each.close()
    shared.clients.clear()


@pytest.fixture
def ferry(two_must_agree):
    with tidied(two_must_agree) as ferry:
        yield ferry


@pytest.fixture
def raft(one_is_enough):
    """The same where one user is enough."""
    with tidied(one_is_enough) as ferry:
        yield ferry


def document(ferry, **changes):
    return Document("ferry.json", json.dumps(ferry.manifest | changes, indent=1).encode(), Origin.FILE)


def baseline(client):
    served = client.manifest()
    return Baseline(served.fingerprint, served.raw, client.update_log())


def acting(who):
    return Acting(who, "ab" * 32, NOON + dt.timedelta(days=90), who)


def draft(ferry, changed, who="mate", **more):
    values = {"verdict": Verdict.VERIFIED, "acting": acting(who), "offers_v2": True} | more
    owner = values.pop("profile", ferry.profile)
    return prepare_change(changed, baseline(ferry.connect()), owner, NOON, **values)


def begin(ferry, draft, *, who="mate", client=None, history=None):
    view, around = View(), Around(client or ferry.connect(who))
    presenter = DeployPresenter(draft, around, InlineRunner(), clock=lambda: NOON, history=history)
    presenter.attach(view)
    presenter.around = around
    return presenter, view


def to_confirm(presenter):
    """Walk to the page that confirms, and tick what has to be ticked."""
    presenter.accept_warnings(True)
    walk(presenter, "review")
    for key in presenter.draft.review.to_tick:
        presenter.tick(key, True)
    walk(presenter, "confirm")


def later(ferry):
    """A change that needs a full update, another one each time."""
    count = (
        ferry.manifest["Marbles"]["helm"].get("MaxActivations", 0)
        if "helm" in ferry.manifest["Marbles"]
        else 0
    )
    name, marble = next(iter(ferry.manifest["Marbles"].items()))
    more = marble.get("MaxActivations", count) + 1
    return {"Marbles": ferry.manifest["Marbles"] | {name: marble | {"MaxActivations": more}}}


# what comes of it


def test_an_update_that_needs_others_becomes_pending_and_says_whose_word_is_missing(ferry):
    changed = document(ferry, **later(ferry))
    presenter, view = begin(ferry, draft(ferry, changed))
    to_confirm(presenter)
    assert view.wizard.primary.text == "Begin the update"
    assert "1 more user must agree to exactly these bytes" in view.pages.happens[0]
    presenter.forward()
    assert (view.wizard.page, view.wizard.heading) == ("result", "The update waits for others")
    assert view.pages.result.title == "Pending: 1 more user must agree"
    assert view.pages.result.why.startswith("One of cook, guest is enough.")
    assert ferry.connect().v2.pending_update().raw == changed.raw
    presenter.act("pending")
    assert (view.finished, presenter.around.asked[-1]) == (True, "pending")


def test_an_update_that_needs_nobody_else_is_in_force_at_once(raft):
    changed = document(raft, **later(raft))
    presenter, view = begin(raft, draft(raft, changed))
    to_confirm(presenter)
    assert view.wizard.primary.text == "Replace the manifest"
    presenter.forward()
    assert (view.wizard.page, view.pages.result.title) == ("result", "hill runs with ferry.json")
    assert any("Restart" in line for line in view.pages.checklist)
    assert raft.connect().manifest().raw == changed.raw


def test_new_recovery_secrets_are_saved_and_read_back_before_the_wizard_can_be_left(raft, tmp_path):
    keys = {"ada": public_pem("ada"), "bo": public_pem("bo")}
    presenter, view = begin(raft, draft(raft, document(raft, RecoveryKeys=keys, **later(raft))))
    to_confirm(presenter)
    presenter.forward()
    assert (view.wizard.page, view.wizard.leave) == ("save", None)
    presenter.leave()
    presenter.forward()
    assert (view.finished, view.wizard.page) == (None, "save")
    presenter.save_one("ada", tmp_path / "ada.json")
    assert view.wizard.gate.text == "1 of 2 recovery secrets saved"
    presenter.save_all(tmp_path / "all.json")
    assert recovery_file.decode((tmp_path / "all.json").read_bytes()).keys() == {"ada", "bo"}
    presenter.forward()
    assert view.pages.result.why.startswith("The new recovery secrets are saved.")


def test_without_new_keys_there_is_nothing_to_save(raft):
    presenter, view = begin(raft, draft(raft, document(raft, **later(raft))))
    to_confirm(presenter)
    assert "save" not in [mark.key for mark in view.wizard.steps]
    presenter.forward()
    assert view.wizard.page == "result"
    assert "Recovery keys and secrets are as before." in view.pages.result.why


# what stands against it


def test_what_only_raises_packages_is_sent_as_a_package_update(ferry):
    name, package = next(iter(ferry.manifest["Packages"].items()))
    raised = package | {"SecurityVersion": package["SecurityVersion"] + 1}
    found = draft(ferry, document(ferry, Packages=ferry.manifest["Packages"] | {name: raised}))
    assert (found.kind, dict(found.versions)) == (Deploy.PACKAGES, {name: str(raised["SecurityVersion"])})


def test_what_changes_nothing_stays_at_the_check(ferry):
    same = Document("same.json", json.dumps(ferry.manifest, indent=3).encode(), Origin.FILE)
    presenter, view = begin(ferry, draft(ferry, same))
    presenter.forward()
    presenter.accept_warnings(True)
    presenter.forward()
    assert view.wizard.gate.text == "Nothing differs in meaning from what is in force."


@pytest.mark.parametrize(
    ("more", "gate", "note"),
    [
        ({"offers_v2": False}, "This coordinator takes no full update.", "needs the newer Client API (v2)"),
        ({"is_blocked": True}, "Another update is pending.", "agreed to or cancelled"),
        ({"acting": None}, "Choose the identity of a user.", "replaced by users that it names"),
        ({"acting": acting("stranger")}, "stranger may not replace the manifest.", "cook, guest, mate"),
    ],
    ids=["old server", "another pending", "nobody", "not entitled"],
)
def test_what_would_be_refused_is_explained_before_anything_is_sent(ferry, more, gate, note):
    presenter, view = begin(ferry, draft(ferry, document(ferry, **later(ferry)), **more))
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == ("target", gate)
    assert note in view.pages.identity_note.why


def test_errors_of_the_manifest_stay_at_the_check(ferry):
    presenter, view = begin(ferry, draft(ferry, document(ferry, Marbles={"x": {"Package": "nowhere"}})))
    presenter.forward()
    presenter.accept_warnings(True)
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == (
        "check",
        "The coordinator would refuse this manifest.",
    )


def test_what_was_reviewed_must_still_be_in_force(raft):
    stale = baseline(raft.connect())
    raft.connect("mate").v2.update(document(raft, **later(raft)).raw)
    raft.manifest = json.loads(raft.connect().manifest().raw)
    found = replace_manifest(raft.connect("mate"), stale, document(raft, **later(raft)).raw, "mate")
    assert (found.overtaken, found.error.code) == (True, "overtaken")


def test_another_update_that_came_first_is_named_and_nothing_is_sent(ferry):
    stands = baseline(ferry.connect())
    ferry.connect("cook").v2.update(document(ferry, TLS={}, **later(ferry)).raw)
    changed = document(ferry, **later(ferry))
    presenter, view = begin(ferry, draft(ferry, changed))
    to_confirm(presenter)
    presenter.forward()
    assert view.pages.problem.title == "hill has another update pending"
    assert [action.key for action in view.pages.problem.actions] == ["pending"]
    assert view.wizard.back is None
    assert not replace_manifest(ferry.connect("mate"), stands, changed.raw, "mate").overtaken


def test_a_secret_that_was_set_and_an_update_that_was_cancelled_are_no_reason_to_review_again(ferry):
    stands = baseline(ferry.connect())
    ferry.connect("cook").v2.update(document(ferry, TLS={}, **later(ferry)).raw)
    ferry.connect("guest").v2.cancel_update()
    found = replace_manifest(ferry.connect("mate"), stands, document(ferry, **later(ferry)).raw, "mate")
    assert (type(found), found.missing) == (Waiting, 1)


# answers that are lost, refused or bent


class Line:
    """A client whose full update is heard by the coordinator or not, and answered as the test wants."""

    def __init__(self, client, *, heard, error):
        self._client, self._heard, self._error = client, heard, error
        self.sent = 0
        self.v2 = self

    def update(self, raw):
        self.sent += 1
        if self._heard:
            self._client.v2.update(raw)
        raise self._error

    def pending_update(self):
        return self._client.v2.pending_update()

    def __getattr__(self, name):
        return getattr(self._client, name)


LOST = OutcomeUnknown("The answer was lost.")


def test_a_lost_answer_of_a_pending_update_is_read_from_what_is_pending(ferry):
    line = Line(ferry.connect("mate"), heard=True, error=LOST)
    stands, raw = baseline(line), document(ferry, **later(ferry)).raw
    found = replace_manifest(line, stands, raw, "mate")
    assert (found, line.sent) == (Waiting(1, ("cook", "guest"), unanswered=True), 1)
    # Somebody who tries again from the same review is told the same, and sends nothing.
    assert (replace_manifest(line, stands, raw, "mate"), line.sent) == (found, 1)


def test_a_lost_answer_of_an_applied_update_is_read_from_the_fingerprint(raft):
    line = Line(raft.connect("mate"), heard=True, error=LOST)
    assert (
        replace_manifest(line, baseline(line), document(raft, **later(raft)).raw, "mate")
        == AppliedUnanswered()
    )


def test_recovery_secrets_that_are_lost_with_their_answer_are_not_hidden(raft):
    line = Line(raft.connect("mate"), heard=True, error=LOST)
    keys = {name: public_pem(name) for name in ("cy", "di")}
    presenter, view = begin(raft, draft(raft, document(raft, RecoveryKeys=keys, **later(raft))), client=line)
    to_confirm(presenter)
    presenter.forward()
    assert (view.wizard.page, line.sent) == ("result", 1)
    assert view.pages.result.title == "In force, but the recovery secrets are lost"


def test_a_request_that_never_arrived_can_be_tried_again(ferry):
    line = Line(ferry.connect("mate"), heard=False, error=LOST)
    presenter, view = begin(ferry, draft(ferry, document(ferry, **later(ferry))), client=line)
    to_confirm(presenter)
    presenter.forward()
    assert "Your document is unchanged." in view.pages.problem.why
    presenter.back()
    presenter.around.client = ferry.connect("mate")
    presenter.forward()
    assert view.pages.result.title == "Pending: 1 more user must agree"


def test_an_update_that_somebody_cancelled_before_it_could_be_read_is_said_to_be_so(ferry):
    client = ferry.connect("mate")

    class Cancelled(Line):
        def update(self, raw):
            client.v2.update(raw)
            ferry.connect("cook").v2.cancel_update()
            raise LOST

    found = replace_manifest(
        Cancelled(client, heard=True, error=LOST),
        baseline(client),
        document(ferry, **later(ferry)).raw,
        "mate",
    )
    assert (type(found), found.error.code) == (NotApplied, "withdrawn")


def test_the_same_bytes_begun_by_somebody_else_are_not_taken_for_ones_own(ferry):
    client, raw = ferry.connect("mate"), document(ferry, **later(ferry)).raw
    stands = baseline(client)
    ferry.connect("cook").v2.update(raw)
    assert replace_manifest(client, stands, raw, "mate").blocked


def test_a_coordinator_that_falls_silent_after_sending_leaves_the_outcome_open(ferry):
    client = ferry.connect("mate")

    class Silent(Line):
        def status(self):
            if self.sent:
                raise ConnectionLost("Nothing answers.")
            return client.status()

    silent = Silent(client, heard=True, error=LOST)
    presenter, view = begin(ferry, draft(ferry, document(ferry, **later(ferry))), client=silent)
    to_confirm(presenter)
    presenter.forward()
    assert isinstance(presenter.draft.outcome, CannotTell)
    assert view.pages.problem.title.startswith("Outcome unknown")
    presenter.forward()
    presenter.back()
    assert silent.sent == 1


def test_a_refusal_keeps_the_document_and_shows_the_words_of_the_server(ferry):
    error = Refused("The coordinator refused the request.", status=400, server_text="no such thing")
    line = Line(ferry.connect("mate"), heard=False, error=error)
    presenter, view = begin(ferry, draft(ferry, document(ferry, **later(ferry))), client=line)
    to_confirm(presenter)
    presenter.forward()
    assert (view.wizard.page, view.pages.problem.raw) == ("send", "no such thing")
    assert view.pages.problem.why.endswith("Your document is unchanged.")
    assert view.wizard.back is not None


def test_a_user_who_is_known_no_more_is_told_which_identity_to_choose(ferry):
    presenter, view = begin(ferry, draft(ferry, document(ferry, **later(ferry))), client=ferry.connect())
    to_confirm(presenter)
    presenter.forward()
    assert "knows no user with this certificate" in view.pages.problem.title
    assert view.wizard.back is not None


# commands and history


def test_the_same_can_be_done_in_a_terminal(ferry):
    presenter, view = begin(ferry, draft(ferry, document(ferry, **later(ferry))))
    to_confirm(presenter)
    curl, marblerun = (command.text for command in view.pages.commands)
    assert "/api/v2/update" in curl
    assert "$(base64 < ferry.json | tr -d '\\n')" in curl
    assert "marblerun manifest update apply ferry.json" in marblerun


@pytest.mark.parametrize(("needed", "kind"), [(1, "full"), (2, "proposed")])
def test_the_history_tells_what_was_replaced_from_what_was_proposed(request, tmp_path, needed, kind):
    ferry = request.getfixturevalue("raft" if needed == 1 else "ferry")
    path = tmp_path / "console.sqlite3"
    with ProfileStore(path) as store:
        owner = store.add(ferry.profile)
    history, changed = DeployedHistory(path), document(ferry, **later(ferry))
    presenter, _ = begin(ferry, draft(ferry, changed, profile=owner), history=history)
    to_confirm(presenter)
    presenter.forward()
    (entry,) = history.of(owner.id)
    assert (entry.kind, entry.identity, history.load(entry.id)) == (kind, "mate", changed.raw)
    assert isinstance(presenter.draft.outcome, Applied if needed == 1 else Waiting)


# over the wire: answers that are bent or refused


class Bent(Transport):
    """Sends as it should, or not at all, and gives another answer to what changes something."""

    def bend(self, status, body, *, heard):
        self.answer, self.heard, self.sent = HttpAnswer(status, body), heard, 0
        return self

    def post(self, path, body, *, limit):
        self.sent += 1
        if self.heard:
            super().post(path, body, limit=limit)
        return self.answer


def bent(ferry, status, body, *, heard):
    transport = Bent(ferry.address, ferry.trust, ferry.identity("mate")).bend(status, body, heard=heard)
    client = CoordinatorClient(transport)
    ferry.clients.append(client)
    return client, transport


@pytest.mark.parametrize(
    "body",
    [
        b"<html>It works</html>",
        b"",
        b'{"status":"success","data":{"missingAcknowledgments":"many","missingUsers":null}}',
        b'{"status":"success","data":{"missingUsers":["cook"]}}',
        b'{"status":"success","data":[1]}',
        b'{"status":"success","data":{"missingAcknowledgments":-1}}',
    ],
    ids=["a page", "nothing", "a word for a number", "no number", "a list", "less than nobody"],
)
def test_an_answer_of_the_wrong_shape_is_resolved_by_reading(ferry, body):
    client, transport = bent(ferry, 200, body, heard=True)
    found = replace_manifest(client, baseline(client), document(ferry, **later(ferry)).raw, "mate")
    assert (found, transport.sent) == (Waiting(1, ("cook", "guest"), unanswered=True), 1)


@pytest.mark.parametrize(
    ("status", "message", "title"),
    [
        (401, "unauthorized user", "The coordinator knows no user with this certificate, or none was sent."),
        (400, "unexpected end of JSON input", "The coordinator refused the request. Nothing changed."),
        (500, "user may not do that", "The coordinator refused the request. Nothing changed."),
        (405, "", "This coordinator does not offer /update of the newer Client API (v2)."),
    ],
)
def test_a_refusal_over_the_wire_is_a_sentence_and_nothing_is_lost(ferry, status, message, title):
    body = json.dumps({"status": "error", "data": None, "message": message}).encode()
    client, transport = bent(ferry, status, body, heard=False)
    presenter, view = begin(ferry, draft(ferry, document(ferry, **later(ferry))), client=client)
    to_confirm(presenter)
    presenter.forward()
    assert (view.wizard.page, view.pages.problem.title, view.pages.problem.raw) == ("send", title, message)
    assert view.pages.problem.why.endswith("Your document is unchanged.")
    presenter.back()
    assert (view.wizard.page, transport.sent) == ("confirm", 1)
