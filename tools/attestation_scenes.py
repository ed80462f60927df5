"""The attestation page in each of its states, with simulated evidence that is bent where a step shall fail.

Nobody here has hardware, and a genuine quote comes without the root certificate that it speaks for. So the scene
`attestation` (*Verified*) is made for the picture: the report of a simulation, rewritten to what Intel's root would give.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from PySide6.QtWidgets import QWidget

from marble_client.answers import CoordinatorState
from marble_client.errors import ConnectionRefused
from marble_console.attesting import Attestation, Origin, Phase, Subject
from marble_console.coordinators.attested import KeptVerification, Terms
from marble_console.coordinators.profiles import Kind, Profile
from marble_console.coordinators.watch import WatchState
from marble_console.navigation import Place
from marble_console.notary import TrustState
from marble_console.page import Page
from marble_console.pages.attestation.page import AttestationPage
from marble_console.pages.attestation.presenter import AttestationPresenter
from marble_console.pages.attestation.state import Tab
from marble_console.session import SessionState
from marble_console.tasks import InlineRunner
from marble_console.widgets.pdf import print_pdf
from marble_core.attestation.anchors import INTEL
from marble_core.attestation.checks.coordinator import binding
from marble_core.attestation.evidence import Evidence, Expectations, ManifestInForce
from marble_core.attestation.policy import Acceptance, Policy, write_policy
from marble_core.attestation.quote import wrap
from marble_core.attestation.reasons import Reason
from marble_core.attestation.report import Report
from marble_core.attestation.report.model import verdict
from marble_core.attestation.simulation import (
    SimulatedEnclave,
    SimulatedPki,
    new_collateral,
    new_pki,
    sgx_quote,
    sign_record,
    tcb_info_record,
)
from marble_core.attestation.steps import Outcome, Step, StepResult, Verdict
from marble_core.attestation.verify import verify
from marble_core.errors import MarbleError

NOW = dt.datetime(2031, 5, 6, 14, 3, 22, tzinfo=dt.UTC)
_NONCE = sha256(b"a nonce").digest()
_MANIFEST = b'{"Packages": {}}\n'
_ENCLAVE = SimulatedEnclave(sha256(b"release 1.9.1").digest(), sha256(b"signer").digest())
_ADVISORY = "INTEL-SA-00615"

InWindow = Callable[[Place, Page, SessionState], QWidget]


@dataclass(frozen=True)
class Root:
    """The root of the invented coordinator, and its chain as it is sent: intermediate, root."""

    key: ec.EllipticCurvePrivateKey
    der: bytes
    chain: str


@cache
def root() -> Root:
    key, below = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    top = _certified("Observatory coordinator root", key, "Observatory coordinator root", key)
    middle = _certified("Observatory intermediate", below, "Observatory coordinator root", key)
    chain = "".join(one.public_bytes(Encoding.PEM).decode() for one in (middle, top))
    return Root(key, top.public_bytes(Encoding.DER), chain)


@cache
def other_root_certificate(number: int = 1) -> bytes:
    """The DER of a root that this coordinator had before."""
    del number
    key = ec.generate_private_key(ec.SECP256R1())
    name = "Observatory coordinator root"
    return _certified(name, key, name, key).public_bytes(Encoding.DER)


def _certified(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    names = x509.SubjectAlternativeName(
        [x509.DNSName("coordinator.observatory.example"), x509.DNSName("localhost")]
    )
    builder = x509.CertificateBuilder(named(issuer), named(name), key.public_key(), 0x51A7)
    builder = builder.not_valid_before(NOW - dt.timedelta(days=40)).not_valid_after(
        NOW + dt.timedelta(days=106_000)
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.add_extension(names, critical=False).sign(issuer_key, SHA384())


@cache
def pki() -> SimulatedPki:
    return new_pki(NOW - dt.timedelta(days=20))


@cache
def evidence(
    *, collateral: bool = True, quote: bool = True, enclave: SimulatedEnclave = _ENCLAVE
) -> Evidence:
    """Everything passes, under the root of `pki()`."""
    made = wrap(sgx_quote(pki(), enclave, binding(root().der, _NONCE)))
    return Evidence(
        quote=made if quote else b"",
        certificates=root().chain,
        tls_peer=root().der,
        nonce=_NONCE,
        collateral=new_collateral(pki(), NOW - dt.timedelta(days=2)) if collateral else None,
        manifest=ManifestInForce(_MANIFEST, root().key.sign(_MANIFEST, ec.ECDSA(SHA256()))),
        address="coordinator.observatory.example:4433",
    )


def expectations(**changes: object) -> Expectations:
    policy = Policy(_ENCLAVE.unique_id, _ENCLAVE.signer_id, 3, 3, name="observatory-era.json")
    return Expectations(replace(policy, **changes), manifest_fingerprint=sha256(_MANIFEST).digest())  # type: ignore[arg-type]  # fields of Policy


def simulated(seen: Evidence | None = None, expected: Expectations | None = None) -> Report:
    return verify(seen or evidence(), pki().anchor, NOW, expected or expectations())


def made_for_the_picture(report: Report) -> Report:
    """What a report would be, were its root Intel's. For pictures only: the verdict is not earned."""
    facts = {
        Step.CHAIN_TO_ROOT: "Intel SGX Root CA, valid to 2049-12-31",
        Step.PLATFORM_TCB_LEVEL: "UpToDate: nothing outstanding",
        Step.QUOTING_ENCLAVE: "QE SVN 8, identity UpToDate",
    }

    def genuine(step: StepResult) -> StepResult:
        if step.outcome is not Outcome.SIMULATED:
            return step
        if step.step is Step.ADVISORIES:
            accepted = f"{_ADVISORY} accepted until 2031-06-30"
            return StepResult(step.step, Outcome.NOTE, accepted, Reason.ADVISORIES)
        return replace(step, outcome=Outcome.PASS, fact=facts.get(step.step, step.fact))

    steps = tuple(map(genuine, report.steps))
    named = replace(report.root, name=INTEL.name, fingerprint=INTEL.fingerprint)
    window = replace(report.window, ends_with="root CRL") if report.window is not None else None
    platform = (
        replace(report.platform, fmspc="00906ED50000", advisories=(_ADVISORY,)) if report.platform else None
    )
    return replace(
        report,
        steps=steps,
        root=named,
        window=window,
        verdict=verdict(steps, is_simulation=False),
        platform=platform,
    )


def other_enclave() -> Report:
    return made_for_the_picture(simulated(expected=expectations(unique_id=sha256(b"release 1.9.0").digest())))


def other_certificate() -> Report:
    """A quote that somebody passes on: of another root, and so of no use for the nonce."""
    bound = bytearray(binding(root().der, _NONCE))
    bound[5] ^= 0x40
    quote = wrap(sgx_quote(pki(), _ENCLAVE, bytes(bound)))
    return made_for_the_picture(simulated(replace(evidence(), quote=quote)))


def other_root() -> Report:
    return verify(evidence(), INTEL, NOW, expectations())


def unlike_platform() -> Evidence:
    """Collateral that ended."""
    return replace(evidence(), collateral=new_collateral(pki(), NOW - dt.timedelta(days=33)))


def outdated() -> Evidence:
    """A platform whose level is behind, with an advisory."""
    record = tcb_info_record(NOW - dt.timedelta(days=2))
    record["tcbLevels"][0] |= {"tcbStatus": "OutOfDate", "advisoryIDs": [_ADVISORY, "INTEL-SA-00657"]}
    text, signature = sign_record(pki().tcb_signing.key, record)
    collateral = evidence().collateral
    if collateral is None:
        raise ValueError("the evidence has collateral")
    return replace(evidence(), collateral=replace(collateral, tcb_info=text, tcb_info_signature=signature))


def attestation(report: Report, seen: Evidence | None = None, profile: Profile | None = None) -> Attestation:
    """The verification that led to a report."""
    anchor = pki().anchor if report.root.is_simulation else INTEL
    address = profile.address if profile is not None else None
    subject = Subject(address, anchor=anchor, expectations=expectations(), kept_root_der=root().der)  # type: ignore[arg-type]  # nothing connects
    state = CoordinatorState.RUNNING
    return Attestation(subject, report, seen or evidence(), root().der, True, Origin.SERVICE, NOW, state)


def attested(session: SessionState, profile: Profile) -> SessionState:
    """A session whose coordinator was verified."""
    return replace(session, attested=attestation(made_for_the_picture(simulated()), None, profile))


class Nowhere:
    """The rest of the console, for a page that stands alone."""

    def edit_connection(self, names: tuple[str, ...] = ()) -> None: ...


class FakeNotary:
    """A connection that is verified already. Asked to verify, it says what it said before."""

    def __init__(self, state: TrustState, kept: tuple[KeptVerification, ...] = ()) -> None:
        self.state = state
        self._kept = kept

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_more: None

    def history(self) -> tuple[KeptVerification, ...]:
        return tuple(replace(one, report=b"") for one in self._kept)

    def kept(self, verification: int) -> KeptVerification | None:
        return next((one for one in self._kept if one.id == verification), None)


def history() -> tuple[KeptVerification, ...]:
    """Five results of the last days, one of them with another enclave."""
    good, other = made_for_the_picture(simulated()), other_enclave()
    reports = (good, good, other, good, simulated(evidence(collateral=False)))
    at = [NOW - dt.timedelta(hours=hours) for hours in (0, 1, 2, 26, 51)]
    made = [
        replace(attestation(replace(report, at=moment)).kept, id=len(reports) - place)
        for place, (report, moment) in enumerate(zip(reports, at, strict=True))
    ]
    return tuple(made)


@dataclass(frozen=True)
class Scenes:
    """`in_window` puts a page into the real window; the profiles are those of the other scenes."""

    in_window: InWindow
    seen: Callable[[], SessionState]
    remote: Profile
    local: Profile

    def page(
        self,
        report: Report | None,
        seen: Evidence | None = None,
        *,
        tab: Tab = Tab.STEPS,
        act: Callable[[AttestationPresenter], None] = lambda _: None,
    ) -> QWidget:
        simulation = (
            report is not None and report.root.is_simulation and report.verdict is not Verdict.NOT_VERIFIED
        )
        profile = self.local if simulation else self.remote
        attested = attestation(report, seen, profile) if report is not None else None
        policy = expectations().policy
        terms = Terms(
            policy=write_policy(policy).decode() if policy is not None else "",
            policy_name="observatory-era.json",
            acceptances=(Acceptance(_ADVISORY, "mitigated by microcode 0xf4", NOW + dt.timedelta(days=55)),),
        )
        trusted = replace(profile, root_der=root().der)
        trust = TrustState(
            trusted, terms, attested, next_check=NOW + dt.timedelta(hours=1), is_reachable=True
        )
        notary = FakeNotary(trust, history() if profile.kind is Kind.REMOTE else ())
        presenter = AttestationPresenter(
            notary, InlineRunner(), Nowhere(), clock=lambda: NOW, print_pdf=print_pdf
        )
        presenter.set_trust(trust)
        presenter.choose_tab(tab)
        act(presenter)
        session = replace(self.seen(), profile=trusted, attested=attested)
        return self.in_window(Place.ATTESTATION, AttestationPage(presenter), session)

    def first_contact(self, phase: Phase, problem: MarbleError | None = None) -> QWidget:
        """A connection on its first way to a coordinator, or where that ended."""
        trust = TrustState(
            self.remote, Terms(), None, busy=problem is None, problem=problem, is_reachable=True, phase=phase
        )
        presenter = AttestationPresenter(
            FakeNotary(trust), InlineRunner(), Nowhere(), clock=lambda: NOW, print_pdf=print_pdf
        )
        presenter.set_trust(trust)
        session = SessionState(
            self.remote, WatchState(failure=problem, failures=1 if problem else 0), held=True
        )
        return self.in_window(Place.ATTESTATION, AttestationPage(presenter), session)

    def offline(self, file: bytes = b"") -> QWidget:
        """Nothing connected; perhaps with a file that was opened."""
        notary = FakeNotary(TrustState())
        presenter = AttestationPresenter(
            notary, InlineRunner(), Nowhere(), clock=lambda: NOW, print_pdf=print_pdf
        )
        presenter.set_trust(TrustState())
        if file:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "quote.bin"
                path.write_bytes(file)
                presenter.open_evidence(path)
        return self.in_window(Place.ATTESTATION, AttestationPage(presenter), SessionState())

    def all(self) -> dict[str, Callable[[], QWidget]]:
        return {
            "attestation": lambda: self.page(made_for_the_picture(simulated())),
            "attestation-simulated": lambda: self.page(simulated()),
            "attestation-failed": lambda: self.page(other_enclave()),
            "attestation-failed-binding": lambda: self.page(other_certificate()),
            "attestation-failed-root": lambda: self.page(other_root()),
            "attestation-failed-level": lambda: self.page(simulated(outdated()), outdated()),
            "attestation-not-verified": lambda: self.page(
                made_for_the_picture(simulated(evidence(collateral=False))), evidence(collateral=False)
            ),
            "attestation-no-quote": lambda: self.page(
                simulated(evidence(quote=False)), evidence(quote=False)
            ),
            "attestation-none": lambda: self.page(None),
            "attestation-offline": self.offline,
            "attestation-quote-alone": lambda: self.offline(evidence().quote),
            "attestation-under-way": lambda: self.first_contact(Phase.QUOTE),
            "attestation-unreachable": lambda: self.first_contact(Phase.CONNECT, _unreachable()),
            "attestation-policy": lambda: self.page(made_for_the_picture(simulated()), tab=Tab.POLICY),
            "attestation-policy-bent": lambda: self.page(
                made_for_the_picture(simulated()),
                tab=Tab.POLICY,
                act=lambda presenter: presenter.edit_policy_text(
                    '{\n  "SignerID": "0x5e",\n  "Produkt": 3\n}\n'
                ),
            ),
            "attestation-tcb": lambda: self.page(
                simulated(outdated()),
                outdated(),
                tab=Tab.TCB,
                act=lambda presenter: presenter.choose_subject("OutOfDate"),
            ),
            "attestation-certificates": lambda: self.page(
                made_for_the_picture(simulated()), tab=Tab.CERTIFICATES
            ),
            "attestation-quote": lambda: self.page(
                made_for_the_picture(simulated()),
                tab=Tab.QUOTE,
                act=lambda presenter: presenter.choose_byte(112),
            ),
            "attestation-history": lambda: self.page(
                made_for_the_picture(simulated()), tab=Tab.HISTORY, act=_tick_two
            ),
        }


def _unreachable() -> ConnectionRefused:
    error = ConnectionRefused(
        "Nothing listens at coordinator.observatory.example:4433.",
        hint="Start the coordinator, or check the port.",
    )
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    return error


def _tick_two(presenter: AttestationPresenter) -> None:
    for key in ("5", "3"):
        presenter.tick(key, True)
