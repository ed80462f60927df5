"""A wizard as a table of steps. No Qt.

Each step has a gate, which says what is missing while it is shut, and names the step that follows, which may depend on
what was entered. The window only shows where the flow is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Generic, TypeVar

from marble_console.parts import Action, ChipState, Fact, Tone
from marble_console.shell_state import BandState

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a step may be left forwards, and what the foot says of it: what is missing, or what is settled."""

    is_open: bool
    text: str = ""
    icon: str = ""
    tone: Tone | None = None


OPEN = Gate(is_open=True)


def shut(text: str) -> Gate:
    """A gate that tells what is missing."""
    return Gate(is_open=False, text=text, icon="circle-alert", tone=Tone.CAUTION)


class Progress(Enum):
    DONE = auto()
    CURRENT = auto()
    AHEAD = auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """A step as the side of the window shows it."""

    key: str
    title: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Step(Generic[D]):
    """`follows` gives the key of the next step, None at the end. `may_return` is False once going back would lie."""

    title: str
    follows: Callable[[D], str | None]
    gate: Callable[[D], Gate] = lambda _: OPEN
    may_return: Callable[[D], bool] = lambda _: True


class Flow(Generic[D]):
    """Where a wizard is, and the draft it works on. The draft is frozen; `update` replaces it."""

    def __init__(self, steps: Mapping[str, Step[D]], first: str, draft: D) -> None:
        self._steps = steps
        self._path = [first]
        self.draft = draft

    @property
    def step(self) -> str:
        return self._path[-1]

    @property
    def gate(self) -> Gate:
        return self._steps[self.step].gate(self.draft)

    @property
    def is_last(self) -> bool:
        return self._steps[self.step].follows(self.draft) is None

    @property
    def may_return(self) -> bool:
        return len(self._path) > 1 and self._steps[self.step].may_return(self.draft)

    def update(self, draft: D) -> None:
        self.draft = draft

    def forward(self) -> bool:
        """Go to the step that follows, if the gate is open; says whether it was and there is one."""
        following = self._steps[self.step].follows(self.draft)
        if not self.gate.is_open or following is None:
            return False
        self._path.append(following)
        return True

    def back(self) -> bool:
        """Go to the step before, if that is allowed."""
        if not self.may_return:
            return False
        self._path.pop()
        return True

    def return_to(self, step: str) -> None:
        """Go back to a step gone through, whatever the ones between say: what they did is done, or came to nothing."""
        while self.step != step:
            self._path.pop()

    def jump(self, step: str) -> None:
        """Go on to a step that lies ahead, whatever the gates of those between say: they have nothing left to ask."""
        while self.step != step:
            following = self._steps[self.step].follows(self.draft)
            if following is None:
                raise ValueError(f"{step} does not lie ahead")
            self._path.append(following)

    def outline(self) -> tuple[Mark, ...]:
        """The steps gone through, the present one, and those that would follow as things stand."""
        marks = [Mark(key, self._steps[key].title, Progress.DONE) for key in self._path[:-1]]
        marks.append(Mark(self.step, self._steps[self.step].title, Progress.CURRENT))
        seen = set(self._path)
        key = self._steps[self.step].follows(self.draft)
        while key is not None and key not in seen:
            seen.add(key)
            marks.append(Mark(key, self._steps[key].title, Progress.AHEAD))
            key = self._steps[key].follows(self.draft)
        return tuple(marks)


@dataclass(frozen=True, slots=True)
class WizardState:
    """What the dialog shows. `page` is the key of the page in front; `side` stands at the foot of the side.

    `leave` is the button that ends the wizard without going on; None where it must not be left, and then `must_stay`
    says why. `busy` is what is being waited for, empty for nothing.
    """

    title: str
    page: str
    heading: str
    subtitle: str = ""
    chips: tuple[ChipState, ...] = ()
    band: BandState | None = None
    steps: tuple[Mark, ...] = ()
    side: tuple[Fact, ...] = ()
    gate: Gate = OPEN
    primary: Action = field(default_factory=lambda: Action("forward", "", "primary"))
    back: Action | None = None
    leave: Action | None = None
    must_stay: str = ""
    busy: str = ""
