"""Decides what the dialog about a changed root says and does. There is no way to carry on as if nothing had happened. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_client.errors import NotTrusted, RootChanged
from marble_client.trust import fingerprint, names_in
from marble_console.attesting import Attestation
from marble_console.coordinators.attested import KeptRoot
from marble_console.notary import TrustState
from marble_console.pages.roots.state import RootsState
from marble_console.parts import Action, Cell, Row, Tone
from marble_console.session import RootReplaced, SessionState
from marble_console.shell_presenter import band
from marble_console.times import moment
from marble_console.verdicts import cause, verdict_chip
from marble_console.widgets.text import short_hash
from marble_console.words import tr
from marble_core.attestation.steps import Verdict
from marble_core.errors import MarbleError

_GOOD = frozenset({Verdict.VERIFIED, Verdict.SIMULATED})


class View(Protocol):
    def show_state(self, state: RootsState) -> None: ...

    def finish(self) -> None: ...


class Notary(Protocol):
    """What the dialog needs of the connection in hand."""

    def verify(self) -> None: ...

    def trust_root(self) -> None: ...

    def can_use_unproved(self, root_der: bytes) -> bool: ...

    def leave(self) -> None: ...

    def roots(self) -> tuple[KeptRoot, ...]: ...


def needs_decision(failure: MarbleError | None) -> bool:
    """Whether somebody with another root than the kept one answers."""
    return isinstance(failure, RootChanged | RootReplaced)


class RootsPresenter:
    """One occurrence: from the moment another root was seen until the connection is left or trusted again.

    `without_proof` asks whether this root may be used for a recovery although nothing can prove it.
    """

    def __init__(
        self,
        notary: Notary,
        session: SessionState,
        trust: TrustState,
        now: Callable[[], dt.datetime],
        *,
        without_proof: Callable[[bytes], None],
    ) -> None:
        self._notary = notary
        self._session = session
        self._trust = trust
        self._now = now
        self._without_proof = without_proof
        self._view: View | None = None
        self._comparing = False
        self._tried = False
        self._problem: MarbleError | None = None
        self._old, self._new = _certificates(session, trust)

    def attach(self, view: View) -> None:
        self._view = view
        self._show()

    def follow(self, session: SessionState, trust: TrustState) -> None:
        """The connection has come further."""
        self._session, self._trust = session, trust
        failure = session.watch.failure
        if session.profile is None or not isinstance(failure, NotTrusted):
            if self._view is not None and not trust.busy:
                self._view.finish()
            return
        old, new = _certificates(session, trust)
        self._old, self._new = old or self._old, new or self._new
        self._show()

    def act(self, key: str) -> None:
        """`compare`, `attest`, `trust`, `recover` or `leave`."""
        self._problem = None
        try:
            match key:
                case "compare":
                    self._comparing = not self._comparing
                case "attest":
                    self._tried = True
                    self._notary.verify()
                case "trust":
                    self._notary.trust_root()
                case "recover":
                    self._without_proof(self._new)
                case "leave":
                    self._notary.leave()
                case _:
                    raise ValueError(key)
        except MarbleError as error:
            self._problem = error
        self._show()

    @property
    def state(self) -> RootsState:
        failure = self._problem or self._trust.problem if self._tried else None
        failure = failure or self._session.watch.failure
        attestation = self._attested()
        return RootsState(
            title=tr("The root certificate is another one"),
            why=f"{failure.sentence} {failure.hint}".strip() if failure is not None else "",
            band=band(self._session.profile, self._session.acting),
            verdict=verdict_chip(attestation.verdict) if attestation is not None else None,
            verdict_line=cause(attestation) if attestation is not None else "",
            compared=compared(self._old, self._new) if self._comparing else (),
            past=self._past(),
            compare=Action(
                "compare",
                tr("Hide the comparison") if self._comparing else tr("Compare"),
                icon="arrow-left-right",
            ),
            attest=Action(
                "attest",
                tr("Re-attest"),
                icon="shield-check",
                enabled=self._trust.can_verify,
                reason="" if self._trust.can_verify else tr("A verification is under way."),
            ),
            trust=self._way_on(attestation),
            recover=self._for_recovery(),
            leave=Action("leave", tr("Keep old root and disconnect"), "primary", "plug"),
            busy=self._trust.busy,
        )

    # -- inside ---------------------------------------------------------------------------------------------------
    def _attested(self) -> Attestation | None:
        """The verification of the new root, if there was one."""
        attestation = self._trust.attestation
        if attestation is None or self._trust.busy:
            return None
        return attestation if attestation.root_der == self._new or self._tried else None

    def _way_on(self, attestation: Attestation | None) -> Action | None:
        """Only who has proved to be the one that the policy names can be trusted from now on."""
        if attestation is None or attestation.verdict not in _GOOD or attestation.root_der != self._new:
            return None
        if attestation.is_temporary:
            return None
        return Action("trust", tr("Trust this root from now on"), icon="fingerprint")

    def _for_recovery(self) -> Action | None:
        """The way for a coordinator that has no quote to prove itself with: for giving shares to, after a confirmation."""
        if not self._notary.can_use_unproved(self._new):
            return None
        return Action("recover", tr("Recover without attestation…"), icon="life-buoy")

    def _past(self) -> tuple[Row, ...]:
        try:
            roots = self._notary.roots()
        except MarbleError:
            roots = ()
        now = self._now()
        rows = tuple(_past_row(root, self._new, now) for root in roots)
        if self._new and self._new not in {root.der for root in roots}:
            never = Row(
                "new", _cells(tr("now"), "", self._new, tr("presented now, never seen before"), Tone.CAUTION)
            )
            return (never, *rows)
        return rows

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self.state)


def _certificates(session: SessionState, trust: TrustState) -> tuple[bytes, bytes]:
    """DER of the root that counted until now, and of the one that is presented; empty where it is not known."""
    failure, attestation = session.watch.failure, trust.attestation
    old = session.profile.root_der if session.profile is not None else b""
    new = b""
    if isinstance(failure, RootChanged):
        new = failure.presented_der
        if not old and attestation is not None:
            old = attestation.root_der
    elif isinstance(failure, RootReplaced) and attestation is not None:
        new = attestation.root_der
    return old, new


def _past_row(root: KeptRoot, presented: bytes, now: dt.datetime) -> Row:
    until = moment(root.until, now) if root.until is not None else tr("now")
    if root.der == presented:
        remark, tone = tr("presented now"), Tone.CAUTION
    else:
        remark, tone = (tr("kept") if root.until is None else ""), None
    return Row(
        f"{fingerprint(root.der)}-{until}", _cells(moment(root.since, now), until, root.der, remark, tone)
    )


def _cells(since: str, until: str, der: bytes, remark: str, tone: Tone | None) -> tuple[Cell, ...]:
    digest = fingerprint(der)
    return (
        Cell(since),
        Cell(until, colour="text2"),
        Cell(short_hash(digest), mono=True, tooltip=digest),
        Cell(remark, tone=tone, icon="triangle-alert" if tone else ""),
    )


def compared(old: bytes, new: bytes) -> tuple[Row, ...]:
    """Both certificates, line by line; what differs has its sign."""
    left, right = dict(_lines(old)), dict(_lines(new))
    return tuple(
        _line(name, left.get(name, ""), right.get(name, "")) for name in dict.fromkeys((*left, *right))
    )


def _line(name: str, before: str, after: str) -> Row:
    same = before == after
    return Row(
        name,
        (
            Cell(name, colour="text3"),
            Cell(
                "=" if same else "~",
                mono=True,
                strong=True,
                centred=True,
                tone=None if same else Tone.CHANGED,
            ),
            Cell(before, elide_middle=True, tooltip=before),
            Cell(after, elide_middle=True, strong=not same, tooltip=after),
        ),
        dimmed=same,
    )


def _lines(der: bytes) -> Sequence[tuple[str, str]]:
    """What there is to compare of a certificate. Nothing in it is to be believed without a verdict."""
    if not der:
        return ()
    digest = (tr("SHA-256"), fingerprint(der))
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return (
            (tr("Subject"), certificate.subject.rfc4514_string() or tr("empty")),
            (tr("Issuer"), certificate.issuer.rfc4514_string() or tr("empty")),
            (tr("Names"), ", ".join(names_in(certificate)) or tr("none")),
            (tr("Valid from"), f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M:%S} UTC"),
            (tr("Valid until"), f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%S} UTC"),
            (tr("Serial number"), f"{certificate.serial_number:x}"),
            (tr("Public key (SHA-256)"), sha256(key).hexdigest()),
            digest,
        )
    except (ValueError, TypeError):
        return (digest, (tr("Subject"), tr("cannot be read")))
