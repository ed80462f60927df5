"""The deploy wizard: what it shows, when it goes on, that nothing is sent twice, and that nothing is lost."""

import datetime as dt
import hashlib
import json
from dataclasses import replace

import pytest

from marble_client.address import Address
from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.errors import ConnectionRefused, OutcomeUnknown, Refused
from marble_console.acting import Acting
from marble_console.coordinators.history import DeployedHistory
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileStore
from marble_console.pages.deploy import recovery_file
from marble_console.pages.deploy.preparing import prepare_first, prepare_packages
from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.pages.deploy.sending import (
    Applied,
    AppliedUnanswered,
    Baseline,
    CannotTell,
    NotApplied,
    raise_packages,
    send,
)
from marble_console.pages.deploy.state import Contents, Deploy, Draft
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.tasks import InlineRunner
from marble_core.attestation.steps import Verdict
from marble_core.manifest.findings import Finding, Severity
from marble_core.updatelog import format_line
from tests.fakes.manifests import encoded, observatory

RAW = b'{"Packages": {}}'
DOCUMENT = Document("orders.json", RAW, Origin.FILE)
SECRETS = {"day": b"for day", "night": b"for night"}
NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)
WAITING = CoordinatorState.WAITING_FOR_MANIFEST


def profile(environment=Environment.NONE):
    return Profile("orders", Kind.REMOTE, Address("coordinator.example", 4433), NOW, environment=environment)


class Coordinator:
    """Takes what is sent, or fails as told: before it has taken it, or after."""

    def __init__(self, secrets=None, *, fails=None, loses_answer=False, in_force=None, log="", silent=False):
        self.in_force = in_force
        self.secrets = secrets or {}
        self.fails = fails
        self.loses_answer = loses_answer
        self.log = log
        self.sent = 0
        self.before = WAITING  # the state without a manifest
        self.silent = silent  # from the moment something is sent
        self.quicker = lambda: None  # what somebody else does just before

    def status(self):
        if self.silent and self.sent:
            raise ConnectionRefused("Nothing listens.")
        return Status(CoordinatorState.RUNNING if self.in_force else self.before, "")

    def manifest(self):
        return self.in_force and ServedManifest(self.in_force, hashlib.sha256(self.in_force).hexdigest(), b"")

    def update_log(self):
        return self.log

    def set_manifest(self, raw):
        self.quicker()
        self.sent += 1
        if self.fails:
            raise self.fails
        self.in_force = raw
        if self.loses_answer:
            raise OutcomeUnknown("The answer was lost.")
        return self.secrets

    def update_packages(self, versions):
        self.quicker()
        self.sent += 1
        if self.fails:
            raise self.fails
        for name, version in versions.items():
            self.log += raised(name, version)
        if self.loses_answer:
            raise OutcomeUnknown("The answer was lost.")


def raised(package, version, user="vera"):
    more = {"new version": version}
    return format_line(NOW, "SecurityVersion increased", user=user, package=package, **more)


LOST = OutcomeUnknown("The answer was lost.")
REFUSED = Refused("The coordinator refused the request.", status=400, server_text="checking manifest: no")


# sending a first manifest


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


# sending a package update

SUBMITTED = encoded(observatory())
LOG = format_line(NOW, "initial manifest set") + raised("dome", 6)
BASELINE = Baseline(hashlib.sha256(SUBMITTED).hexdigest(), SUBMITTED, LOG)


def running(**more):
    return Coordinator(in_force=SUBMITTED, log=LOG, **more)


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


# the wizard


class View:
    def __init__(self):
        self.wizard = self.pages = self.finished = None

    def show_state(self, wizard, pages):
        self.wizard, self.pages = wizard, pages

    def finish(self, *, applied):
        self.finished = applied


class Around:
    """The console around the wizard."""

    def __init__(self, client):
        self.client = client
        self.asked = []

    def band(self):
        return None

    def refresh(self):
        self.asked.append("refresh")

    def choose_identity(self):
        self.asked.append("identity")

    def attest(self):
        self.asked.append("attest")


def first(**more):
    values = {"document": DOCUMENT, "verdict": Verdict.VERIFIED, "contents": Contents()} | more
    owner = values.pop("profile", profile())
    return Draft(Deploy.FIRST, owner, values.pop("state", WAITING), **values)


@pytest.fixture
def open_wizard():
    def open_wizard(draft, coordinator, *, history=None, runner=None):
        view = View()
        presenter = DeployPresenter(
            draft, Around(coordinator), runner or InlineRunner(), clock=lambda: NOW, history=history
        )
        presenter.attach(view)
        return presenter, view

    return open_wizard


@pytest.fixture
def begin(open_wizard):
    """A first manifest, at the page that confirms."""

    def begin(coordinator, **draft):
        presenter, view = open_wizard(first(**draft), coordinator)
        walk(presenter, "confirm")
        return presenter, view

    return begin


def walk(presenter, step):
    while presenter.step != step:
        before = presenter.step
        presenter.forward()
        assert presenter.step != before, f"the wizard stays at {before}"


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


class Later(InlineRunner):
    """Keeps what is to be written for later."""

    def __init__(self):
        self.jobs = []

    def write(self, job, *, then, **_):
        self.jobs.append(lambda: then(job()))


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


# trust


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


# a first manifest is checked and reviewed

MANIFEST = {
    "Packages": {
        "web": {"SignerID": "5e" * 32, "ProductID": 1, "SecurityVersion": 3, "Vendor": "x", "Debug": True}
    },
    "Marbles": {"web": {"Package": "web"}},
    "Secrets": {
        "k": {"Type": "symmetric-key", "Size": 128, "Shared": True},
        "p": {"Type": "plain", "UserDefined": True},
    },
}


def prepared(manifest, **more):
    document = Document("orders.json", json.dumps(manifest).encode(), Origin.FILE)
    return prepare_first(document, profile(), WAITING, NOW, verdict=Verdict.VERIFIED, **more)


def test_the_draft_knows_what_the_manifest_asks_for():
    contents = prepared(MANIFEST).contents
    assert (contents.words, contents.generated, contents.holders) == (
        "1 package · 1 marble · 2 secrets",
        1,
        (),
    )
    assert contents.waiting == ("p",)
    assert "Packages.web.Vendor" in [warning.path for warning in contents.warnings]


def test_a_manifest_that_would_be_refused_stays_at_the_check(open_wizard):
    presenter, view = open_wizard(
        prepared(MANIFEST | {"Marbles": {"web": {"Package": "wbe"}}}), Coordinator()
    )
    presenter.forward()
    presenter.accept_warnings(True)
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == (
        "check",
        "The coordinator would refuse this manifest.",
    )
    assert view.pages.findings[0].cells[0].text == "Error"


def test_rows_of_high_severity_must_be_ticked(open_wizard):
    presenter, view = open_wizard(prepared(MANIFEST), Coordinator())
    presenter.accept_warnings(True)
    walk(presenter, "review")
    boxes = [row for group in view.pages.rows for row in group.children if row.checked is not None]
    assert [row.cells[0].text for row in boxes] == ["web", "p"]
    assert view.wizard.gate.text == "0 of 2 high-severity rows ticked"
    presenter.forward()
    assert view.wizard.page == "review"
    presenter.tick(boxes[0].key, True)
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == ("review", "1 of 2 high-severity rows ticked")
    presenter.tick(boxes[1].key, True)
    presenter.forward()
    assert view.wizard.page == "confirm"


def test_several_recovery_keys_stay_at_the_check_of_an_old_coordinator(open_wizard):
    keys = observatory()["RecoveryKeys"]
    manifest = observatory() | {"RecoveryKeys": {"one": keys["vault"], "two": keys["vault"]}}
    presenter, view = open_wizard(prepared(manifest), Coordinator())
    presenter.accept_warnings(True)
    presenter.forward()
    presenter.forward()
    assert view.wizard.page == "check"
    assert "takes one recovery key" in view.wizard.gate.text


# a package update

VERA = Acting("Vera", "ab" * 32, NOW + dt.timedelta(days=90), "vera")


def update(versions=None, **more):
    values = {"verdict": Verdict.VERIFIED, "acting": VERA} | more
    return prepare_packages(BASELINE, values.pop("profile", profile()), versions or {}, **values)


def confirm_update(presenter):
    """Walk to the page that confirms, and tick what has to be ticked."""
    walk(presenter, "review")
    for key in presenter.draft.review.to_tick:
        presenter.tick(key, True)
    walk(presenter, "confirm")


def test_a_package_is_raised_from_the_form(open_wizard):
    coordinator = running()
    presenter, view = open_wizard(update(), coordinator)
    walk(presenter, "versions")
    assert [line.facts for line in view.pages.lines] == ["at 6 · shutter", "no version · plate"]
    presenter.type_version("dome", "8")
    confirm_update(presenter)
    assert view.wizard.primary.text == "Raise dome"
    assert any(line.startswith("2 marbles must restart.") for line in view.pages.happens)
    presenter.forward()
    assert (view.wizard.page, view.pages.result.title) == ("result", "Raised: dome 8")
    assert any("Restart 2 marbles" in line for line in view.pages.checklist)


@pytest.mark.parametrize(
    ("typed", "remark"),
    [
        ("5", "Lowering is refused: it is at 6, you say 5."),
        ("6", "It is at 6 already."),
        ("seven", "A version is a whole number"),
        ("-1", "A version is a whole number"),
        ("99999999999", "A version is a whole number"),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", "A version is a whole number"),
    ],
)
def test_what_raises_nothing_is_caught_before_it_is_sent(open_wizard, typed, remark):
    coordinator = running()
    presenter, view = open_wizard(update(), coordinator)
    walk(presenter, "versions")
    presenter.type_version("dome", typed)
    presenter.forward()
    assert (view.wizard.page, coordinator.sent) == ("versions", 0)
    assert view.pages.lines[0].remark.startswith(remark)
    assert remark in view.wizard.gate.text


def test_a_form_without_a_version_goes_nowhere(open_wizard):
    presenter, view = open_wizard(update(), running())
    walk(presenter, "versions")
    presenter.forward()
    assert view.wizard.gate.text == "Type the new version of at least one package."


def test_a_package_known_by_its_unique_id_cannot_be_raised(open_wizard):
    presenter, view = open_wizard(update({"camera": 3}), running())
    walk(presenter, "versions")
    assert "UniqueID" in view.wizard.gate.text


@pytest.mark.parametrize(
    ("acting", "gate"),
    [
        (None, "Choose the identity of a user."),
        (replace(VERA, is_locked=True), "Unlock vera."),
        (replace(VERA, user=None), "This identity belongs to no user of the manifest."),
    ],
)
def test_an_update_needs_a_user_who_can_act(open_wizard, acting, gate):
    presenter, view = open_wizard(update(acting=acting), running())
    presenter.forward()
    assert (view.wizard.page, view.wizard.gate.text) == ("target", gate)
    presenter.act("identity")
    assert presenter._around.asked == ["identity"]
    presenter.set_acting(VERA)
    presenter.forward()
    assert view.wizard.page == "versions"


def test_a_user_without_the_right_is_told_before_anything_is_sent(open_wizard):
    stranger = replace(VERA, user="mira")
    presenter, view = open_wizard(update({"dome": 8}, acting=stranger), running())
    walk(presenter, "versions")
    assert view.wizard.gate.text == "dome: mira may not raise it."


def test_a_lost_answer_of_an_update_is_read_from_the_log(open_wizard):
    coordinator = running(loses_answer=True)
    presenter, view = open_wizard(update({"dome": 8}), coordinator)
    confirm_update(presenter)
    presenter.forward()
    assert (view.wizard.page, coordinator.sent) == ("result", 1)
    assert "The answer was lost on its way." in view.pages.result.why


def test_an_update_that_was_overtaken_is_not_sent(open_wizard):
    coordinator = running()
    presenter, view = open_wizard(update({"dome": 8}), coordinator)
    confirm_update(presenter)
    coordinator.log += raised("dome", 7, "carl")
    presenter.forward()
    assert (view.wizard.page, coordinator.sent) == ("send", 0)
    assert view.pages.problem.title.startswith("What is in force has changed since you reviewed it.")


# commands


def test_the_same_can_be_done_in_a_terminal_with_files_for_secrets(open_wizard):
    presenter, view = open_wizard(update({"dome": 8}), running())
    confirm_update(presenter)
    curl, marblerun = (command.text for command in view.pages.commands)
    assert "--cert user-certificate.pem --key user-key.pem" in curl
    assert "https://coordinator.example:4433/update" in curl
    assert '"SecurityVersion": 8' in curl
    assert "marblerun manifest update apply package-update.json coordinator.example:4433" in marblerun


def test_a_name_of_a_file_is_quoted_for_the_shell(open_wizard):
    document = Document("my $(rm) manifest.json", RAW, Origin.FILE)
    owner = replace(profile(), server_name="marble-coordinator")
    _, view = open_wizard(first(document=document, profile=owner), Coordinator())
    curl, marblerun = (command.text for command in view.pages.commands)
    assert "'@my $(rm) manifest.json'" in curl
    assert "--connect-to marble-coordinator:4433:coordinator.example:4433" in curl
    assert "'my $(rm) manifest.json'" in marblerun


# history


@pytest.fixture
def kept(tmp_path):
    """A connection that is kept, and its history."""
    path = tmp_path / "console.sqlite3"
    with ProfileStore(path) as store:
        owner = store.add(profile())
    return owner, DeployedHistory(path)


def test_what_is_in_force_then_is_kept_with_who_and_why(open_wizard, kept):
    owner, history = kept
    presenter, view = open_wizard(update({"dome": 8}, profile=owner), running(), history=history)
    presenter.write_note("CHANGE-4711")
    confirm_update(presenter)
    presenter.forward()
    (entry,) = history.of(owner.id)
    assert (entry.kind, entry.identity, entry.note, entry.at) == ("packages", "vera", "CHANGE-4711", NOW)
    assert json.loads(history.load(entry.id))["Packages"]["dome"]["SecurityVersion"] == 8
    assert "Kept in the history of orders" in view.pages.result.why


def test_a_first_manifest_is_kept_byte_for_byte_with_the_exception(open_wizard, kept):
    owner, history = kept
    draft = first(profile=owner, verdict=None, exception="rehearsal")
    presenter, _ = open_wizard(draft, Coordinator(), history=history)
    walk(presenter, "result")
    (entry,) = history.of(owner.id)
    assert (history.load(entry.id), entry.note) == (RAW, "not verified: rehearsal")


@pytest.mark.parametrize(
    "more",
    [{"keep": False}, {"contents": Contents(carries_secrets=True)}],
    ids=["not wanted", "carries values of secrets"],
)
def test_some_manifests_are_not_kept(open_wizard, kept, more):
    owner, history = kept
    presenter, _ = open_wizard(first(profile=owner, **more), Coordinator(), history=history)
    walk(presenter, "result")
    assert history.of(owner.id) == ()


def test_a_manifest_with_the_value_of_a_secret_is_known_as_such():
    secret = {"Secrets": {"p": {"Type": "plain", "UserDefined": True, "Private": "aHVudGVyMg=="}}}
    assert prepared(MANIFEST | secret).contents.carries_secrets
    assert not prepared(MANIFEST).contents.carries_secrets
    assert "aHVudGVyMg" not in repr(prepared(MANIFEST | secret))


def test_a_history_that_cannot_be_written_does_not_hide_what_is_in_force(open_wizard, kept, tmp_path):
    owner, _ = kept
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"no database" * 100)
    presenter, view = open_wizard(first(profile=owner), Coordinator(), history=DeployedHistory(broken))
    walk(presenter, "result")
    assert "Not kept in the history." in view.pages.result.why
