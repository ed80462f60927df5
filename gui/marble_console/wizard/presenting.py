"""What every wizard's presenter does in the same way: walk its flow, do work on a worker, show where it is. No Qt."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from marble_console.parts import Notice, Tone
from marble_console.tasks import Generation, Runner
from marble_console.wizard.flow import Flow, WizardState
from marble_core.errors import MarbleError


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDraft:
    """What the draft of a wizard that works has besides its own: what is being waited for, and what went wrong."""

    busy: str = ""
    problem: MarbleError | None = None


class View(Protocol):
    """What shows a wizard. `pages` is whatever the wizard's own pages show."""

    def show_state(self, wizard: WizardState, pages: Any) -> None: ...

    def finish(self) -> None: ...


D = TypeVar("D", bound=WorkDraft)
V = TypeVar("V", bound=View)


class WizardPresenter(ABC, Generic[D, V]):
    """Walks one flow. A subclass says what is shown (`_shown`) and what is wiped when it is left (`_forget`)."""

    def __init__(self, flow: Flow[D], runner: Runner) -> None:
        self._flow = flow
        self._runner = runner
        self._view: V | None = None
        self._generation = Generation()

    def attach(self, view: V) -> None:
        self._view = view
        self._show()

    @property
    def draft(self) -> D:
        return self._flow.draft

    @property
    def step(self) -> str:
        return self._flow.step

    def forward(self) -> None:
        """The primary button: the next step, or the end."""
        if self.draft.busy:
            return
        if self._flow.is_last:
            self.leave()
        elif self._flow.forward():
            self._update(problem=None)

    def back(self) -> None:
        if not self.draft.busy and self._flow.back():
            self._update(problem=None)

    def leave(self) -> None:
        """End the wizard; what is still under way is of no interest any more."""
        self._generation.next()
        self._forget()
        if self._view is not None:
            self._view.finish()

    # -- for subclasses ---------------------------------------------------------------------------------------------
    @abstractmethod
    def _shown(self) -> tuple[WizardState, object]:
        """The wizard and its pages, as the draft is now."""

    def _forget(self) -> None:
        """Wipe what must not outlive the wizard."""

    def _work(
        self,
        doing: str,
        job: Callable[[], object],
        then: Callable[..., None],
        failed: Callable[[MarbleError], None] | None = None,
        lane: Hashable = None,
    ) -> None:
        """Do something on a worker; the answer to an older question is dropped. In a lane jobs run one after the other."""
        current = self._generation.next()
        self._update(busy=doing, problem=None)

        def done(outcome: object) -> None:
            self._flow.update(replace(self.draft, busy=""))
            then(outcome)
            self._show()

        def went_wrong(error: MarbleError) -> None:
            self._flow.update(replace(self.draft, busy=""))
            (failed or self._failed)(error)

        if lane is None:
            self._runner.read(job, then=current(done), failed=current(went_wrong))
        else:
            self._runner.write(job, lane=lane, then=current(done), failed=current(went_wrong))

    def _failed(self, error: MarbleError) -> None:
        self._update(problem=error)

    def _update(self, **changes: object) -> None:
        self._flow.update(replace(self.draft, **changes))  # type: ignore[arg-type]  # names are those of the draft
        self._show()

    def _show(self) -> None:
        if self._view is not None:
            self._view.show_state(*self._shown())


def problem_notice(error: MarbleError | None) -> Notice | None:
    """What went wrong, as a page shows it."""
    return Notice(error.sentence, error.hint, "circle-x", Tone.FAILED) if error is not None else None
