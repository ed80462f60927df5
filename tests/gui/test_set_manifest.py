"""The wizard that sets a manifest: what it shows, when it goes on, and that nothing is lost."""

import datetime as dt
import hashlib
import json

import pytest

from marble_client.address import Address
from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.errors import ConnectionRefused, OutcomeUnknown, Refused
from marble_console.coordinators.profiles import Environment, Kind, Profile
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.pages.set_manifest import recovery_file
from marble_console.pages.set_manifest.preparing import prepare
from marble_console.pages.set_manifest.presenter import SetManifestPresenter
from marble_console.pages.set_manifest.sending import (
    Applied,
    AppliedUnanswered,
    CannotTell,
    NotApplied,
    send,
)
from marble_console.pages.set_manifest.state import Draft
from marble_console.tasks import InlineRunner
from marble_core.errors import MarbleError
from marble_core.manifest.findings import Finding, Severity

RAW = b'{"Packages": {}}'
DOCUMENT = Document("orders.json", RAW, Origin.FILE)
SECRETS = {"day": b"for day", "night": b"for night"}


def profile(environment=Environment.NONE):
    now = dt.datetime(2031, 5, 6, tzinfo=dt.UTC)
    return Profile("orders", Kind.REMOTE, Address("coordinator.example", 4433), now, environment=environment)


class Coordinator:
    """Takes a manifest, or fails as told: before it has taken it, or after."""

    def __init__(self, secrets=None, *, fails=None, loses_answer=False, in_force=None):
        self.in_force = in_force
        self.secrets = secrets or {}
        self.fails = fails
        self.loses_answer = loses_answer
        self.sent = 0
        self.gone = False

    def status(self):
        if self.gone:
            raise ConnectionRefused("Nothing listens.")
        return Status(
            CoordinatorState.RUNNING if self.in_force else CoordinatorState.WAITING_FOR_MANIFEST, ""
        )

    def manifest(self):
        return self.in_force and ServedManifest(self.in_force, hashlib.sha256(self.in_force).hexdigest(), b"")

    def set_manifest(self, raw):
        self.sent += 1
        if self.fails:
            raise self.fails
        self.in_force = raw
        if self.loses_answer:
            raise OutcomeUnknown("The answer was lost.")
        return self.secrets


REFUSED = Refused("The coordinator refused the request.", status=400, server_text="checking manifest: no")


@pytest.mark.parametrize(
    ("coordinator", "kind"),
    [
        (Coordinator(SECRETS), Applied),
        (Coordinator(loses_answer=True), AppliedUnanswered),
        (Coordinator(fails=OutcomeUnknown("The answer was lost.")), NotApplied),
        (Coordinator(fails=ConnectionRefused("Nothing listens.")), NotApplied),
        (Coordinator(fails=REFUSED), NotApplied),
    ],
)
def test_what_came_of_sending_is_told_apart(coordinator, kind):
    assert isinstance(send(coordinator, RAW), kind)
    assert coordinator.sent == 1


def test_a_lost_answer_of_a_coordinator_that_is_gone_stays_unknown():
    coordinator = Coordinator(fails=OutcomeUnknown("The answer was lost."))
    coordinator.gone = True
    assert isinstance(send(coordinator, RAW), CannotTell)


def test_another_manifest_that_came_first_is_told():
    refused = send(Coordinator(fails=REFUSED, in_force=b"other"), RAW)
    assert (refused.overtaken, refused.server_text) == (True, "checking manifest: no")


class View:
    def __init__(self):
        self.wizard = self.pages = self.finished = None

    def show_state(self, wizard, pages):
        self.wizard, self.pages = wizard, pages

    def finish(self, *, applied):
        self.finished = applied


@pytest.fixture
def begin():
    def begin(coordinator, **draft):
        view = View()
        values = {"document": DOCUMENT, "profile": profile()} | draft
        presenter = SetManifestPresenter(Draft(**values), coordinator, InlineRunner(), None, lambda: None)
        presenter.attach(view)
        return presenter, view

    return begin


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


def test_warnings_must_be_ticked(begin):
    warning = Finding("C1", Severity.WARNING, "Packages.web.Vendor", "Unknown field.")
    coordinator = Coordinator()
    presenter, view = begin(coordinator, warnings=(warning,))
    presenter.forward()
    assert coordinator.sent == 0
    assert view.wizard.gate.text == "Tick that the warnings are known."
    presenter.accept_warnings(True)
    presenter.forward()
    assert coordinator.sent == 1


@pytest.mark.parametrize(
    "draft",
    [{"profile": profile(Environment.PRODUCTION)}, {"gives_up_state": True}],
    ids=["production", "gives up the sealed state"],
)
def test_what_is_hard_to_undo_asks_for_the_name(begin, draft):
    coordinator = Coordinator()
    presenter, view = begin(coordinator, **draft)
    presenter.type_name("order")
    presenter.forward()
    assert coordinator.sent == 0
    assert view.pages.name_to_type == "orders"
    presenter.type_name("orders")
    presenter.forward()
    assert coordinator.sent == 1


def test_the_wizard_cannot_be_left_before_every_secret_is_saved(begin, tmp_path):
    presenter, view = begin(Coordinator(SECRETS), holders=tuple(SECRETS))
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
    presenter, view = begin(Coordinator(SECRETS), holders=tuple(SECRETS))
    presenter.forward()
    presenter.save_all(tmp_path / "all.json")
    presenter.save_each(tmp_path)
    assert recovery_file.decode((tmp_path / "all.json").read_bytes()) == SECRETS
    assert recovery_file.decode((tmp_path / "recovery-day.json").read_bytes()) == {"day": b"for day"}
    assert view.wizard.gate.is_open


def test_a_place_that_cannot_be_written_keeps_the_secrets(begin, tmp_path):
    presenter, view = begin(Coordinator(SECRETS), holders=tuple(SECRETS))
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
    presenter, view = begin(Coordinator(SECRETS, loses_answer=True), holders=tuple(SECRETS))
    presenter.forward()
    assert (view.wizard.page, view.pages.result.title) == (
        "result",
        "In force, but the recovery secrets are lost",
    )


def test_an_unknown_outcome_is_not_sent_again(begin):
    coordinator = Coordinator(fails=OutcomeUnknown("The answer was lost."))
    coordinator.gone = True
    presenter, view = begin(coordinator)
    presenter.forward()
    assert view.pages.problem.title.startswith("Outcome unknown")
    presenter.forward()
    presenter.back()
    assert coordinator.sent == 1


def test_while_sending_the_wizard_stays(begin):
    class Later(InlineRunner):
        def write(self, job, **_):
            self.job = job

    view = View()
    presenter = SetManifestPresenter(Draft(DOCUMENT, profile()), Coordinator(), Later(), None, lambda: None)
    presenter.attach(view)
    presenter.forward()
    presenter.leave()
    assert (view.wizard.busy, view.finished) == ("Sending the manifest…", None)


MANIFEST = {
    "Packages": {"web": {"SignerID": "5e" * 32, "ProductID": 1, "SecurityVersion": 3, "Vendor": "x"}},
    "Marbles": {"web": {"Package": "web"}},
    "Secrets": {
        "k": {"Type": "symmetric-key", "Size": 128, "Shared": True},
        "p": {"Type": "plain", "UserDefined": True},
    },
}


def test_the_draft_knows_what_the_manifest_asks_for():
    document = Document("orders.json", json.dumps(MANIFEST).encode(), Origin.FILE)
    draft = prepare(document, profile(), gives_up_state=False)
    assert (draft.contents, draft.generated, draft.holders) == ("1 package · 1 marble · 2 secrets", 1, ())
    assert "Packages.web.Vendor" in [warning.path for warning in draft.warnings]
    assert {warning.severity for warning in draft.warnings} == {Severity.WARNING}


def test_a_manifest_that_would_be_refused_never_gets_a_wizard():
    with pytest.raises(MarbleError):
        prepare(DOCUMENT, profile(), gives_up_state=False)
