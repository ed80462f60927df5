"""What the dialogs about secrets have in common: what they work with, the state that they show, and how a refusal is told. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from marble_client.client import CoordinatorClient
from marble_console.pages.secrets.reading import explain_refusal
from marble_console.tasks import Runner
from marble_core.errors import MarbleError
from marble_core.manifest.model import SecretName
from marble_core.usersecrets import UserSecret

State = TypeVar("State")
State_contra = TypeVar("State_contra", contravariant=True)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Means:
    """`client` gives the one to ask, None while nothing is connected; `acting` is the name of who asks, for refusals.

    What changes something waits its turn in the `lane`, and `done` is called when something was changed.
    """

    runner: Runner
    client: Callable[[], CoordinatorClient | None]
    now: Callable[[], dt.datetime]
    acting: str = ""
    lane: Hashable = None
    done: Callable[[], None] = _nothing


class View(Protocol[State_contra]):
    def show_state(self, state: State_contra) -> None: ...


class SecretsDialog(Generic[State]):
    """The presenter of one dialog: its state, and who shows it until it is closed."""

    def __init__(self, means: Means, state: State) -> None:
        self._means = means
        self._view: View[State] | None = None
        self.state = state

    def attach(self, view: View[State]) -> None:
        self._view = view
        view.show_state(self.state)

    def close(self) -> None:
        """The dialog is over; what is still to come is nobody's."""
        self._view = None

    def _write(
        self,
        client: CoordinatorClient,
        name: SecretName,
        value: UserSecret,
        *,
        then: Callable[[], None],
        failed: Callable[[MarbleError], None],
    ) -> None:
        """Set one secret. What was sent has an outcome, whatever the operator does meanwhile: no answer is dropped."""
        self._means.runner.write(
            lambda: client.write_secrets({name: value}),
            lane=self._means.lane,
            then=lambda _: then(),
            failed=failed,
        )

    def _explain(self, error: MarbleError) -> MarbleError:
        """The error in the terms of who acts."""
        return explain_refusal(error, self._means.acting)

    def _set(self, state: State) -> None:
        self.state = state
        if self._view is not None:
            self._view.show_state(state)
