"""What tests of the deploy wizard have in common: a coordinator that takes what is sent or fails, and drafts to begin with."""

import datetime as dt
import hashlib
import json

from marble_client.address import Address
from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.errors import ConnectionRefused, OutcomeUnknown, Refused
from marble_console.acting import Acting
from marble_console.coordinators.profiles import Environment, Kind, Profile
from marble_console.pages.deploy.preparing import prepare_first, prepare_packages
from marble_console.pages.deploy.sending import (
    Baseline,
)
from marble_console.pages.deploy.state import Contents, Deploy, Draft
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.tasks import InlineRunner
from marble_core.attestation.steps import Verdict
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

SUBMITTED = encoded(observatory())
LOG = format_line(NOW, "initial manifest set") + raised("dome", 6)
BASELINE = Baseline(hashlib.sha256(SUBMITTED).hexdigest(), SUBMITTED, LOG)


def running(**more):
    return Coordinator(in_force=SUBMITTED, log=LOG, **more)


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

    def pending(self):
        self.asked.append("pending")


def first(**more):
    values = {"document": DOCUMENT, "verdict": Verdict.VERIFIED, "contents": Contents()} | more
    owner = values.pop("profile", profile())
    return Draft(Deploy.FIRST, owner, values.pop("state", WAITING), **values)


def walk(presenter, step):
    while presenter.step != step:
        before = presenter.step
        presenter.forward()
        assert presenter.step != before, f"the wizard stays at {before}"


class Later(InlineRunner):
    """Keeps what is to be written for later."""

    def __init__(self):
        self.jobs = []

    def write(self, job, *, then, **_):
        self.jobs.append(lambda: then(job()))


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
