"""Setting one secret: what is given, what is to be said of it, and what came of sending it. No Qt.

The value is made in here from what the dialog gives, and held until it was sent or the dialog is left. The dialog keeps its
entries when a coordinator refuses them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from marble_client.client import CoordinatorClient
from marble_client.errors import OutcomeUnknown, Refused
from marble_console.files import reason
from marble_console.pages.secrets.listing import SecretItem, Status, last_set
from marble_console.pages.secrets.reading import (
    SHORTEST_FINGERPRINTED,
    Value,
    explain_refusal,
    read_value,
)
from marble_console.parts import Notice, Tone
from marble_console.tasks import Generation, Runner
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.keypair import KeyPair, PassphraseNeeded, PassphraseWrong, is_pkcs12, read_pair
from marble_core.manifest.model import Manifest, SecretType
from marble_core.secretbytes import SecretBytes
from marble_core.secretinput import (
    Grade,
    InputRefused,
    Remark,
    judge_certificate,
    key_from_file,
    key_from_text,
    new_key,
    new_password,
    private_der,
)
from marble_core.secrets import Secret
from marble_core.templates import dry_run, readers
from marble_core.usersecrets import UserSecret

LARGEST_FILE = 4 << 20  # bytes; a coordinator takes 16 MiB, which base64 and JSON make less


@dataclass(frozen=True, slots=True)
class Current:
    """What is known of the present value: nothing that would give it away."""

    fingerprint: str = ""
    certificate: x509.Certificate | None = None


class Way(Enum):
    """How a value is given."""

    TEXT = "text"
    FILE = "file"
    GENERATE = "generate"
    PEM = "pem"
    PASTE = "paste"
    PKCS12 = "pkcs12"


def ways(kind: SecretType) -> tuple[Way, ...]:
    """The ways that fit a type, the usual one first."""
    if kind.is_certificate:
        return (Way.PEM, Way.PASTE, Way.PKCS12)
    if kind is SecretType.PLAIN:
        return (Way.TEXT, Way.FILE, Way.GENERATE)
    return (Way.PASTE, Way.FILE, Way.GENERATE)


class SecretFileUnreadable(MarbleError):
    """A file with a value cannot be read."""

    code = "secret_file_unreadable"


@dataclass(frozen=True, slots=True)
class Given:
    """What the dialog has at present. Files are read when they are chosen and again when the value is made."""

    way: Way
    text: SecretBytes | None = None
    file: Path | None = None
    key_file: Path | None = None
    passphrase: SecretBytes | None = None

    def wipe(self) -> None:
        for secret in (self.text, self.passphrase):
            if secret is not None:
                secret.wipe()


@dataclass(frozen=True, slots=True)
class Made:
    """A value that could be sent, and what is to be said of it."""

    value: UserSecret = field(repr=False)
    secret: SecretBytes
    fingerprint: str
    length: int
    remarks: tuple[Remark, ...] = ()
    marbles: tuple[str, ...] = ()

    @property
    def digest(self) -> bytes:
        """To tell later whether this very value is in force, without keeping it."""
        return _digest(self.value.cert if self.value.cert is not None else self.value.key or b"")


# A keyed hash of this process: what is kept of a value that was sent must not help anybody to guess it.
_DIGEST_KEY = secrets.token_bytes(32)


def _digest(content: bytes) -> bytes:
    return hmac.digest(_DIGEST_KEY, content, "sha256")


@dataclass(frozen=True, slots=True)
class SetState:
    """`needs` is what is still missing, `wrong` what is wrong with the entry. `problem` is what came of sending."""

    title: str
    subtitle: str
    verb: str
    ways: tuple[Way, ...]
    way: Way
    remarks: tuple[Remark, ...] = ()
    current: str = ""
    new: str = ""
    made_length: str = ""
    needs: str = ""
    wrong: str = ""
    wants_passphrase: bool = False
    tick: str = ""
    ticked: bool = False
    note: str = ""
    busy: str = ""
    can_send: bool = False
    problem: Notice | None = None
    can_check: bool = False
    result: tuple[Remark, ...] = ()
    restart: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the secret is set, and only the result is left to read."""
        return bool(self.result)


class View(Protocol):
    def show_state(self, state: SetState) -> None: ...


class SetPresenter:
    """One secret to set or replace. `done` is called when it is set."""

    def __init__(
        self,
        item: SecretItem,
        manifest: Manifest,
        runner: Runner,
        *,
        client: Callable[[], CoordinatorClient | None],
        acting: str,
        lane: Hashable,
        done: Callable[[], None],
        now: Callable[[], dt.datetime],
    ) -> None:
        self.item = item
        self._manifest = manifest
        self._runner = runner
        self._client = client
        self._acting = acting
        self._lane = lane
        self._done = done
        self._now = now
        self._view: View | None = None
        self._makings = Generation()
        self._made: Made | None = None
        self._current = Current()
        self._given: Given | None = None
        self._sent_digest = b""
        self._marbles: tuple[str, ...] = ()
        self._replaces = item.status is Status.SET
        self.state = SetState(
            title=tr("Replace secret {name}", name=item.name)
            if self._replaces
            else tr("Set secret {name}", name=item.name),
            subtitle=self._subtitle(),
            verb=tr("Replace {name}", name=item.name) if self._replaces else tr("Set {name}", name=item.name),
            ways=ways(item.kind),
            way=ways(item.kind)[0],
            needs=_NEEDS[ways(item.kind)[0]],
            note=self._note(),
        )

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)
        if self._replaces and self.item.may_read:
            self._read_current()

    def close(self) -> None:
        """The dialog is over: let go of the value."""
        self._view = None
        self._makings.next()
        self._drop()
        if self._given is not None:
            self._given.wipe()

    def choose_way(self, way: Way) -> None:
        """Another way of giving the value: what was given before no longer counts."""
        self._makings.next()
        self._drop()
        self._set(
            replace(
                self.state,
                way=way,
                remarks=(),
                new="",
                made_length="",
                wrong="",
                needs=_NEEDS[way],
                wants_passphrase=False,
                tick="",
                ticked=False,
                busy="",
            )
        )

    def changing(self) -> None:
        """What was given is being changed: it is judged again before it can be sent."""
        self._makings.next()
        self._drop()
        self._set(replace(self.state, busy="", remarks=(), new="", made_length="", wrong="", problem=None))

    def give(self, given: Given) -> None:
        """Something was entered or chosen: make the value of it and judge it."""
        if self._given is not None and self._given is not given:
            self._given.wipe()
        self._given = given
        current = self._makings.next()
        self._drop()
        self._set(replace(self.state, busy=tr("Checking…"), wrong="", problem=None))
        self._runner.read(
            partial(_make, self.item, self._manifest, given, self._now(), self._current),
            then=current(self._judged),
            failed=current(self._refused),
        )

    def tick(self, ticked: bool) -> None:
        """The operator ticks that the warnings are known."""
        self._set(replace(self.state, ticked=ticked))

    def send(self) -> None:
        """Set the secret."""
        client, made = self._client(), self._made
        if made is None or client is None or not self.state.can_send:
            return
        self._sent_digest, self._marbles = made.digest, made.marbles
        self._set(replace(self.state, busy=tr("Sending…"), problem=None))
        self._runner.write(
            partial(client.write_secrets, {self.item.name: made.value}),
            lane=self._lane,
            then=lambda _: self._written(),
            failed=self._not_written,
        )

    def check(self) -> None:
        """The answer was lost: read the secret back, and say whether the value is in force."""
        client = self._client()
        if client is None or not self._sent_digest:
            return
        self._set(replace(self.state, busy=tr("Reading it back…"), can_check=False))
        self._runner.read(
            partial(read_value, client, self.item.name), then=self._read_back, failed=self._not_written
        )

    # -- inside ---------------------------------------------------------------------------------------------------
    def _read_current(self) -> None:
        client = self._client()
        if client is not None:
            # That it cannot be read is no reason not to replace it: the fingerprint is then not shown.
            self._runner.read(
                partial(_read_public, client, self.item), then=self._current_read, failed=lambda _: None
            )

    def _current_read(self, current: Current) -> None:
        self._current = current
        self._set(replace(self.state, current=current.fingerprint))
        if self._made is not None and self._given is not None:
            self.give(self._given)  # there is more to be said of it now

    def _judged(self, made: Made) -> None:
        self._made = made
        graded = {remark.grade for remark in made.remarks}
        tick = ""
        if Grade.WARNING in graded:
            tick = tr("I checked the warnings")
        elif self._replaces:
            tick = tr("The present value may be lost")
        length = "" if self.item.kind.is_certificate else ntr("{count} byte", "{count} bytes", made.length)
        self._set(
            replace(
                self.state,
                busy="",
                needs="",
                remarks=made.remarks,
                new=made.fingerprint,
                made_length=length,
                tick=tick,
                ticked=self.state.ticked and tick == self.state.tick,
            )
        )

    def _refused(self, error: MarbleError) -> None:
        empty = isinstance(error, NothingGiven)
        passphrase = isinstance(error, PassphraseNeeded | PassphraseWrong)
        self._set(
            replace(
                self.state,
                busy="",
                remarks=(),
                new="",
                made_length="",
                needs=error.sentence if empty or isinstance(error, PassphraseNeeded) else "",
                wrong=""
                if empty or isinstance(error, PassphraseNeeded)
                else f"{error.sentence} {error.hint}".strip(),
                wants_passphrase=passphrase or self.state.wants_passphrase,
            )
        )

    def _written(self) -> None:
        """It is set: verify it where that is possible, and say which marbles have to restart."""
        client = self._client()
        self._drop()
        self._done()
        if client is None or not self.item.may_read:
            self._conclude(
                tr("The secret is set. It cannot be verified: you have no right ReadSecret on it.")
            )
            return
        self._set(replace(self.state, busy=tr("Verifying…"), remarks=()))
        self._runner.read(
            partial(read_value, client, self.item.name),
            then=self._verified,
            failed=lambda error: self._conclude(
                tr("The secret is set. It could not be read back: {why}", why=error.sentence), Grade.WARNING
            ),
        )

    def _verified(self, value: Value) -> None:
        same = self._sent_digest == _digest(
            value.cert_der if self.item.kind.is_certificate else value.secret.reveal()
        )
        value.wipe()
        if same:
            self._conclude(
                tr("The secret is set, and was read back: the coordinator has exactly this value.")
            )
        else:
            self._conclude(
                tr(
                    "The secret was set, but the coordinator has another value now. Somebody may have set it again."
                ),
                Grade.WARNING,
            )

    def _conclude(self, sentence: str, grade: Grade = Grade.PASSED) -> None:
        marbles = self._marbles
        if marbles:
            what = tr("These marbles have the old value until they restart:")
        else:
            what = tr("No template uses it, so no marble has to restart.")
        self._set(
            replace(
                self.state,
                busy="",
                problem=None,
                remarks=(),
                result=(Remark(grade, sentence), Remark(Grade.WARNING if marbles else Grade.PASSED, what)),
                restart=marbles,
            )
        )

    def _not_written(self, error: MarbleError) -> None:
        unknown = isinstance(error, OutcomeUnknown)
        explained = explain_refusal(error, self._acting)
        raw = explained.server_text if isinstance(explained, Refused) else ""
        notice = Notice(
            explained.sentence,
            explained.hint,
            "circle-alert" if unknown else "circle-x",
            Tone.CAUTION if unknown else Tone.FAILED,
            raw=raw,
            raw_title=tr("The coordinator's own words"),
            raw_open=bool(raw),
        )
        checkable = unknown and self.item.may_read and bool(self._sent_digest)
        self._set(replace(self.state, busy="", problem=notice, can_check=checkable))

    def _read_back(self, value: Value) -> None:
        content = value.cert_der if self.item.kind.is_certificate else value.secret.reveal()
        in_force = self._sent_digest == _digest(content)
        value.wipe()
        if in_force:
            self._written()
            return
        notice = Notice(
            tr("The value is not in force."),
            tr("The coordinator has another one. Send it again if you still want to."),
            "circle-alert",
            Tone.CAUTION,
        )
        self._set(replace(self.state, busy="", problem=notice))

    def _subtitle(self) -> str:
        parts = [f"{self.item.kind.value}, {self.item.size_words}"]
        if self._replaces and self.item.set_at is not None:
            parts.append(tr("last set {when}", when=last_set(self.item, self._now())))
        return " · ".join(parts)

    def _note(self) -> str:
        what = tr("certificate") if self.item.kind.is_certificate else tr("value")
        running = tr("Running marbles keep the old {what} until they restart.", what=what)
        if self._replaces:
            return tr("There is no undo: the coordinator keeps no earlier value. {running}", running=running)
        return tr("Marbles get it when they are activated next.")

    def _drop(self) -> None:
        if self._made is not None:
            self._made.secret.wipe()
            self._made = None

    def _set(self, state: SetState) -> None:
        errors = any(remark.grade is Grade.ERROR for remark in state.remarks)
        ready = self._made is not None and not state.busy and not errors
        self.state = replace(state, can_send=ready and (state.ticked or not state.tick))
        if self._view is not None:
            self._view.show_state(self.state)


class NothingGiven(InputRefused):
    """Nothing to judge yet."""

    code = "nothing_given"


_NEEDS = {
    Way.TEXT: tr("Type the value."),
    Way.FILE: tr("Choose the file."),
    Way.GENERATE: tr("Press Generate."),
    Way.PEM: tr("Choose certificate and key."),
    Way.PASTE: tr("Paste the value."),
    Way.PKCS12: tr("Choose the file."),
}


def _read_public(client: CoordinatorClient, item: SecretItem) -> Current:
    """Read the present value for what may be kept of it."""
    value = read_value(client, item.name)
    current = Current(value.fingerprint, value.certificate)
    value.wipe()
    return current


def _make(item: SecretItem, manifest: Manifest, given: Given, now: dt.datetime, current: Current) -> Made:
    """Make a value of what is given; raises InputRefused and KeyPairRefused."""
    if item.kind.is_certificate:
        return made_of_pair(item, manifest, _pair(given), now, current)
    return made_of_key(item, manifest, _plain(item, given), current)


def made_of_pair(
    item: SecretItem,
    manifest: Manifest,
    pair: KeyPair,
    now: dt.datetime,
    current: Current = Current(),
) -> Made:
    """A certificate with its key as the value of a secret, judged."""
    remarks = judge_certificate(pair, item.kind, item.definition.size, now, current.certificate)
    der = pair.certificate.public_bytes(Encoding.DER)
    secret = private_der(pair)
    public = pair.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    stored = Secret(item.name, item.kind, cert=der, private=secret.reveal(), public=public)
    tried, marbles = _try_out(item, manifest, stored)
    return Made(
        UserSecret(cert=der, private=secret.reveal()),
        secret,
        hashlib.sha256(der).hexdigest(),
        len(der),
        (*remarks, *tried),
        marbles,
    )


def made_of_key(
    item: SecretItem,
    manifest: Manifest,
    secret: SecretBytes,
    current: Current = Current(),
) -> Made:
    """A key or a plain value, judged."""
    value = secret.reveal()
    stored = Secret(item.name, item.kind, item.definition.size, private=value, public=value)
    short = item.kind is SecretType.PLAIN and len(value) < SHORTEST_FINGERPRINTED
    fingerprint = "" if short else hashlib.sha256(value).hexdigest()
    same = bool(fingerprint) and fingerprint == current.fingerprint
    remarks = (Remark(Grade.WARNING, tr("This is the value that is set already.")),) if same else ()
    tried, marbles = _try_out(item, manifest, stored)
    return Made(
        UserSecret(key=value),
        secret,
        fingerprint,
        len(value),
        (*remarks, *tried),
        marbles,
    )


def _try_out(
    item: SecretItem, manifest: Manifest, stored: Secret
) -> tuple[tuple[Remark, ...], tuple[str, ...]]:
    """Whether the templates of all marbles can take the value, as the coordinator wants it; and which marbles look at it."""
    affected = tuple(sorted(readers(manifest).get(item.name, frozenset())))
    if not affected:
        return (), ()
    reduced = replace(manifest, marbles={name: manifest.marbles[name] for name in affected})
    problem = next(dry_run(reduced, {item.name: stored}), None)
    if problem is not None:
        place = f"{problem.marble} · {problem.section} {problem.entry}"
        sentence = tr("{place} cannot take this value: {why}", place=place, why=problem.sentence)
        return (Remark(Grade.ERROR, sentence),), affected
    text = ntr(
        "Template check of {count} marble passes with this value.",
        "Template check of {count} marbles passes with this value.",
        len(affected),
    )
    return (Remark(Grade.PASSED, text),), affected


def _plain(item: SecretItem, given: Given) -> SecretBytes:
    bits = item.definition.size
    is_key = item.kind is SecretType.SYMMETRIC_KEY
    match given.way:
        case Way.GENERATE:
            return new_key(bits) if is_key else new_password()
        case Way.FILE:
            if given.file is None:
                raise NothingGiven(tr("Choose the file."))
            content = content_of(given.file)
            if is_key:
                return key_from_file(content, bits)
            if not content:
                raise InputRefused(tr("The file is empty."))
            return SecretBytes(content)
        case _:
            if not given.text:
                raise NothingGiven(_NEEDS[given.way])
            return (
                key_from_text(given.text.reveal().decode(), bits)
                if is_key
                else SecretBytes(given.text.reveal())
            )


def _pair(given: Given) -> KeyPair:
    if given.way is Way.PASTE:
        if not given.text:
            raise NothingGiven(tr("Paste certificate and key as PEM."))
        return read_pair(given.text.reveal(), None, given.passphrase)
    if given.file is None:
        raise NothingGiven(_NEEDS[given.way])
    content = content_of(given.file)
    if given.way is Way.PKCS12 and not is_pkcs12(content):
        raise InputRefused(tr("{name} is no PKCS#12 file.", name=given.file.name))
    key = content_of(given.key_file) if given.key_file is not None else None
    return read_pair(content, key, given.passphrase)


def content_of(path: Path) -> bytes:
    """All of a file; raises SecretFileUnreadable and InputRefused."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SecretFileUnreadable(
            tr("{name} cannot be read: {reason}.", name=path.name, reason=reason(error)),
            hint=tr("Choose another file, or change its permissions."),
        ) from error
    if len(content) > LARGEST_FILE:
        raise InputRefused(tr("{name} is larger than {size} MiB.", name=path.name, size=LARGEST_FILE >> 20))
    return content
