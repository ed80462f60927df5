"""Going on with a temporary root that no quote can prove: for the recovery alone, and only after two things were typed. No Qt.

When this is offered, the notary decides (`Notary.can_use_unproved`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from marble_client.trust import fingerprint
from marble_console.coordinators.profiles import Profile
from marble_console.parts import Fact
from marble_console.shell_presenter import band
from marble_console.shell_state import BandState
from marble_console.wizard.flow import OPEN, Gate, shut
from marble_console.words import tr
from marble_core.errors import MarbleError

_DIGITS = 64  # of a fingerprint, in hex


@dataclass(frozen=True, slots=True)
class UnprovedState:
    """`missing` is what nobody has verified, line by line. `name` has to be typed as it is."""

    band: BandState | None = None
    facts: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()
    name: str = ""
    wrong: str = ""
    gate: Gate = OPEN
    confirm: str = ""
    problem: str = ""


class View(Protocol):
    def show_state(self, state: UnprovedState) -> None: ...

    def finish(self) -> None: ...


class UnprovedPresenter:
    """`go_on` takes the root for the recovery; it raises MarbleErrors."""

    def __init__(self, profile: Profile, root_der: bytes, go_on: Callable[[], None]) -> None:
        self._profile = profile
        self._fingerprint = fingerprint(root_der)
        self._go_on = go_on
        self._view: View | None = None
        self._compared = ""
        self._name = ""
        self._problem: MarbleError | None = None

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self.state)

    def type_fingerprint(self, text: str) -> None:
        """What the coordinator's own computer shows, with colons or without."""
        self._compared = "".join(text.split()).replace(":", "").lower()
        self._show()

    def type_name(self, text: str) -> None:
        self._name = text
        self._show()

    def confirm(self) -> None:
        if not self.state.gate.is_open:
            return
        try:
            self._go_on()
        except MarbleError as error:
            self._problem = error
            self._show()
            return
        if self._view is not None:
            self._view.finish()

    @property
    def state(self) -> UnprovedState:
        problem = self._problem
        return UnprovedState(
            band(self._profile),
            (
                Fact(tr("Coordinator"), self._profile.name, strong=True),
                Fact(tr("Address"), str(self._profile.address)),
            ),
            (
                tr("That it runs in an enclave, and in which one: it gives out no quote."),
                tr("The processor and its firmware."),
                tr("That the temporary root was made by this coordinator, but for the fingerprint that you compare now."),
            ),
            self._profile.name,
            self._wrong,
            self._gate,
            tr("Use this root for the recovery"),
            f"{problem.sentence} {problem.hint}".strip() if problem is not None else "",
        )  # fmt: skip

    # -- inside ---------------------------------------------------------------------------------------------------
    @property
    def _wrong(self) -> str:
        """What is wrong with the fingerprint that was typed; nothing while it may still become right."""
        if len(self._compared) < _DIGITS and self._fingerprint.startswith(self._compared):
            return ""
        if self._compared == self._fingerprint:
            return ""
        return tr(
            "Another root answers here. Do not go on: somebody may stand between you and the coordinator."
        )

    @property
    def _gate(self) -> Gate:
        if self._compared != self._fingerprint:
            return shut(tr("Enter the fingerprint as the computer of the coordinator shows it."))
        if self._name != self._profile.name:
            return shut(tr("Type the name of the connection to confirm."))
        return OPEN

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(self.state)
