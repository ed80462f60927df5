"""Comparing the value of a secret with another one, or with a file, without showing either. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.client import CoordinatorClient
from marble_console.journal.deeds import Done
from marble_console.pages.secrets.base import Means, SecretsDialog
from marble_console.pages.secrets.listing import Listing, SecretItem
from marble_console.pages.secrets.making import SecretFileUnreadable, content_of
from marble_console.pages.secrets.reading import read_value
from marble_console.parts import Tone
from marble_console.tasks import Generation
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.keypair import KeyPairRefused, read_certificates
from marble_core.manifest.model import SecretName
from marble_core.secretbytes import SecretBytes
from marble_core.secretinput import InputRefused, key_from_file


@dataclass(frozen=True, slots=True)
class CompareState:
    """`others` are the secrets to choose from. `verdict` is what came of it, empty before."""

    name: str
    others: tuple[str, ...] = ()
    busy: bool = False
    verdict: str = ""
    tone: Tone | None = None
    icon: str = ""


class ComparePresenter(SecretsDialog[CompareState]):
    """Compares `item` with what the operator chooses."""

    def __init__(self, item: SecretItem, listing: Listing, means: Means) -> None:
        others = (
            each.name
            for each in listing.items
            if each.may_read
            and each.name != item.name
            and each.kind.is_certificate == item.kind.is_certificate
        )
        super().__init__(means, CompareState(item.name, tuple(others)))
        self._item = item
        self._generation = Generation()

    def close(self) -> None:
        super().close()
        self._generation.next()

    def with_secret(self, other: str) -> None:
        client = self._means.client()
        if client is not None:
            self._start(partial(_with_secret, client, self._item.name, SecretName(other)), other)

    def with_file(self, path: Path) -> None:
        client = self._means.client()
        if client is not None:
            self._start(partial(_with_file, client, self._item, path), path.name)

    def _start(self, job: Callable[[], bool], other: str) -> None:
        current = self._generation.next()
        self._set(CompareState(self.state.name, self.state.others, busy=True))
        self._means.runner.read(
            job, then=current(partial(self._compared, other)), failed=current(self._failed)
        )

    def _compared(self, other: str, same: bool) -> None:
        words = tr("{name} and {other} have the same value.") if same else tr("{name} and {other} differ.")
        self._set(
            replace(
                self.state,
                busy=False,
                verdict=words.format(name=self.state.name, other=other),
                tone=Tone.NEUTRAL if same else Tone.CAUTION,
                icon="equal" if same else "git-compare",
            )
        )

    def _failed(self, error: MarbleError) -> None:
        explained = self._explain(error)
        verdict = f"{explained.sentence} {explained.hint}".strip()
        self._set(replace(self.state, busy=False, verdict=verdict, tone=Tone.FAILED, icon="circle-x"))


def _with_secret(client: CoordinatorClient, name: SecretName, other: SecretName) -> bool:
    first = read_value(client, name, Done.COMPARE)
    try:
        second = read_value(client, other, Done.COMPARE)
        try:
            return first.same_as(second)
        finally:
            second.wipe()
    finally:
        first.wipe()


def _with_file(client: CoordinatorClient, item: SecretItem, path: Path) -> bool:
    """A certificate is compared by its DER; a key also with the text of one; a plain secret byte for byte."""
    content = content_of(path)
    value = read_value(client, item.name, Done.COMPARE)
    try:
        if item.kind.is_certificate:
            try:
                found = read_certificates(content)
            except KeyPairRefused as error:
                raise SecretFileUnreadable(error.sentence, hint=error.hint) from error
            return any(each.public_bytes(Encoding.DER) == value.cert_der for each in found)
        if item.definition.size:
            try:
                return value.secret.same_as(key_from_file(content, item.definition.size))
            except InputRefused:
                return False
        return value.secret.same_as(SecretBytes(content))
    finally:
        value.wipe()
