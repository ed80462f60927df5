"""A pending update of the whole manifest, at the real coordinator: looked at, agreed to, cancelled, its secrets saved."""

import datetime as dt
import json

import pytest

from marble_client.errors import OutcomeUnknown
from marble_console.acting import Acting
from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import ProfileStore
from marble_console.pages.deploy import recovery_file
from marble_console.pages.pending.dialog import PendingDialog
from marble_console.pages.pending.looking import agree, history
from marble_console.pages.pending.presenter import DECIDE, LOOK, RESULT, SAVE
from marble_core.updatelog import Entry, format_line, parse_log
from tests.fakes.coordinator_process import CoordinatorProcess
from tests.fakes.ferry import NOON, Ferry
from tests.fakes.holders import public_pem


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with CoordinatorProcess(tmp_path_factory.mktemp("ferry")) as process:
        yield Ferry(process.start())


@pytest.fixture
def ferry(shared):
    """Nothing is pending at first."""
    client = shared.connect("mate")
    if client.v2.pending_update() is not None:
        client.v2.cancel_update()
    served = client.manifest()
    shared.manifest = json.loads(served.raw)
    yield shared
    for each in shared.clients:
        each.close()
    shared.clients.clear()


class View:
    def __init__(self, presenter):
        self.finished = 0
        presenter.attach(self)

    def show_state(self, wizard, pages):
        self.wizard, self.pages = wizard, pages

    def finish(self):
        self.finished += 1


pytestmark = pytest.mark.slow


def test_nothing_pending_is_said(ferry):
    view = View(ferry.open())
    assert view.pages.notice.title == "No update is pending"
    assert not view.wizard.gate.is_open


def test_what_is_pending_is_compared_and_who_has_agreed_is_told(ferry):
    ferry.propose(
        Roles=ferry.manifest["Roles"]
        | {"idle": {"ResourceType": "Secrets", "ResourceNames": ["door"], "Actions": ["ReadSecret"]}}
    )
    view = View(ferry.open())
    words = {party.name: party.word for party in view.pages.parties}
    assert words["mate"].startswith("began it")
    assert (words["cook"], words["guest"]) == ("has not agreed", "has not agreed")
    assert [row.cells[0].text for row in view.pages.rows]
    assert view.pages.sentences
    assert [fact.value for fact in view.pages.facts if fact.key == "Needed"] == ["1 more"]
    assert view.wizard.gate.is_open


@pytest.mark.parametrize(
    ("who", "why"), [("mate", "is not asked, or has agreed already"), (None, "Choose an identity")]
)
def test_who_is_not_asked_cannot_agree(ferry, who, why):
    ferry.propose(Config=ferry.manifest["Config"] | {"RotateRootSecret": True})
    view = View(ferry.open(who))
    assert why in view.wizard.gate.text
    assert view.pages.cancel.enabled == (who is not None)


def test_an_agreement_needs_a_tick_and_puts_the_manifest_in_force(ferry):
    raw = ferry.propose(Config=ferry.manifest["Config"] | {"RotateRootSecret": False, "FeatureGates": []})
    presenter = ferry.open()
    view = View(presenter)
    presenter.forward()
    assert presenter.step == DECIDE
    assert [fact.value for fact in view.pages.agreeing if fact.key == "Then"] == [
        "yours is the last one: the manifest is in force at once"
    ]
    presenter.forward()
    assert (presenter.step, presenter.draft.decided) == (DECIDE, None)
    presenter.tick(ticked=True)
    presenter.forward()
    assert presenter.step == RESULT
    assert view.pages.result.title == "The new manifest is in force"
    assert ferry.connect().manifest().raw == raw


def test_new_recovery_secrets_must_be_saved_before_anybody_leaves(ferry, tmp_path, qtbot, theme):
    ferry.propose(RecoveryKeys={"ada": public_pem("ada"), "bo": public_pem("bo")})
    presenter = ferry.open()
    dialog = PendingDialog(presenter)
    qtbot.addWidget(dialog)
    dialog.open()
    presenter.forward()
    presenter.tick(ticked=True)
    presenter.forward()
    assert presenter.step == SAVE
    for leave in (dialog.reject, dialog.close, presenter.leave, presenter.forward, presenter.back):
        leave()
    assert dialog.isVisible()
    assert presenter.step == SAVE
    presenter.save_one("ada", tmp_path / "ada.json")
    assert not dialog.primary.isEnabled()
    presenter.save_all(tmp_path / "no" / "all.json")
    assert presenter.draft.save_error is not None
    presenter.save_all(tmp_path / "all.json")
    presenter.forward()
    assert presenter.step == RESULT
    assert recovery_file.decode((tmp_path / "all.json").read_bytes()).keys() == {"ada", "bo"}
    presenter.forward()
    assert not dialog.isVisible()


def test_an_update_is_cancelled_and_the_manifest_stays(ferry):
    before = ferry.connect().manifest().raw
    ferry.propose(TLS={})
    presenter = ferry.open("guest")
    view = View(presenter)
    presenter.cancel()
    assert (presenter.step, view.pages.result.title) == (RESULT, "The update was cancelled")
    assert ferry.connect().v2.pending_update() is None
    assert ferry.connect().manifest().raw == before


def test_an_update_that_changed_meanwhile_is_not_agreed_to(ferry):
    ferry.propose(TLS={})
    presenter = ferry.open()
    view = View(presenter)
    ferry.connect("mate").v2.cancel_update()
    ferry.propose(TLS={}, Infrastructures={})
    presenter.forward()
    presenter.tick(ticked=True)
    presenter.forward()
    assert presenter.step == DECIDE
    assert view.pages.problem.title == "The coordinator did not take your agreement. Nothing changed."
    assert view.pages.problem.raw


def test_a_lost_answer_is_resolved_by_reading(ferry):
    raw = ferry.propose(TLS={})
    client = ferry.connect("cook")

    class Deaf:
        """Sends, and hears no answer."""

        def acknowledge(self, manifest):
            client.v2.acknowledge(manifest)
            raise OutcomeUnknown("Outcome unknown.", hint="")

        def __getattr__(self, name):
            return getattr(client.v2, name)

    class Wrapped:
        v2 = Deaf()

        def __getattr__(self, name):
            return getattr(client, name)

    decided = agree(Wrapped(), raw)
    assert (decided.in_force, decided.progress) == (True, None)


def entries(*lines):
    text = "".join(format_line(NOON, update, **fields) for update, fields in lines)
    return [line for line in parse_log(text) if isinstance(line, Entry)]


def test_only_the_last_proposal_of_these_bytes_counts():
    began, agreed, cancelled = (
        "Complete Manifest update initiated by user. x",
        "Complete Manifest update acknowledged by user",
        "Complete Manifest update cancelled by user",
    )
    one = {"user": "mate", "missingAcknowledgments": 2, "missingUsers": ["a"], "manifestFingerprint": "aa"}
    log = entries(
        (began, one),
        (agreed, one | {"user": "cook", "missingAcknowledgments": 1}),
        (cancelled, {"user": "cook", "manifestFingerprint": "aa"}),
        (began, one | {"user": "guest"}),
        (began, one | {"manifestFingerprint": "bb"}),
    )
    found, missing = history(log, "aa")
    assert ([each.user for each in found], missing) == (["guest"], 2)
    assert history(log, "cc") == ((), None)


def test_the_first_page_is_the_one_to_look(ferry):
    assert ferry.open().step == LOOK


def test_the_last_agreement_is_kept_in_the_history(ferry, tmp_path):
    path = tmp_path / "console.sqlite3"
    with ProfileStore(path) as store:
        owner = store.add(ferry.profile)
    deployed = DeployedHistory(path)
    raw = ferry.propose(Infrastructures={}, Config=ferry.manifest["Config"] | {"RotateRootSecret": True})
    presenter = ferry.open(history=deployed, profile=owner)
    presenter.forward()
    presenter.tick(ticked=True)
    presenter.forward()
    assert presenter.step == RESULT
    (entry,) = deployed.of(owner.id)
    assert (entry.kind, entry.identity, deployed.load(entry.id)) == ("full", "cook", raw)


def test_another_identity_that_acts_may_agree_where_the_first_may_not(ferry):
    ferry.propose(TLS={})
    presenter = ferry.open("mate")
    view = View(presenter)
    assert view.pages.identity.key == "identity"
    presenter.act("identity")
    presenter.set_acting(Acting("guest", "", NOON + dt.timedelta(days=90), "guest"))
    assert (view.wizard.gate.is_open, view.pages.identity) == (True, None)


def test_what_is_pending_goes_to_the_comparison_with_its_bytes(ferry):
    raw = ferry.propose(TLS={})
    presenter = ferry.open()
    view = View(presenter)
    presenter.act("compare")
    assert view.finished == 1
    assert presenter._around.asked == [(raw, presenter.draft.pending.update.fingerprint)]


def test_packages_that_were_raised_since_are_part_of_what_is_in_force(ferry):
    engine = ferry.manifest["Packages"]["engine"]
    version = engine["SecurityVersion"] + 1
    ferry.connect("mate").update_packages({"engine": version})
    raised = ferry.manifest["Packages"] | {"engine": engine | {"SecurityVersion": version}}
    ferry.propose(TLS={}, Packages=raised)
    paths = {row.cells[0].text for row in View(ferry.open()).pages.rows}
    assert not any("engine" in path for path in paths)
