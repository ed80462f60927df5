"""Decides what the coordinator page says and does. No Qt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.coordinators.bundled import Situation, Stage
from marble_console.coordinators.logline import LogLine
from marble_console.coordinators.problems import BundledProblem, FolderForbidden, PortsTaken, StateUnusable
from marble_console.files import replace_file
from marble_console.pages.coordinator.state import CoordinatorPageState, LevelFilter, LogText
from marble_console.parts import Action, ChipState, Fact, Notice, Tone
from marble_console.tasks import Runner
from marble_console.words import tr
from marble_core.errors import MarbleError

_ENDED = 8  # lines of a crashed coordinator's log that are quoted in the notice


class Coordinator(Protocol):
    """What the page needs of the bundled coordinator."""

    folder: Path

    @property
    def situation(self) -> Situation: ...

    @property
    def log(self) -> tuple[LogLine, ...]: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def restart(self) -> None: ...


class View(Protocol):
    def show_state(self, state: CoordinatorPageState) -> None: ...

    def show_log(self, lines: Sequence[LogText]) -> None:
        """Show these lines and no others."""
        ...

    def append_log(self, lines: Sequence[LogText]) -> None: ...


class LogNotSaved(MarbleError):
    """The log could not be written to a file."""

    code = "log_not_saved"


class CoordinatorPresenter:
    """One bundled coordinator. `now` gives the time with its zone; `folder_chosen` keeps the operator's choice.

    `to_recovery` leads to the page that backs up the state, and lets its recovery be practised.
    """

    def __init__(
        self,
        coordinator: Coordinator,
        runner: Runner,
        *,
        now: Callable[[], dt.datetime],
        folder_chosen: Callable[[Path], None],
        to_recovery: Callable[[], None],
    ) -> None:
        self._coordinator = coordinator
        self._runner = runner
        self._now = now
        self._folder_chosen = folder_chosen
        self._to_recovery = to_recovery
        self._view: View | None = None
        self._since: dt.datetime | None = None
        self._waiting: list[LogLine] = []
        self._state = CoordinatorPageState(ChipState(""))
        self.situation_changed()

    @property
    def state(self) -> CoordinatorPageState:
        return self._state

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self._state)
        view.show_log(self._shown())

    # What the coordinator reports, on the thread of the window

    def situation_changed(self) -> None:
        situation = self._coordinator.situation
        if situation.stage is not Stage.RUNNING:
            self._since = None
        elif self._since is None:
            self._since = self._now()
        self._set(
            chip=_chip(situation.stage),
            facts=self._facts(situation),
            actions=() if situation.problem else _actions(situation.stage),
            problem=_notice(situation),
        )

    def logged(self, lines: Sequence[LogLine]) -> None:
        """New lines have come."""
        if self._state.paused:
            self._waiting.extend(lines)
            self._set(waiting=len(self._waiting))
        elif self._view is not None:
            self._view.append_log([_text(line) for line in lines if line.level >= self._state.level.lowest])

    # What the operator does

    def act(self, key: str) -> None:
        """One of the actions of the state; `choose` and `open` are for the page, which has the dialogs."""
        {
            "start": self._coordinator.start,
            "stop": self._coordinator.stop,
            "restart": self._coordinator.restart,
            "recovery": self._to_recovery,
        }[key]()

    def choose_folder(self, folder: Path) -> None:
        """Keep the state in another folder, and start there."""
        if self._coordinator.situation.stage.is_down:
            self._coordinator.folder = folder
            self._folder_chosen(folder)
            self._coordinator.start()

    @property
    def folder(self) -> Path:
        return self._coordinator.folder

    def set_level(self, level: LevelFilter) -> None:
        self._set(level=level)
        if self._view is not None:
            self._view.show_log(self._shown())

    def set_paused(self, *, paused: bool) -> None:
        """Hold the view still; lines that come meanwhile are shown when it goes on."""
        self._set(paused=paused, waiting=0)
        self._waiting.clear()
        if not paused and self._view is not None:
            self._view.show_log(self._shown())

    def log_text(self) -> str:
        """The lines that the filter shows, as the coordinator wrote them."""
        return "".join(f"{line.raw}\n" for line in self._filtered())

    def save_log(self, path: Path) -> None:
        self._runner.write(
            partial(_save, path, self.log_text().encode()),
            lane=str(path),
            then=lambda _: self._set(saved=tr("Saved to {path}", path=path)),
            failed=lambda error: self._set(saved=f"{error.sentence} {error.hint}"),
        )

    def _filtered(self) -> list[LogLine]:
        return [line for line in self._coordinator.log if line.level >= self._state.level.lowest]

    def _shown(self) -> list[LogText]:
        return [_text(line) for line in self._filtered()]

    def _set(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type] # the names are those of the state's fields
        if self._view is not None:
            self._view.show_state(self._state)

    def _facts(self, situation: Situation) -> tuple[Fact, ...]:
        facts = []
        if ready := situation.ready:
            facts += [
                Fact(
                    tr("Client API"),
                    f"https://{ready.address}",
                    tooltip=tr("Only programs on this computer reach it."),
                ),
                Fact(tr("Marbles connect to"), f"127.0.0.1:{ready.mesh_port}"),
                Fact(tr("Root certificate"), ready.root_sha256, fingerprint=True),
            ]
        facts.append(Fact(tr("Data folder"), str(self._coordinator.folder), mono=True))
        if self._since is not None:
            facts.append(Fact(tr("Running since"), f"{self._since.astimezone():%H:%M:%S}"))
        if situation.ready:
            facts.append(Fact(tr("Version"), situation.ready.version))
        facts.append(
            Fact(
                tr("Protection"),
                tr("None. Simulation: the sealing key lies beside the data"),
                Tone.CAUTION,
                tooltip=tr(
                    "Whoever can read the data folder can read every secret in it. Use it for trying things only."
                ),
            )
        )
        return tuple(facts)


def _chip(stage: Stage) -> ChipState:
    return {
        Stage.STOPPED: ChipState(tr("Stopped"), Tone.NEUTRAL, "circle-dashed"),
        Stage.STARTING: ChipState(tr("Starting"), Tone.INFO, "hourglass"),
        Stage.RUNNING: ChipState(tr("Running"), Tone.NEUTRAL, "circle-dot"),
        Stage.STOPPING: ChipState(tr("Stopping"), Tone.INFO, "hourglass"),
        Stage.CRASHED: ChipState(tr("Crashed"), Tone.FAILED, "octagon-alert"),
        Stage.FAILED: ChipState(tr("Could not start"), Tone.FAILED, "octagon-alert"),
    }[stage]


def _actions(stage: Stage) -> tuple[Action, ...]:
    running = stage is Stage.RUNNING
    not_running = "" if running else tr("It is not running.")
    stop_reason = "" if running or stage is Stage.STARTING else tr("It is not running.")
    if stage.is_down:
        return (Action("start", tr("Start coordinator"), "primary", "play"),)
    return (
        Action("recovery", tr("Back up or practise…"), icon="life-buoy"),
        Action("restart", tr("Restart"), icon="rotate-cw", enabled=running, reason=not_running),
        Action("stop", tr("Stop"), icon="square", enabled=not stop_reason, reason=stop_reason),
    )


def _notice(situation: Situation) -> Notice | None:
    problem = situation.problem
    if problem is None:
        return None
    choose = Action("choose", tr("Choose another folder…"))
    show = Action("open", tr("Open the folder"))
    again = Action("start", tr("Start again"), "primary")
    actions: tuple[Action, ...]
    match problem:
        case FolderForbidden():
            actions = (replace(choose, kind="primary"), replace(again, kind="secondary"))
        case StateUnusable():
            actions = (replace(show, kind="primary"), choose, replace(again, kind="secondary"))
        case PortsTaken():
            actions = (again,)
        case _:
            actions = (again, show)
    last_words = _last_words(problem, situation)
    return Notice(
        problem.sentence,
        problem.hint,
        "octagon-alert",
        Tone.FAILED,
        actions,
        last_words,
        tr("The end of its log"),
        raw_open=True,
    )


def _last_words(problem: BundledProblem, situation: Situation) -> str:
    """The end of its log; its own reason is in there, unless it never wrote one."""
    lines = [f"{line.level.name:5} {line.message}" for line in situation.log_end[-_ENDED:]]
    return "\n".join(lines) or problem.detail


def _text(line: LogLine) -> LogText:
    time = f"{line.time.astimezone():%H:%M:%S}.{line.time.microsecond // 1000:03}" if line.time else ""
    fields = " ".join(f"{name}={value}" for name, value in line.fields.items())
    return LogText(time, line.level, f"{line.message}  {fields}".rstrip())


def _save(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content)
    except OSError as error:
        raise LogNotSaved(
            tr(
                "{name} cannot be written: {reason}.",
                name=path.name,
                reason=(error.strerror or str(error)).lower(),
            ),
            hint=tr("Choose another place."),
        ) from error
