"""The form of a connection in its states, the editor of its policy, and the question about a changed root."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QLineEdit, QWidget

from marble_client.answers import CoordinatorState
from marble_client.errors import ConnectionRefused, NameMismatch, RootChanged
from marble_client.trust import fingerprint
from marble_console.attesting import Phase
from marble_console.attesting.contact import Contact, ended, under_way, walked
from marble_console.coordinators.attested import KeptRoot, Terms
from marble_console.coordinators.profiles import Profile, ProfileId
from marble_console.coordinators.watch import WatchState
from marble_console.notary import TrustState
from marble_console.pages.attestation.policydraft import PolicyDraft
from marble_console.pages.connections.form import FormPresenter
from marble_console.pages.connections.presenter import Store
from marble_console.pages.connections.probe import Trial
from marble_console.pages.connections.views.form import FormDialog
from marble_console.pages.connections.views.policy import PolicyDialog
from marble_console.pages.roots.dialog import RootsDialog
from marble_console.pages.roots.presenter import RootsPresenter
from marble_console.pages.roots.unproved import UnprovedPresenter
from marble_console.pages.roots.unproveddialog import UnprovedDialog
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_core.attestation.policy import write_policy
from tools import attestation_scenes as attested


class FakeTerms:
    """Terms that are kept nowhere."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def terms(self, connection: ProfileId) -> Terms:
        del connection
        return self._terms

    def set_terms(self, connection: ProfileId, terms: Terms) -> None: ...


class FakeNotary:
    """Knows the past roots of a connection."""

    def __init__(self, roots: tuple[KeptRoot, ...]) -> None:
        self._roots = roots

    def verify(self) -> None: ...

    def trust_root(self) -> None: ...

    def can_use_unproved(self, root_der: bytes) -> bool:
        del root_der
        return False

    def leave(self) -> None: ...

    def roots(self) -> tuple[KeptRoot, ...]:
        return self._roots


class Scenes:
    """`store` makes one that holds profiles; `remote` is the connection that the scenes are about."""

    def __init__(self, store: Callable[..., Store], remote: Profile, now: dt.datetime) -> None:
        self._store = store
        self._remote = remote
        self._now = now

    def form(
        self,
        profile: Profile | None,
        terms: Terms,
        contact: Contact | None = None,
        act: Callable[[FormPresenter], None] = lambda _: None,
    ) -> QWidget:
        """The form, and after a test that came to `contact`."""

        def prober(trial: Trial, reached: Callable[[Phase], None]) -> Contact:
            del trial, reached
            return contact or Contact()

        presenter = FormPresenter(
            self._store(self._remote),
            FakeTerms(terms),
            InlineRunner(),
            profile,
            saved=lambda _: None,
            now=lambda: self._now,
            prober=prober,
        )
        dialog = FormDialog(presenter)
        if contact is not None:
            presenter.test()
        act(presenter)
        return dialog

    def refused(self) -> Contact:
        error = ConnectionRefused(
            f"Nothing listens at {self._remote.address}.", hint="Start the coordinator, or check the port."
        )
        error.__cause__ = ConnectionRefusedError(111, "Connection refused")
        return ended(Phase.CONNECT, str(self._remote.address), error)

    def other_enclave(self) -> Contact:
        made = attested.attestation(attested.other_enclave(), attested.evidence(), self._remote)
        return walked(replace(made, state=None))

    def other_name(self) -> Contact:
        error = NameMismatch(
            "The coordinator’s certificate is not valid for “10.4.0.17”. Nothing was sent.",
            hint="Connect by one of its names, or set one of them as the server name of this connection.",
            names=("coordinator.observatory.example", "localhost"),
        )
        made = attested.attestation(attested.simulated(), attested.evidence(), self._remote)
        return walked(replace(made, state=None, blocked=error))

    def roots(self, *, attested_anew: bool) -> QWidget:
        """The question about another root, compared; `attested_anew` after it has proved to be the right coordinator."""
        old, new = attested.other_root_certificate(), attested.root().der
        profile = replace(self._remote, root_der=old)
        error = RootChanged(
            "The coordinator presents another root certificate than the one pinned. Nothing was sent.",
            hint=(
                "This is expected after a restart without sealed state, or while a recovery is due. Otherwise somebody may "
                "stand between you and the coordinator: compare both fingerprints."
            ),
            pinned=fingerprint(old),
            presented=fingerprint(new),
            presented_der=new,
        )
        made = attested.attestation(
            attested.made_for_the_picture(attested.simulated()), attested.evidence(), profile
        )
        made = replace(made, state=CoordinatorState.RUNNING)
        trust = TrustState(profile, Terms(), made if attested_anew else None, is_reachable=True)
        session = SessionState(profile, WatchState(failure=error, failures=1))
        days = dt.timedelta(days=1)
        kept = (
            KeptRoot(old, self._now - 40 * days),
            KeptRoot(attested.other_root_certificate(2), self._now - 300 * days, self._now - 40 * days),
        )
        presenter = RootsPresenter(
            FakeNotary(kept), session, trust, lambda: self._now, without_proof=lambda _: None
        )
        dialog = RootsDialog(presenter)
        presenter.act("compare")
        return dialog

    def unproved(self) -> QWidget:
        """The confirmation before a root is used that nothing proves: the fingerprint fits, the name is to come."""
        presenter = UnprovedPresenter(self._remote, attested.root().der, lambda: None)
        dialog = UnprovedDialog(presenter)
        field = dialog.findChild(QLineEdit, "unproved:fingerprint")
        if field is not None:
            field.setText(fingerprint(attested.root().der))
        presenter.type_fingerprint(fingerprint(attested.root().der))
        return dialog

    def all(self) -> dict[str, Callable[[], QWidget]]:
        policy = attested.expectations().policy
        text = write_policy(policy).decode() if policy is not None else ""
        terms = Terms(policy=text, policy_name="observatory-era.json", recheck=dt.timedelta(hours=1))
        return {
            "roots-unproved": self.unproved,
            "connection": lambda: self.form(
                None, Terms(), act=lambda presenter: presenter.change(address="coordinator:port")
            ),
            "connection-attested": lambda: self.form(self._remote, terms, self.other_enclave()),
            "connection-under-way": lambda: self.form(
                self._remote, terms, under_way(Phase.COLLATERAL, str(self._remote.address))
            ),
            "connection-tried": lambda: self.form(self._remote, terms, self.refused()),
            "connection-names": lambda: self.form(self._remote, terms, self.other_name()),
            "connection-root": lambda: self.form(
                replace(self._remote, root_der=attested.root().der), Terms()
            ),
            "connection-policy": lambda: PolicyDialog(
                PolicyDraft(text, "observatory-era.json"), lambda _: None
            ),
            "roots": lambda: self.roots(attested_anew=False),
            "roots-attested": lambda: self.roots(attested_anew=True),
        }
