"""The page of all connections: a fleet, what needs attention, tests under way, and nothing yet."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QDialog, QWidget

from marble_client.address import Address
from marble_client.answers import CoordinatorState
from marble_client.errors import TimedOut
from marble_console.attesting import Phase
from marble_console.attesting.contact import Contact, ended
from marble_console.coordinators.identities import SavedIdentity
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileId
from marble_console.navigation import Place
from marble_console.pages.connections.moving import Moving
from marble_console.pages.connections.page import ConnectionsPage
from marble_console.pages.connections.presenter import Background, ConnectionsPresenter, Store
from marble_console.pages.connections.probe import Examined, Trial
from marble_console.preferences import Preferences
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner, Runner
from marble_core.attestation.steps import Verdict
from tools import identity_scenes

_FLEET: tuple[tuple[str, str, int, str, Environment, int, Verdict, int], ...] = (
    ("payments-prod", "coordinator.payments.example", 4433, "Payments", Environment.PRODUCTION, 3, Verdict.VERIFIED, 0),
    ("payments-prod-dr", "coordinator-dr.payments.example", 4433, "Payments", Environment.PRODUCTION, 1, Verdict.NOT_VERIFIED, 0),
    ("payments-staging", "coordinator.staging.payments.example", 4433, "Payments", Environment.TEST, 3, Verdict.VERIFIED, 0),
    ("analytics-prod", "mr.analytics.example", 443, "Analytics", Environment.PRODUCTION, 3, Verdict.FAILED, 2),
    ("analytics-test", "mr.test.analytics.example", 443, "Analytics", Environment.TEST, 3, Verdict.NOT_VERIFIED, 15 * 24),
    ("Local coordinator", "127.0.0.1", 4433, "", Environment.DEVELOPMENT, 3, Verdict.SIMULATED, 0),
    ("scratch", "127.0.0.1", 4434, "This computer", Environment.DEVELOPMENT, 2, Verdict.SIMULATED, 0),
)  # fmt: skip
_UNREACHABLE = "analytics-test"


class Idle(InlineRunner):
    """Begins what is asked for, and never ends it."""

    def write(self, job: Callable[[], Any], **_: Any) -> Any:
        del job


class Scenes:
    """`in_window` puts a page into the real window, `store` makes one that holds profiles."""

    def __init__(
        self, in_window: Callable[..., QWidget], store: Callable[..., Store], now: dt.datetime
    ) -> None:
        self._in_window = in_window
        self._store = store
        self._now = now

    def fleet(self) -> tuple[Profile, ...]:
        return tuple(
            Profile(
                name,
                Kind.LOCAL if name == "Local coordinator" else Kind.REMOTE,
                Address(host, port),
                self._now - dt.timedelta(days=90),
                environment=environment,
                last_seen=self._now - dt.timedelta(hours=hours, minutes=2 * at),
                manifest_fingerprint=hashlib.sha256(name.encode()).hexdigest()
                if state == CoordinatorState.RUNNING
                else "",
                id=ProfileId(at),
                group=group,
                last_state=state,
            )
            for at, (name, host, port, group, environment, state, _, hours) in enumerate(_FLEET, 1)
        )

    def page(
        self,
        profiles: tuple[Profile, ...],
        act: Callable[[ConnectionsPresenter], None] = lambda _: None,
        *,
        runner: Runner | None = None,
    ) -> QWidget:
        store = self._store(*profiles)
        background = Background(
            verdicts=lambda: {ProfileId(at): each[6] for at, each in enumerate(_FLEET, 1)},
            identities=self._identities,
            local_runs=lambda: True,
        )
        presenter = ConnectionsPresenter(
            store, _Nowhere(), background, runner or InlineRunner(), Preferences(_NoStore()),
            now=lambda: self._now, examiner=self._examine,
        )  # fmt: skip
        terms: Any = _Nowhere()
        moving = Moving(store, terms, InlineRunner(), presenter, now=lambda: self._now)
        page = ConnectionsPage(presenter, moving, lambda _edit, parent: QDialog(parent), lambda _: None)
        if profiles:
            presenter.choose("1")
        act(presenter)
        shown = self._in_window(Place.CONNECTIONS, page, SessionState(), profiles=profiles)
        page.activated()
        return shown

    def _identities(self) -> dict[ProfileId, SavedIdentity]:
        soon, _, later = identity_scenes.saved()
        return {ProfileId(1): soon, ProfileId(2): soon, ProfileId(3): later, ProfileId(4): later}

    def _examine(self, trial: Trial, reached: Callable[[Phase], None]) -> Examined:
        """Every coordinator is as it was seen last, but for the one that is gone."""
        del reached
        profile = trial.profile
        if profile.name == _UNREACHABLE:
            error = TimedOut(f"{profile.address} did not answer in time.", hint="Look at the network.")
            return Examined(ended(Phase.CONNECT, str(profile.address), error), error=error)
        return Examined(Contact(), CoordinatorState(profile.last_state))

    def all(self) -> dict[str, Callable[[], QWidget]]:
        fleet = self.fleet()

        def tested(presenter: ConnectionsPresenter) -> None:
            presenter.test_all()
            presenter.choose("5")

        return {
            "connections": lambda: self.page(fleet, _test_one(5)),
            "connections-tested": lambda: self.page(fleet, tested),
            "connections-testing": lambda: self.page(fleet, ConnectionsPresenter.test_all, runner=Idle()),
            "connections-attention": lambda: self.page(
                fleet, lambda presenter: presenter.show_attention(only=True)
            ),
            "connections-environments": lambda: self.page(
                fleet, lambda presenter: presenter.group_by("environment")
            ),
            "connections-none-fits": lambda: self.page(fleet, lambda presenter: presenter.filter("moon")),
            "connections-empty": lambda: self.page(()),
        }


def _test_one(key: int) -> Callable[[ConnectionsPresenter], None]:
    def act(presenter: ConnectionsPresenter) -> None:
        presenter.choose(str(key))
        presenter.test_chosen()
        presenter.choose("1")

    return act


class _Nowhere:
    """The rest of the console, for a page that stands alone."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_more: None


class _NoStore:
    """Has kept nothing."""

    def text(self, name: str) -> str:
        del name
        return ""

    def keep(self, name: str, value: str) -> None: ...
