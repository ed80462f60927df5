"""The pages of the console in each of their states, as widgets with invented data: for pictures and for tests of layout.

A scene needs a QApplication and a theme. Nothing is asked of any network; the pages and presenters are the real ones.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from unittest.mock import Mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtWidgets import QWidget

from marble_client.address import Address
from marble_client.answers import CertificateChain, CoordinatorState, Quote, ServedManifest, Status
from marble_client.errors import Refused, RootChanged, TimedOut
from marble_client.v2 import PendingUpdate, UpdateProgress
from marble_console.acting import Acting
from marble_console.composition.palette import Offer
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.history import Deployed, DeployedHistory, DeployedId, DeployedKind
from marble_console.coordinators.logline import LogLine, parse_log_line
from marble_console.coordinators.problems import Crashed
from marble_console.coordinators.profiles import Environment, Kind, Profile, ProfileId
from marble_console.coordinators.ready import Ready
from marble_console.coordinators.visits import Visit, VisitStore
from marble_console.coordinators.watch import Observation, WatchState
from marble_console.insecure import checks_off, insecure_banner
from marble_console.navigation import Place, rail
from marble_console.notary import VerdictChange
from marble_console.page import Page
from marble_console.pages.audit.actions.presenter import ActionsPresenter
from marble_console.pages.audit.page import AuditPage
from marble_console.pages.audit.presenter import AuditPresenter
from marble_console.pages.audit.state import Tab
from marble_console.pages.audit.views.actions import ClearDialog
from marble_console.pages.compare.page import ComparePage
from marble_console.pages.compare.presenter import ComparePresenter
from marble_console.pages.coordinator.page import CoordinatorPage
from marble_console.pages.coordinator.presenter import CoordinatorPresenter
from marble_console.pages.deploy.change import prepare_change
from marble_console.pages.deploy.dialog import DeployDialog
from marble_console.pages.deploy.preparing import prepare_first, prepare_packages
from marble_console.pages.deploy.presenter import DeployPresenter
from marble_console.pages.deploy.sending import Applied, Baseline, NotApplied, Outcome, Waiting
from marble_console.pages.deploy.state import Draft
from marble_console.pages.deploy.steps import CHECK, CONFIRM, RESULT, REVIEW, SAVE, SEND, TARGET, VERSIONS
from marble_console.pages.history.dialog import HistoryDialog
from marble_console.pages.history.presenter import HistoryPresenter
from marble_console.pages.manifest.documents import Document, Origin
from marble_console.pages.overview.page import OverviewPage
from marble_console.pages.overview.presenter import OverviewPresenter
from marble_console.pages.settings.dialog import SupportDialog
from marble_console.pages.settings.page import SettingsPage
from marble_console.pages.settings.presenter import SettingsPresenter
from marble_console.pages.settings.support import SupportPresenter
from marble_console.pages.welcome.page import WelcomePage
from marble_console.palette.overlay import Palette
from marble_console.parts import BannerState, Fact
from marble_console.preferences import (
    COLOURS,
    HIDE_FROM_CAPTURE,
    IDLE_MINUTES,
    MODE,
    NEVER,
    TEXT_SIZE,
    Preferences,
)
from marble_console.recovering.standing import NO_STANDING, Standing
from marble_console.session import SessionState
from marble_console.shell import Shell
from marble_console.shell_presenter import Around, band, change_banner, compose
from marble_console.shell_state import BandState
from marble_console.support.bundle import gather
from marble_console.tasks import InlineRunner
from marble_console.theme import current, display
from marble_console.widgets.framed import Framed
from marble_console.wizard.dialog import WizardDialog
from marble_core.attestation.steps import Verdict
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.effective import effective
from marble_core.manifest.model import PackageName, RecoveryKeyName, UserName
from marble_core.updatelog import Entry, format_line, parse_log
from tests.fakes.manifests import observatory
from tools import (
    attestation_scenes,
    connection_scenes,
    fleet_scenes,
    help_scenes,
    identity_scenes,
    manifest_scenes,
    recovery_scenes,
    secret_scenes,
)
from tools.journal_scenes import Keeper

NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)
REMOTE = Profile(
    "observatory",
    Kind.REMOTE,
    Address("coordinator.observatory.example", 4433),
    NOW,
    environment=Environment.PRODUCTION,
    id=ProfileId(1),
    last_state=3,
)
LOCAL = Profile(
    "Local coordinator",
    Kind.LOCAL,
    Address("127.0.0.1", 4433),
    NOW,
    environment=Environment.DEVELOPMENT,
    id=ProfileId(2),
)
PROFILES = (LOCAL, REMOTE)
READY = Ready(4433, 2001, "3b" * 32, 3, "0.1.0", 1)
LOG: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("info", "starting", {"version": "0.1.0", "folder": "observatory/coordinator"}),
    ("warn", "the sealing key lies beside the data: whoever reads the folder reads the secrets", {}),
    ("info", "state unsealed", {"bytes": 48211, "milliseconds": 4}),
    ("info", "listening", {"client": "127.0.0.1:4433", "mesh": "127.0.0.1:2001"}),
    ("info", "manifest set", {"marbles": 2, "secrets": 7}),
    ("error", "request refused", {"path": "/secrets", "status": 401}),
)


REFUSED = Refused(
    "The coordinator refused the request. Nothing changed.",
    hint="Its own words tell why.",
    status=400,
    server_text="checking manifest: marble web: undefined package wbe",
)


class Nowhere:
    """The rest of the console, for pages that stand alone."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_more: None


@dataclass
class FakeCoordinator:
    situation: Situation
    log: tuple[LogLine, ...]
    folder: Path = Path("/home/mira/.local/share/marble-console/coordinator")

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def restart(self) -> None: ...


def _root() -> x509.Certificate:
    """A certificate that is valid as long as that of a coordinator."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "observatory root")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW, NOW + dt.timedelta(days=106_751))
    return builder.sign(key, hashes.SHA256())


@cache
def observation(state: CoordinatorState = CoordinatorState.RUNNING) -> Observation:
    """What a poll of the invented coordinator saw."""
    root = _root()
    quote = Quote(CertificateChain(root, root), None)
    status = Status(state, "")
    if state is not CoordinatorState.RUNNING:
        return Observation(NOW, status, quote)
    log_text = (
        format_line(NOW - dt.timedelta(days=40), "initial manifest set")
        + format_line(NOW - dt.timedelta(days=12), "secret set", user="mira", secret="note", type="plain")  # noqa: S106 # a name
        + "not a line of the log\n"
        + format_line(
            NOW - dt.timedelta(hours=5),
            "SecurityVersion increased",
            user="ivo",
            package="dome",
            **{"new version": 6},
        )
    )
    raw = json.dumps(observatory(), indent=2).encode()
    log = parse_log(log_text)
    content = effective(decode_manifest(raw).manifest, [line for line in log if isinstance(line, Entry)])
    served = ServedManifest(raw, hashlib.sha256(raw).hexdigest(), b"")
    return Observation(NOW, status, quote, served, content, log_text, log, has_raised=True)


def log_lines() -> tuple[LogLine, ...]:
    start = NOW.timestamp()
    records = [
        {"level": level, "ts": start + at * 0.211, "caller": "main:1", "msg": message, **fields}
        for at, (level, message, fields) in enumerate(LOG)
    ]
    return tuple(parse_log_line(json.dumps(record)) for record in records)


def seen(state: CoordinatorState = CoordinatorState.RUNNING) -> SessionState:
    return SessionState(REMOTE, WatchState(observation(state)), acting=identity_scenes.acting())


def in_window(
    place: Place,
    page: Page,
    session: SessionState,
    *,
    insecure: BannerState | None = None,
    change: BannerState | None = None,
    profiles: Sequence[Profile] = PROFILES,
) -> Shell:
    """The page in the real window, below its banners."""
    shell = Shell()
    shell.add_page(place, page)

    def render() -> None:
        around = Around(
            pages=rail(local=True, attestation_failed=_has_failed(session)),
            page=place,
            framed=place is not Place.WELCOME,
            left=page.status_left(),
            right=page.status_right(),
            identity=identity_scenes.item(session.acting) if session.profile is not None else None,
            insecure=insecure,
            change=change,
        )
        shell.render_state(compose(session, profiles, around))

    page.status_changed.connect(render)
    render()
    shell.rail.focus_current()
    return shell


def _has_failed(session: SessionState) -> bool:
    return session.attested is not None and session.attested.verdict is Verdict.FAILED


def overview(
    session: SessionState,
    standing: Standing = NO_STANDING,
    *,
    insecure: BannerState | None = None,
    change: BannerState | None = None,
) -> QWidget:
    presenter = OverviewPresenter(Nowhere(), InlineRunner(), lambda: NOW)
    presenter.set_standing(standing)
    presenter.set_session(session)
    return in_window(Place.OVERVIEW, OverviewPage(presenter), session, insecure=insecure, change=change)


def palette(query: str) -> QWidget:
    """The palette over the overview, with what was typed into it."""
    shell = overview(attestation_scenes.attested(seen(), REMOTE))
    assert isinstance(shell, Shell)  # noqa: S101 -- `overview` is in one
    console = Mock()
    console.session.state = seen()
    opened = Palette(shell, Offer(console, shell))  # nothing is run in a picture
    opened.open()
    opened.field.setText(query)
    return shell


def _insecure() -> QWidget:
    pinned = replace(REMOTE, root_der=b"a root from a file")
    return overview(seen(), insecure=insecure_banner(checks_off(pinned, Terms())))


def _changed() -> QWidget:
    change = VerdictChange(Verdict.VERIFIED, Verdict.NOT_VERIFIED, NOW - dt.timedelta(hours=2))
    return overview(seen(), change=change_banner(change, NOW))


def audited(
    *,
    tab: Tab = Tab.TIMELINE,
    odd: bool = False,
    session: SessionState | None = None,
    keeper: Keeper | None = None,
    chosen: str = "",
) -> QWidget:
    """The log of the invented coordinator, two lines of which are new; or one that is no longer what was read."""
    session = session or seen()
    presenter = AuditPresenter(Nowhere(), InlineRunner(), FakeVisits(odd), now=lambda: NOW)
    mine = ActionsPresenter(keeper or Keeper(NOW), InlineRunner())
    page = AuditPage(presenter, mine)
    presenter.set_session(session)
    page.activated()
    presenter.choose_line("4")
    page.timeline.table.set_current("4")
    presenter.choose_tab(tab)
    mine.want(chosen=chosen)
    page.actions_view.table.set_current(chosen)
    return in_window(Place.AUDIT, page, session)


class FakeVisits(VisitStore):
    """An invented last visit."""

    def __init__(self, odd: bool) -> None:
        super().__init__(Path())
        self._odd = odd

    def of(self, connection: ProfileId) -> Visit | None:
        del connection
        at = NOW - dt.timedelta(days=3, hours=2)
        return Visit(at, 9, "") if self._odd else Visit.of(observation().log[:2], at)

    def keep(self, connection: ProfileId, visit: Visit) -> None: ...


def risky_manifest() -> bytes:
    """One that a coordinator takes, with what wants to be looked at."""
    content = observatory()
    content["Packages"]["dome"]["Debug"] = True
    content["Packages"]["camera"]["Debug"] = True
    return json.dumps(content, indent=2).encode()


def comparing() -> ComparePresenter:
    """The presenter of the compare page, with the invented coordinator in hand."""
    presenter = ComparePresenter(
        InlineRunner(), Nowhere(), clock=lambda: NOW, print_pdf=lambda _html, path: path
    )
    presenter.set_target(seen().target)
    return presenter


def edited() -> bytes:
    """The manifest of the observatory with changes of every kind and severity."""
    content = observatory()
    content["Packages"]["dome"]["SecurityVersion"] = 7
    content["Marbles"]["shutter"]["Parameters"]["Argv"] = ["shutter", "--slow", "--quiet"]
    content["Marbles"]["shutter"]["Parameters"]["Env"]["LENS"] = "{{ string .Secrets.lens }}"
    content["Marbles"]["shutter"].pop("MaxActivations")
    content["Marbles"]["slide"] = content["Marbles"].pop("plate")
    content["Secrets"]["lens"] = {"Type": "plain", "UserDefined": True, "Private": "cG9saXNoZWQ="}
    content["Secrets"]["star"]["Size"] = 512
    content["Roles"]["keeper"]["ResourceNames"] = ["note", "lens"]
    return json.dumps(content, indent=2).encode()


def compared(
    raw: bytes | None = None, *, before: str = "", reviewed: int = 0, moved: bool = False
) -> QWidget:
    """A document beside the manifest in force; the first few rows are reviewed."""
    presenter = comparing()
    page = ComparePage(presenter)
    presenter.choose_before(before)
    presenter.compare(Document("observatory.json", edited() if raw is None else raw, Origin.FILE))
    keys = presenter.state.keys
    for key in keys[:reviewed]:
        presenter.toggle_reviewed(key)
    if moved:
        running = seen().target
        assert running is not None  # noqa: S101  the scene has a coordinator in hand
        presenter.set_target(replace(running, running=ServedManifest(edited(), "", b"")))
    if keys:
        page.tree.set_current(keys[0])
    return in_window(Place.COMPARE, page, seen())


def deploying(
    outcome: Outcome | None = None, *, at: str, profile: Profile = LOCAL, raw: bytes | None = None
) -> QWidget:
    """The wizard with a first manifest, walked to the step `at`; sending ends in `outcome`."""
    raw = json.dumps(observatory(), indent=2).encode() if raw is None else raw
    document = Document("observatory.json", raw, Origin.FILE)
    verdict = Verdict.VERIFIED if profile is REMOTE else Verdict.SIMULATED
    draft = prepare_first(
        document, profile, CoordinatorState.WAITING_FOR_MANIFEST, NOW, verdict=verdict, offers_v2=True
    )
    return _walked(draft, FakeClient(outcome), at)


def raising(
    versions: Mapping[str, int],
    *,
    at: str,
    acting: Acting | None = None,
    outcome: Outcome | None = None,
    verdict: Verdict | None = Verdict.VERIFIED,
) -> QWidget:
    """The wizard with a package update, walked to the step `at`."""
    served = seen().watch.observation
    assert served is not None  # noqa: S101  the scene has a coordinator in hand
    assert served.served is not None  # noqa: S101  as above
    baseline = Baseline(served.served.fingerprint, served.served.raw, served.log_text)
    wanted = {PackageName(name): version for name, version in versions.items()}
    draft = prepare_packages(baseline, REMOTE, wanted, verdict=verdict, acting=acting, offers_v2=True)
    return _walked(draft, FakeClient(outcome, served.served, served.log_text), at)


def replacing(
    *,
    at: str,
    outcome: Outcome | None = None,
    acting: Acting | None = None,
    needed: int = 1,
    offers_v2: bool = True,
    is_blocked: bool = False,
) -> QWidget:
    """The wizard with a full update, walked to the step `at`. By the manifest in force, `needed` users must agree."""
    content = observatory()
    content["Roles"]["rebuilder"] = {"ResourceType": "Manifest", "Actions": ["UpdateManifest"]}
    for user in content["Users"].values():
        user["Roles"] = [*user["Roles"], "rebuilder"]
    content["Config"] = {"UpdateThreshold": needed}
    raw = json.dumps(content, indent=2).encode()
    served = ServedManifest(raw, hashlib.sha256(raw).hexdigest(), b"")
    log = format_line(NOW - dt.timedelta(days=40), "initial manifest set")
    changed = json.loads(edited())
    for section in ("Roles", "Users", "Config"):
        changed[section] = content[section]
    if at != REVIEW:
        changed["Marbles"] = content["Marbles"]
    document = Document("observatory.json", json.dumps(changed, indent=2).encode(), Origin.FILE)
    draft = prepare_change(
        document,
        Baseline(served.fingerprint, raw, log),
        REMOTE,
        NOW,
        verdict=Verdict.VERIFIED,
        acting=acting or IVO,
        offers_v2=offers_v2,
        is_blocked=is_blocked,
    )
    return _walked(draft, FakeClient(outcome, served, log), at)


def _walked(draft: Draft, client: FakeClient, at: str) -> QWidget:
    presenter = DeployPresenter(draft, FakeAround(client, draft), InlineRunner(), clock=lambda: NOW)
    dialog = DeployDialog(presenter)
    while presenter.step != at:
        for key in list(presenter.draft.review.to_tick):
            presenter.tick(key, True)
        presenter.type_name(draft.profile.name)
        presenter.forward()
    if at == REVIEW:
        for key in list(presenter.draft.review.to_tick)[1:]:
            presenter.tick(key, False)
    return dialog


def history(*, empty: bool = False) -> QWidget:
    """The manifests that were deployed over the connection in hand."""
    presenter = HistoryPresenter(
        FakeHistory(empty), InlineRunner(), REMOTE, chosen=lambda _: None, now=lambda: NOW
    )
    return HistoryDialog(presenter, band(REMOTE))


class FakeHistory(DeployedHistory):
    """Invented entries."""

    def __init__(self, empty: bool) -> None:
        super().__init__(Path())
        self._empty = empty

    def of(self, connection: ProfileId) -> tuple[Deployed, ...]:
        if self._empty:
            return ()
        entries = (
            (1, DeployedKind.PACKAGES, "ivo", "CHANGE-4711: fixed shutter firmware"),
            (40, DeployedKind.FIRST, "", "first night"),
        )
        return tuple(
            Deployed(
                connection,
                NOW - dt.timedelta(days=days),
                kind,
                hashlib.sha256(note.encode()).hexdigest(),
                4800,
                identity,
                note,
                DeployedId(days),
            )
            for days, kind, identity, note in entries
        )


class FakeStore:
    """Connections that are kept nowhere."""

    def __init__(self, *profiles: Profile) -> None:
        self._profiles = {profile.id: profile for profile in profiles}

    def all(self) -> tuple[Profile, ...]:
        return tuple(self._profiles.values())

    def get(self, profile_id: ProfileId) -> Profile | None:
        return self._profiles.get(profile_id)

    def add(self, profile: Profile) -> Profile:
        self.save(profile)
        return profile

    def save(self, profile: Profile) -> None:
        self._profiles[profile.id] = profile

    def note_seen(
        self, profile_id: ProfileId, at: dt.datetime, manifest_fingerprint: str, state: int
    ) -> None:
        seen = self._profiles[profile_id]
        self.save(replace(seen, last_seen=at, manifest_fingerprint=manifest_fingerprint, last_state=state))

    def remove(self, profile_id: ProfileId) -> None:
        del self._profiles[profile_id]


@dataclass
class FakeClient:
    """Answers what is sent with what the scene wants."""

    outcome: Outcome | None
    served: ServedManifest | None = None
    log: str = ""

    def status(self) -> Status:
        running = self.served is not None
        return Status(CoordinatorState.RUNNING if running else CoordinatorState.WAITING_FOR_MANIFEST, "")

    def manifest(self) -> ServedManifest | None:
        return self.served

    def update_log(self) -> str:
        return self.log

    def set_manifest(self, raw: bytes) -> Mapping[RecoveryKeyName, bytes]:
        del raw
        if isinstance(self.outcome, NotApplied):
            raise self.outcome.error
        return self.outcome.secrets if isinstance(self.outcome, Applied) else {}

    def update_packages(self, versions: Mapping[PackageName, int]) -> None:
        del versions
        if isinstance(self.outcome, NotApplied):
            raise self.outcome.error

    @property
    def v2(self) -> FakeClient:
        return self

    def pending_update(self) -> PendingUpdate | None:
        return None

    def update(self, raw: bytes) -> UpdateProgress:
        del raw
        if isinstance(self.outcome, NotApplied):
            raise self.outcome.error
        if isinstance(self.outcome, Waiting):
            return UpdateProgress(self.outcome.missing or 0, self.outcome.users)
        return UpdateProgress(0)


@dataclass
class FakeAround:
    """The console around the wizard."""

    client: FakeClient
    draft: Draft

    def band(self) -> BandState | None:
        return band(self.draft.profile, self.draft.acting)

    def refresh(self) -> None: ...

    def choose_identity(self) -> None: ...

    def attest(self) -> None: ...

    def pending(self) -> None: ...


IVO = Acting("ivo", "3b" * 32, NOW + dt.timedelta(days=300), UserName("carl"))


def coordinator(situation: Situation) -> QWidget:
    presenter = CoordinatorPresenter(
        FakeCoordinator(situation, log_lines()),
        InlineRunner(),
        now=lambda: NOW,
        folder_chosen=lambda _: None,
        to_recovery=lambda: None,
    )
    watch = WatchState(observation()) if situation.ready else WatchState()
    return in_window(Place.COORDINATOR, CoordinatorPage(presenter), SessionState(LOCAL, watch, situation))


class NoStore:
    """Has kept nothing."""

    def text(self, name: str) -> str:
        del name
        return ""

    def keep(self, name: str, value: str) -> None: ...


def settings() -> QWidget:
    home = "/home/mira/.local/share/marble-console"
    places = (
        Fact("Connections and settings", f"{home}/console.sqlite3", mono=True),
        Fact("State of the local coordinator", f"{home}/coordinator", mono=True),
        Fact("Drafts of manifests", f"{home}/drafts", mono=True),
        Fact("Collateral", f"{home}/collateral", mono=True),
    )
    reason = "Not here: only Windows and macOS let a window ask for it. Others can record what is shown."
    preferences = Preferences(NoStore())
    preferences.choose(IDLE_MINUTES, NEVER)
    presenter = SettingsPresenter(preferences, unavailable={HIDE_FROM_CAPTURE: reason}, places=places)
    page = SettingsPage(presenter, home, support)
    for _ in presenter.state.sections:
        page._build_next()  # noqa: SLF001 -- one in a turn, and a picture is not to wait for all of them
    return in_window(Place.SETTINGS, page, seen())


def support() -> SupportPresenter:
    """The support bundle of this very program, with an invented database."""
    chosen = {each.name: each.usual for each in (MODE, TEXT_SIZE, COLOURS)}
    return SupportPresenter(lambda: gather(Path(":memory:"), chosen, (), display()), InlineRunner())


def _crashed() -> Situation:
    problem = Crashed(
        "The coordinator ended by itself (signal 9).",
        hint="What it acknowledged is kept. Read the end of its log, then start it again.",
    )
    return Situation(Stage.CRASHED, problem=problem, log_end=log_lines())


def _stale() -> SessionState:
    failure = TimedOut(
        "coordinator.observatory.example:4433 did not answer in time.", hint="Look at the network."
    )
    return SessionState(REMOTE, WatchState(observation(), failure, 3))


def _other_root() -> SessionState:
    failure = RootChanged(
        "The coordinator presents another root certificate than the one pinned. Nothing was sent.",
        hint="This is expected after a restart without sealed state. Otherwise compare both fingerprints.",
        pinned="3b" * 32,
        presented="7c" * 32,
    )
    return SessionState(REMOTE, WatchState(observation(), failure, 1))


SCENES: dict[str, Callable[[], QWidget]] = {
    "welcome": lambda: in_window(Place.WELCOME, WelcomePage(), SessionState()),
    "overview": lambda: overview(seen()),
    "overview-verified": lambda: overview(attestation_scenes.attested(seen(), REMOTE)),
    "overview-waiting": lambda: overview(seen(CoordinatorState.WAITING_FOR_MANIFEST)),
    "overview-recovery": lambda: overview(seen(CoordinatorState.RECOVERY), recovery_scenes.standing(NOW)),
    "overview-recovery-unknown": lambda: overview(seen(CoordinatorState.RECOVERY)),
    "overview-stale": lambda: overview(_stale()),
    "overview-other-root": lambda: overview(_other_root()),
    "palette": lambda: palette("ver"),
    "palette-empty": lambda: palette(""),
    "palette-nothing": lambda: palette("frobnicate"),
    "overview-insecure": _insecure,
    "overview-changed": _changed,
    "overview-loading": lambda: overview(SessionState(REMOTE)),
    "overview-nothing": lambda: overview(SessionState()),
    **manifest_scenes.Scenes(in_window, seen).all(),
    "compare": lambda: compared(reviewed=2),
    "compare-moved": lambda: compared(reviewed=2, moved=True),
    "compare-same": lambda: compared(
        json.dumps(observatory(), sort_keys=True, indent=1).encode(), before="running"
    ),
    "compare-broken": lambda: compared(edited()[:-40]),
    "compare-empty": lambda: in_window(Place.COMPARE, ComparePage(comparing()), seen()),
    "deploy-target": lambda: deploying(at=TARGET),
    "deploy-check": lambda: deploying(at=CHECK, raw=manifest_scenes.broken()),
    "deploy-review": lambda: deploying(at=REVIEW, raw=risky_manifest()),
    "deploy-confirm": lambda: deploying(at=CONFIRM),
    "deploy-refused": lambda: deploying(NotApplied(REFUSED), at=SEND),
    "deploy-save": lambda: deploying(Applied({RecoveryKeyName("vault"): b"x" * 256}), at=SAVE),
    "raise-target": lambda: raising({}, at=TARGET, verdict=None),
    "raise-versions": lambda: raising({"dome": 5}, at=VERSIONS, acting=IVO),
    "raise-review": lambda: raising({"dome": 7}, at=REVIEW, acting=IVO),
    "raise-confirm": lambda: raising({"dome": 7}, at=CONFIRM, acting=IVO),
    "raise-result": lambda: raising({"dome": 7}, at=RESULT, acting=IVO),
    "deploy-full-old": lambda: replacing(at=TARGET, offers_v2=False),
    "deploy-full-blocked": lambda: replacing(at=TARGET, is_blocked=True),
    "deploy-full-review": lambda: replacing(at=REVIEW),
    "deploy-full-confirm": lambda: replacing(at=CONFIRM, needed=2),
    "deploy-full-pending": lambda: replacing(at=RESULT, needed=2, outcome=Waiting(1, (UserName("vera"),))),
    "audit": audited,
    "audit-odd": lambda: audited(odd=True),
    "audit-effective": lambda: audited(tab=Tab.EFFECTIVE),
    "audit-mine": lambda: audited(tab=Tab.MINE, chosen="11"),
    "audit-mine-broken": lambda: audited(tab=Tab.MINE, keeper=Keeper(NOW, edited=13), chosen="13"),
    "audit-mine-empty": lambda: audited(tab=Tab.MINE, keeper=Keeper(NOW, empty=True)),
    "audit-mine-clear": lambda: ClearDialog(lambda _: None),
    "audit-waiting": lambda: audited(session=seen(CoordinatorState.WAITING_FOR_MANIFEST)),
    "history": history,
    "history-empty": lambda: history(empty=True),
    **help_scenes.SCENES,
    **fleet_scenes.Scenes(in_window, FakeStore, NOW).all(),
    **connection_scenes.Scenes(FakeStore, REMOTE, NOW).all(),
    "coordinator": lambda: coordinator(Situation(Stage.RUNNING, READY)),
    "coordinator-crashed": lambda: coordinator(_crashed()),
    "coordinator-stopped": lambda: coordinator(Situation()),
    "settings": settings,
    "settings-support": lambda: SupportDialog(support()),
    **attestation_scenes.Scenes(in_window, seen, REMOTE, LOCAL).all(),
    **identity_scenes.SCENES,
    **secret_scenes.Scenes(in_window, seen).all(),
    **recovery_scenes.Scenes(
        in_window, NOW, REMOTE, lambda: attestation_scenes.attested(seen(), REMOTE)
    ).all(),
}


@contextmanager
def shown(name: str, width: int, height: int) -> Iterator[QWidget]:
    """A scene in a window of this size, a dialog in its own where that is smaller; it is closed and deleted afterwards."""
    widget = SCENES[name]()
    room = QSize(width, height)
    if isinstance(widget, WizardDialog | Framed):
        room = widget.preferred_size(current()).boundedTo(room)
    widget.resize(room)
    widget.show()
    try:
        yield widget
    finally:
        widget.close()
        widget.deleteLater()
        # Now, not at the next turn of an event loop: a change of the theme would still restyle every part of it.
        QCoreApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete.value)
