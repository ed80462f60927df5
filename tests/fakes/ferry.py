"""A coordinator process whose manifest three users may replace, two of whom must agree; and wizards before it."""

import base64
import datetime as dt
import json

from marble_client.address import Address
from marble_client.client import CoordinatorClient
from marble_client.identity import Identity
from marble_client.trust import pin_by_fingerprint
from marble_console.acting import Acting
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.pages.pending.presenter import PendingPresenter
from marble_console.tasks import InlineRunner
from marble_core.keypair import KeyPair
from tests.fakes.api_driver import user
from tests.fakes.crew import crewed
from tests.fakes.holders import public_pem

NOON = dt.datetime(2031, 5, 6, 12, tzinfo=dt.UTC)
WHO = ("mate", "cook", "guest")


class Ferry:
    """A coordinator whose manifest three users may replace, two of whom must agree."""

    def __init__(self, process, needed=2):
        self.process = process
        manifest = crewed(0, updaters=WHO, needed=needed)
        manifest["RecoveryKeys"] = {"ada": public_pem("ada")}
        self.manifest = manifest
        process.call("POST", "/manifest", json.dumps(manifest).encode())
        self.address = Address("localhost", process.ready["client_port"])
        self.trust = pin_by_fingerprint(self.address, process.ready["root_sha256"])
        self.profile = Profile("hill", Kind.REMOTE, self.address, NOON)
        self.clients = []

    def propose(self, **changes):
        """Begin an update as the mate; gives its bytes."""
        raw = json.dumps(self.manifest | changes, indent=1).encode()
        body = json.dumps({"manifest": base64.b64encode(raw).decode()}).encode()
        assert (
            self.process.call("POST", "/api/v2/update", body, user("mate"))["data"]["missingAcknowledgments"]
            == 1
        )
        return raw

    def connect(self, who=None):
        identity = self.identity(who) if who else None
        self.clients.append(CoordinatorClient.connect(self.address, self.trust, identity))
        return self.clients[-1]

    @staticmethod
    def identity(who):
        made = user(who)
        return Identity.of(KeyPair(made.certificate, made.key))

    def open(self, who="cook", history=None, profile=None):
        """The wizard as this user sees it."""
        around = Around(self.connect(who))
        acting = Acting(who, "", NOON + dt.timedelta(days=90), who) if who else None
        return PendingPresenter(
            profile or self.profile, acting, around, InlineRunner(), clock=lambda: NOON, history=history
        )


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

    def compare_pending(self, raw, fingerprint):
        self.asked.append((raw, fingerprint))
