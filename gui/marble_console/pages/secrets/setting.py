"""Setting one secret: what is given, what is to be said of it, and what came of sending it. No Qt.

The value is made in here from what the dialog gives, and held until it was sent or the dialog is left. The dialog keeps its
entries when a coordinator refuses them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from marble_client.client import CoordinatorClient
from marble_client.errors import OutcomeUnknown, Refused
from marble_console.journal.deeds import Done
from marble_console.pages.secrets.base import Means, SecretsDialog, View
from marble_console.pages.secrets.listing import SecretItem, Status, last_set
from marble_console.pages.secrets.making import (
    NEEDS,
    Current,
    Given,
    Made,
    NothingGiven,
    Way,
    digest_of,
    make,
    ways,
)
from marble_console.pages.secrets.reading import Value, read_value
from marble_console.parts import Notice, Tone
from marble_console.tasks import Generation
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.keypair import PassphraseNeeded, PassphraseWrong
from marble_core.manifest.model import Manifest
from marble_core.secretinput import Grade, Remark


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


class SetPresenter(SecretsDialog[SetState]):
    """One secret to set or replace."""

    def __init__(self, item: SecretItem, manifest: Manifest, means: Means) -> None:
        self.item = item
        self._manifest = manifest
        self._makings = Generation()
        self._made: Made | None = None
        self._current = Current()
        self._given: Given | None = None
        self._sent_digest = b""
        self._marbles: tuple[str, ...] = ()
        self._replaces = item.status is Status.SET
        state = SetState(
            title=tr("Replace secret {name}", name=item.name)
            if self._replaces
            else tr("Set secret {name}", name=item.name),
            subtitle=_subtitle(item, means),
            verb=tr("Replace {name}", name=item.name) if self._replaces else tr("Set {name}", name=item.name),
            ways=ways(item.kind),
            way=ways(item.kind)[0],
            needs=NEEDS[ways(item.kind)[0]],
            note=self._note(),
        )
        super().__init__(means, state)

    def attach(self, view: View[SetState]) -> None:
        super().attach(view)
        if self._replaces and self.item.may_read:
            self._read_current()

    def close(self) -> None:
        """The dialog is over: let go of the value."""
        super().close()
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
                needs=NEEDS[way],
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
        self._means.runner.read(
            partial(make, self.item, self._manifest, given, self._means.now(), self._current),
            then=current(self._judged),
            failed=current(self._refused),
        )

    def tick(self, ticked: bool) -> None:
        """The operator ticks that the warnings are known."""
        self._set(replace(self.state, ticked=ticked))

    def send(self) -> None:
        """Set the secret."""
        client, made = self._means.client(), self._made
        if made is None or client is None or not self.state.can_send:
            return
        self._sent_digest, self._marbles = made.digest, made.marbles
        self._set(replace(self.state, busy=tr("Sending…"), problem=None))
        self._write(client, self.item.name, made.value, then=self._written, failed=self._not_written)

    def check(self) -> None:
        """The answer was lost: read the secret back, and say whether the value is in force."""
        client = self._means.client()
        if client is None or not self._sent_digest:
            return
        self._set(replace(self.state, busy=tr("Reading it back…"), can_check=False))
        self._means.runner.read(
            partial(read_value, client, self.item.name, Done.READ),
            then=self._read_back,
            failed=self._not_written,
        )

    # -- inside ---------------------------------------------------------------------------------------------------
    def _read_current(self) -> None:
        client = self._means.client()
        if client is not None:
            # That it cannot be read is no reason not to replace it: the fingerprint is then not shown.
            self._means.runner.read(
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
        client = self._means.client()
        self._drop()
        self._means.done()
        if client is None or not self.item.may_read:
            self._conclude(
                tr("The secret is set. It cannot be verified: you have no right ReadSecret on it.")
            )
            return
        self._set(replace(self.state, busy=tr("Verifying…"), remarks=()))
        self._means.runner.read(
            partial(read_value, client, self.item.name, Done.READ),
            then=self._verified,
            failed=lambda error: self._conclude(
                tr("The secret is set. It could not be read back: {why}", why=error.sentence), Grade.WARNING
            ),
        )

    def _verified(self, value: Value) -> None:
        same = self._sent_digest == digest_of(
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
        explained = self._explain(error)
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
        in_force = self._sent_digest == digest_of(content)
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
        super()._set(replace(state, can_send=ready and (state.ticked or not state.tick)))


def _subtitle(item: SecretItem, means: Means) -> str:
    parts = [f"{item.kind.value}, {item.size_words}"]
    if item.status is Status.SET and item.set_at is not None:
        parts.append(tr("last set {when}", when=last_set(item, means.now())))
    return " · ".join(parts)


def _read_public(client: CoordinatorClient, item: SecretItem) -> Current:
    """Read the present value for what may be kept of it."""
    value = read_value(client, item.name, Done.READ)
    current = Current(value.fingerprint, value.certificate)
    value.wipe()
    return current
