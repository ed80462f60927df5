"""Scenes of recovery: its wizard at each step, walked there with real keys and an invented coordinator."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from PySide6.QtWidgets import QWidget

from marble_client.answers import CoordinatorState, ServedManifest, Status
from marble_client.errors import Refused
from marble_client.tokens import PinRefused, TokenInfo
from marble_client.v2 import PendingUpdate, RecoveryProgress
from marble_console.acting import Acting
from marble_console.coordinators.deployments import Drill
from marble_console.coordinators.profiles import Profile
from marble_console.draftplace import DraftPlace
from marble_console.navigation import Place
from marble_console.page import Page
from marble_console.pages.drill.dialog import DrillDialog
from marble_console.pages.drill.presenter import Draft as DrillDraft
from marble_console.pages.drill.presenter import DrillPresenter
from marble_console.pages.holder.state import KeyChoice, Way
from marble_console.pages.holder.state import Place as KeyPlace
from marble_console.pages.new_key.dialog import NewKeyDialog
from marble_console.pages.new_key.presenter import NewKeyPresenter
from marble_console.pages.offline.dialog import OfflineDialog
from marble_console.pages.offline.presenter import OfflinePresenter
from marble_console.pages.pending.dialog import PendingDialog
from marble_console.pages.pending.presenter import PendingPresenter
from marble_console.pages.recover.dialog import RecoverDialog
from marble_console.pages.recover.presenter import RecoverPresenter
from marble_console.pages.recover.state import Situation
from marble_console.pages.recovery.page import RecoveryPage
from marble_console.pages.recovery.presenter import RecoveryPresenter
from marble_console.pages.start_over.dialog import StartOverDialog
from marble_console.pages.start_over.presenter import Draft as StartOverDraft
from marble_console.pages.start_over.presenter import StartOverPresenter
from marble_console.recovering.files import write_packet
from marble_console.recovering.known import Deployment, Holder
from marble_console.recovering.opening import Where
from marble_console.recovering.packets import make_request
from marble_console.recovering.progress import GivenShare, Lost, Progress
from marble_console.recovering.sending import Check, Checked, Verified
from marble_console.recovering.standing import Standing
from marble_console.session import SessionState
from marble_console.shell_presenter import band
from marble_console.tasks import InlineRunner
from marble_console.widgets.qr import read_qr, save_qr
from marble_core import recovery
from marble_core.manifest.model import UserName
from marble_core.secretbytes import SecretBytes
from marble_core.updatelog import format_line
from tests.fakes.holders import PASSPHRASE, KeyFiles, key_of, public_pem
from tests.fakes.manifests import certificate_pem, observatory

InWindow = Callable[[Place, Page, SessionState], QWidget]

ROOT = b"the temporary root"
TEMPORARY = hashlib.sha256(ROOT).hexdigest()
HOLDERS = ("holder-1", "holder-2", "holder-3")


@dataclass
class FakeV2:
    """Takes what is sent until it is told to refuse."""

    remaining: list[int]
    refuse: bool = False

    def recovery_key(self) -> RSAPublicKey:
        return key_of("a coordinator").public_key()

    def recover(self, secret: SecretBytes, signature: bytes, holder: str) -> RecoveryProgress:
        del secret, signature, holder
        if self.refuse:
            raise Refused(
                "The coordinator refused the request. Nothing changed.",
                status=500,
                server_text="recovering: the secret is none of those that open this state",
            )
        return RecoveryProgress(self.remaining.pop(0), "Recovery secret accepted. 1 remaining.")


@dataclass
class FakeClient:
    v2: FakeV2
    offers_v2: bool = True
    trust: object = field(default_factory=lambda: SimpleNamespace(root_der=ROOT, fingerprint=TEMPORARY))

    def status(self) -> Status:
        return Status(CoordinatorState.RECOVERY, "")


@dataclass
class Elsewhere:
    """The rest of the console, as the wizard knows it."""

    coordinator: FakeClient

    def client(self) -> FakeClient:
        return self.coordinator

    def attest(self) -> None: ...

    def progressed(self, progress: Progress) -> None: ...

    def recovered(self, verified: Verified) -> None: ...

    def back_up(self) -> None: ...


class Nothing:
    """The rest of the console, where no scene leads."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_more: None


class Scenes:
    """`in_window` puts a page into the real window; `attested` gives a session whose coordinator was verified."""

    def __init__(
        self,
        in_window: InWindow,
        now: dt.datetime,
        profile: Profile,
        attested: Callable[[], SessionState],
    ) -> None:
        self._in_window = in_window
        self._now = now
        self._profile = profile
        self._attested = attested

    def all(self) -> Mapping[str, Callable[[], QWidget]]:
        """The scenes by name."""
        return {
            "recover-situation": self.situation,
            "recover-situation-unknown": self.unknown,
            "recover-restarted": self.restarted,
            "recover-share": lambda: self.walked(to="share"),
            "recover-key": lambda: self.walked(to="key"),
            "recover-key-wrong": self.wrong_key,
            "recover-token": self.token,
            "recover-offline": self.asked,
            "offline-request": lambda: self.desk(answered=False),
            "offline-answer": lambda: self.desk(answered=True),
            "recover-ready": lambda: self.walked(to="send"),
            "recover-send": self.sent,
            "recover-refused": lambda: self.sent(refuse=True),
            "recover-verify": self.verified,
            "recovery": self.page,
            "recovery-due": lambda: self.page(due=True),
            "recovery-nothing": lambda: self.in_page(None),
            "drill": lambda: self.drill("holder-1"),
            "drill-failed": lambda: self.drill("holder-2"),
            "new-key": lambda: self.new_key(made=False),
            "new-key-made": lambda: self.new_key(made=True),
            "pending": lambda: self.pending(decide=False),
            "pending-agree": lambda: self.pending(decide=True),
            "start-over": lambda: self.start_over(0),
            "start-over-copy": lambda: self.start_over(1),
        }

    def known(self, threshold: int = 0) -> Deployment:
        return known_before(self._now, threshold)

    def of(self, **changes: object) -> Situation:
        known = self.known()
        drills = {
            known.holders[at].fingerprint: Drill(
                known.holders[at].fingerprint, "", self._now - dt.timedelta(days=12), passed=True
            )
            for at in (0, 2)
        }
        situation = Situation(
            self._profile,
            CoordinatorState.RECOVERY,
            TEMPORARY,
            offers_v2=True,
            attested=self._attested().attested,
            known=known,
            drills=drills,
            lasting_root=known.root_der,
        )
        return replace(situation, **changes)  # type: ignore[arg-type]  # names are those of the situation

    def presenter(
        self, situation: Situation, progress: Progress | None = None, *, refuse: bool = False
    ) -> RecoverPresenter:
        client = FakeClient(FakeV2([2, 1], refuse))
        return RecoverPresenter(
            situation,
            progress or Progress(),
            Elsewhere(client),  # type: ignore[arg-type]  # stands in for the client
            InlineRunner(),
            band(self._profile),
            lambda: self._now,
            read_picture=read_qr,
            save_picture=save_qr,
        )

    def situation(self) -> QWidget:
        return RecoverDialog(self.presenter(self.of()))

    def unknown(self) -> QWidget:
        return RecoverDialog(self.presenter(self.of(known=None, attested=None, drills={}, offers_v2=False)))

    def restarted(self) -> QWidget:
        return RecoverDialog(
            self.presenter(self.of(), Progress(TEMPORARY, lost=Lost.RESTARTED, lost_count=2))
        )

    def walked(self, *, to: str) -> QWidget:
        """The wizard at a step, with the first holder's share."""
        presenter = self.presenter(self.of())
        with _files() as (folder, keys):
            _bring(presenter, folder, keys, HOLDERS[0], to=to)
        return RecoverDialog(presenter)

    def wrong_key(self) -> QWidget:
        presenter = self.presenter(self.of())
        with _files() as (folder, keys):
            presenter.forward()
            presenter.choose_shares(_saved(folder, HOLDERS[2:]))
            presenter.forward()
            presenter.choose_key(keys.pem(HOLDERS[1]))
        return RecoverDialog(presenter)

    def token(self) -> QWidget:
        """A key on a token that takes one more PIN."""
        presenter = self.presenter(self.of())
        presenter.forward()
        with _files() as (folder, _):
            presenter.choose_shares(_saved(folder, HOLDERS))
        presenter.forward()
        module = Path("opensc-pkcs11.so")
        tokens = (TokenInfo(0, "holder-1", "0f3a91c2", "PKCS#15", last_try=True),)
        key = KeyChoice(KeyPlace.TOKEN, modules=(module,), module=module, tokens=tokens, slot=0)
        error = PinRefused(
            "The token refused the PIN.",
            hint="One try is left. One more wrong PIN, and the token locks itself.",
        )
        presenter._update(key=key, problem=error)  # noqa: SLF001 # a scene sets its stage
        return RecoverDialog(presenter)

    def sent(self, *, refuse: bool = False) -> QWidget:
        """Two of three have given, or the second was refused; another one brought the wrong file."""
        presenter = self.presenter(self.of())
        with _files() as (folder, keys):
            _bring(presenter, folder, keys, HOLDERS[0], to="send")
            presenter.forward()
            if refuse:
                client = presenter._elsewhere.client()  # noqa: SLF001 # a scene sets its stage
                client.v2.refuse = True  # type: ignore[union-attr]  # the fake of this file
            presenter.forward()
            presenter.choose_shares(_saved(folder, HOLDERS[:1]))
            presenter.forward()
            presenter.choose_key(keys.pem(HOLDERS[1]))
            presenter.back()
            presenter.choose_shares(_saved(folder, HOLDERS))
            presenter.forward()
            presenter.choose_key(keys.pem(HOLDERS[2]))
            presenter.forward()
            presenter.forward()
        return RecoverDialog(presenter)

    def asked(self) -> QWidget:
        """A request for an offline holder, ready to be carried away."""
        presenter = self.presenter(self.of())
        presenter.forward()
        presenter.choose_way(Way.ANSWER)
        presenter.make_request()
        return RecoverDialog(presenter)

    def desk(self, *, answered: bool) -> QWidget:
        """The offline desk with a request, or with the answer to it."""
        presenter = OfflinePresenter(
            InlineRunner(), clock=lambda: self._now, read_picture=read_qr, save_picture=save_qr
        )
        key = key_of("a coordinator").public_key()
        address = str(self._profile.address)
        made = make_request(self._profile.name, address, TEMPORARY, self.known(), key, None, self._now)
        with _files() as (folder, keys):
            presenter.choose_request(write_packet(made.text, folder / "recovery-request.json"))
            if answered:
                presenter.compare(compared=True)
                presenter.forward()
                presenter.choose_shares(_saved(folder, HOLDERS))
                presenter.forward()
                presenter.choose_key(keys.pem(HOLDERS[1]))
        return OfflineDialog(presenter)

    def verified(self) -> QWidget:
        """The last page of a recovery that somebody else has finished."""
        presenter = self.presenter(self.of())
        checks = (
            Check("State", Checked.FITS, "state 3, running"),
            Check("Root certificate", Checked.FITS, "3b3b3b3b…3b3b3b3b, the one from before"),
            Check("Manifest", Checked.FITS, "f7f7f7f7…f7f7f7f7, the one from before"),
            Check("Update log", Checked.FITS, "4 lines, readable"),
        )
        flow = presenter._flow  # noqa: SLF001 # a scene sets its stage
        flow.update(
            replace(flow.draft, verified=Verified(checks, b"root"), progress=Progress(TEMPORARY, done=True))
        )
        flow.jump("verify")
        return RecoverDialog(presenter)

    def page(self, *, due: bool = False) -> QWidget:
        """The page of a coordinator that is well prepared, or of one that is in state 1."""
        known = self.known(2)
        drills = {
            known.holders[0].fingerprint: self._drill(known.holders[0], days=12, passed=True),
            known.holders[1].fingerprint: self._drill(known.holders[1], days=1, passed=False),
            "": Drill("", known.manifest, self._now - dt.timedelta(days=40), passed=True),
        }
        state = CoordinatorState.RECOVERY if due else CoordinatorState.RUNNING
        return self.in_page(self.of(state=state, known=known, drills=drills, is_local=not due))

    def in_page(self, situation: Situation | None) -> QWidget:
        presenter = RecoveryPresenter(Nothing(), InlineRunner(), lambda: self._now, lambda _html, path: path)  # type: ignore[arg-type]  # nobody presses a button
        presenter.show(situation)
        return self._in_window(Place.RECOVERY, RecoveryPage(presenter), self._attested())

    def _drill(self, holder: Holder, *, days: int, passed: bool) -> Drill:
        found = (
            "" if passed else "The key is that of holder-2, and secrets.json has a share for holder-1 only."
        )
        return Drill(holder.fingerprint, "f7" * 32, self._now - dt.timedelta(days=days), passed, found)

    def drill(self, who: str) -> QWidget:
        """The result of a drill, in which holder-1 passes."""
        known = self.known()
        holder = next(each for each in known.holders if each.name == who)
        presenter = DrillPresenter(
            DrillDraft(self._profile, holder, known),
            InlineRunner(),
            band(self._profile),
            keep=lambda _: None,
            clock=lambda: self._now,
        )
        with _files() as (folder, keys):
            presenter.choose_shares(_saved(folder, HOLDERS[:1]))
            presenter.forward()
            presenter.choose_key(keys.pem(who))
        return DrillDialog(presenter)

    def new_key(self, *, made: bool) -> QWidget:
        """The wizard that makes a key, at its beginning or at its end."""
        presenter = NewKeyPresenter(
            InlineRunner(), bits=2048, place=DraftPlace("observatory.json", lambda *_: None)
        )
        dialog = NewKeyDialog(presenter)
        dialog.choose.fill("holder-4", PASSPHRASE if made else "four crows")
        if made:
            presenter.forward()
            with _files() as (folder, _):
                presenter.save(folder / "holder-4.pem")
            presenter.forward()
        return dialog

    def pending(self, *, decide: bool) -> QWidget:
        """A pending update that makes somebody else a holder."""
        old = observatory()
        old["Roles"]["rebuilder"] = {"ResourceType": "Manifest", "Actions": ["UpdateManifest"]}
        old["Config"] = {"UpdateThreshold": 2}
        for name in ("tilda", "ivo", "mira"):
            old["Users"][name] = {"Certificate": certificate_pem(name), "Roles": ["rebuilder"]}
        new = copy.deepcopy(old)
        new["Packages"]["dome"]["SecurityVersion"] = 7
        new["RecoveryKeys"]["holder-4"] = public_pem("holder-4")
        update = PendingUpdate(json.dumps(new, indent=2).encode(), (UserName("ivo"), UserName("mira")))
        raw = json.dumps(old, indent=2).encode()
        served = ServedManifest(raw, hashlib.sha256(raw).hexdigest(), b"")
        text = format_line(
            self._now - dt.timedelta(hours=3),
            "Complete Manifest update initiated by user. x",
            user="tilda",
            missingAcknowledgments=1,
            missingUsers=["ivo", "mira"],
            manifestFingerprint=update.fingerprint,
        )
        client = SimpleNamespace(
            v2=SimpleNamespace(pending_update=lambda: update),
            manifest=lambda: served,
            update_log=lambda: text,
        )
        acting = Acting("mira", "", self._now + dt.timedelta(days=200), UserName("mira"))
        presenter = PendingPresenter(
            self._profile,
            acting,
            SimpleNamespace(client=client, band=lambda: band(self._profile, acting)),
            InlineRunner(),
            clock=lambda: self._now,
        )
        if decide:
            presenter.forward()
        return PendingDialog(presenter)

    def start_over(self, forward: int) -> QWidget:
        """The wizard before a state is given up, so many steps on."""
        served = ServedManifest(b"{}" * 900, "f7" * 32, b"")
        draft = StartOverDraft(self._profile, self.known(), served, 1)
        presenter = StartOverPresenter(draft, InlineRunner(), band(self._profile), lambda _: None)
        for _ in range(forward):
            presenter.forward()
        return StartOverDialog(presenter)


def standing(now: dt.datetime) -> Standing:
    """A state that waits for three holders, of whom the first has given."""
    known = known_before(now)
    first, _, last = known.holders
    given = GivenShare(
        first.name,
        "recovery-secrets.json",
        Where.HERE,
        now - dt.timedelta(minutes=4),
        first.fingerprint,
        "d1",
    )
    drills = {
        first.fingerprint: Drill(first.fingerprint, known.manifest, now - dt.timedelta(days=12), passed=True),
        last.fingerprint: Drill(last.fingerprint, known.manifest, now - dt.timedelta(days=200), passed=True),
    }
    return Standing(drills, known, Progress(TEMPORARY, (given,), remaining=2))


def known_before(now: dt.datetime, threshold: int = 0) -> Deployment:
    """What was in force before the key was lost."""
    holders = tuple(Holder.of(name, public_pem(name)) for name in HOLDERS)
    seen = now - dt.timedelta(minutes=17)
    return Deployment("f7" * 32, holders, threshold, "", b"the lasting root", seen)


class _files:  # noqa: N801 # used as a function
    """A folder with the keys of the holders."""

    def __enter__(self) -> tuple[Path, KeyFiles]:
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        return folder, KeyFiles(folder)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def _saved(folder: Path, holders: Sequence[str]) -> Path:
    """A file with the shares of these holders."""
    secrets = {
        name: base64.b64encode(
            recovery.encrypt_to(
                key_of(name).public_key(), SecretBytes(hashlib.sha256(name.encode()).digest())
            )
        ).decode()
        for name in holders
    }
    path = folder / "recovery-secrets.json"
    path.write_text(json.dumps({"RecoverySecrets": secrets}), encoding="utf-8")
    return path


def _bring(presenter: RecoverPresenter, folder: Path, keys: KeyFiles, holder: str, *, to: str) -> None:
    presenter.forward()
    presenter.choose_shares(_saved(folder, HOLDERS))
    if to == "share":
        return
    presenter.forward()
    presenter.choose_key(keys.locked(holder))
    if to == "key":
        return
    presenter.check_key(SecretBytes(PASSPHRASE.encode()))
    presenter.forward()
