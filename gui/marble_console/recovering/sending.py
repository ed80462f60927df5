"""Giving one share to a coordinator, and looking at what came back when the state is open. Jobs for a worker thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from marble_client.answers import CertificateChain, CoordinatorState, ServedManifest, Status
from marble_client.client import CoordinatorClient
from marble_client.errors import (
    ClientError,
    NotTrusted,
    OutcomeUnknown,
    Refused,
    RootChanged,
    UnexpectedAnswer,
)
from marble_client.trust import Trust, fingerprint
from marble_client.v2 import RecoveryProgress
from marble_console.recovering.errors import RecoveringError
from marble_console.recovering.known import Deployment
from marble_console.recovering.opening import Contributed
from marble_console.widgets.text import short_hash
from marble_console.words import ntr, tr
from marble_core.secretbytes import SecretBytes
from marble_core.updatelog import UnreadableLine, parse_log


class SignatureMissing(RecoveringError):
    """Version 2 takes no secret without the proof of who gives it."""

    code = "signature_missing"


class V2(Protocol):
    def recover(self, secret: SecretBytes, signature: bytes, holder: str) -> RecoveryProgress: ...


class Client(Protocol):
    """What giving a share needs of a coordinator."""

    @property
    def offers_v2(self) -> bool: ...

    @property
    def v2(self) -> V2: ...

    def status(self) -> Status: ...

    def recover(self, secret: SecretBytes, holder: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """`remaining` is None where the older API tells no number. `server_text` is the coordinator's own words."""

    remaining: int | None
    server_text: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """The coordinator did not take it. `server_text` as above."""

    error: ClientError
    server_text: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The share was sent and the answer was lost. To send it again does no harm: a repeated one is refused."""

    error: ClientError


Outcome = Accepted | Declined | Unanswered


def give(client: Client, share: Contributed) -> Outcome:
    """Send one share, by what the coordinator offers. Raises NotTrusted, Unreachable and others when nothing was sent."""
    if client.offers_v2 and not share.signature:
        raise SignatureMissing(
            tr("This coordinator wants the share signed by its holder, and there is no signature."),
            hint=tr("Give the signature too: RSA PKCS #1 v1.5 with SHA-256 over the decrypted secret."),
        )
    try:
        if client.offers_v2:
            answer = client.v2.recover(share.sent, share.signature, share.holder)
            return Accepted(answer.remaining, answer.message)
        text = client.recover(share.sent, share.holder)
    except OutcomeUnknown as error:
        return _resolve(client, error)
    except Refused as error:
        return Declined(error, error.server_text)
    return Accepted(0 if _is_open(client) else None, text)


def _resolve(client: Client, lost: ClientError) -> Outcome:
    """Whether the state is open tells what became of the last share; of the ones before it, nothing does."""
    return Accepted(0) if _is_open(client) else Unanswered(lost)


def _is_open(client: Client) -> bool:
    try:
        return client.status().state is CoordinatorState.RUNNING
    except NotTrusted:
        return True  # it has taken its old root back, which this connection does not know
    except ClientError:
        return False


class Checked(Enum):
    """How a check of the recovered coordinator came out."""

    FITS = "fits"
    DIFFERS = "differs"
    UNKNOWN = "unknown"  # there is nothing to compare with


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the recovered coordinator."""

    name: str
    outcome: Checked
    fact: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a recovered coordinator showed. `root_der` is the root that it has now, empty where nobody vouches for it."""

    checks: tuple[Check, ...]
    root_der: bytes = b""

    @property
    def is_as_before(self) -> bool:
        return all(check.outcome is not Checked.DIFFERS for check in self.checks)


def verify_recovered(client: CoordinatorClient, root_der: bytes, known: Deployment | None) -> Verified:
    """Look whether the state that came back is the one that was lost: under the root that it had, if that is known.

    Raises ClientErrors when nothing can be asked.
    """
    compared = bool(root_der)
    root = root_der or _vouched_root(client)
    if not root:
        return Verified((_unseen_root(),))
    try:
        with CoordinatorClient.connect(client.address, Trust(root, client.trust.server_name)) as again:
            status = again.status()
            served = again.manifest()
            log = again.update_log() if status.state is CoordinatorState.RUNNING else ""
    except RootChanged as error:
        return Verified((_other_root(error),))
    return Verified(
        (_state(status), _root(root, compared=compared), _manifest(served, known), _log(log)), root
    )


def _vouched_root(client: CoordinatorClient) -> bytes:
    """The root that the coordinator has now, told over a connection that was open before: the old root vouches for it."""
    try:
        chain: CertificateChain = client.claimed_chain()
    except (NotTrusted, UnexpectedAnswer):
        return b""
    return chain.root_der


def _state(status: Status) -> Check:
    runs = status.state is CoordinatorState.RUNNING
    words = tr("state 3, running") if runs else tr("state {state}", state=int(status.state))
    return Check(tr("State"), Checked.FITS if runs else Checked.DIFFERS, words)


def _root(root_der: bytes, *, compared: bool) -> Check:
    shown = short_hash(fingerprint(root_der))
    if compared:
        fact = tr("{root}, the one from before", root=shown)
        return Check(tr("Root certificate"), Checked.FITS, fact, tr("The connection itself proves it."))
    return Check(
        tr("Root certificate"),
        Checked.UNKNOWN,
        shown,
        tr("This console has not seen the coordinator run before, so there is nothing to compare with."),
    )


def _other_root(error: RootChanged) -> Check:
    return Check(
        tr("Root certificate"),
        Checked.DIFFERS,
        tr("{root} instead of {before}", root=short_hash(error.presented), before=short_hash(error.pinned)),
        tr("Another state was opened than the one that this console knows. Nothing more was asked of it."),
    )


def _unseen_root() -> Check:
    return Check(
        tr("Root certificate"),
        Checked.UNKNOWN,
        tr("not known to this console"),
        tr(
            "The coordinator has taken back a root that this console has never seen. Open the connection again to verify it."
        ),
    )


def _manifest(served: ServedManifest | None, known: Deployment | None) -> Check:
    name = tr("Manifest")
    if served is None:
        return Check(name, Checked.DIFFERS, tr("none is in force"))
    shown = short_hash(served.fingerprint)
    if known is None:
        return Check(name, Checked.UNKNOWN, shown, tr("This console has not seen the manifest before."))
    if served.fingerprint == known.manifest:
        return Check(
            name,
            Checked.FITS,
            tr("{manifest}, the one from before", manifest=shown),
            tr("Its bytes, its fingerprint and the signature of the root agree."),
        )
    return Check(
        name,
        Checked.DIFFERS,
        tr("{manifest} instead of {before}", manifest=shown, before=short_hash(known.manifest)),
        tr("The sealed state is older or newer than what this console saw last. Compare both manifests."),
    )


def _log(text: str) -> Check:
    lines = parse_log(text)
    broken = sum(isinstance(line, UnreadableLine) for line in lines)
    if not lines or broken:
        fact = (
            ntr("{count} line cannot be read", "{count} lines cannot be read", broken)
            if lines
            else tr("empty")
        )
        return Check(tr("Update log"), Checked.DIFFERS, fact)
    return Check(
        tr("Update log"), Checked.FITS, ntr("{count} line, readable", "{count} lines, readable", len(lines))
    )
