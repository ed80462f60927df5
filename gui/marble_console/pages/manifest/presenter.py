"""Decides what the manifest page shows and what its actions do. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_client.answers import ServedManifest
from marble_console.pages.manifest.documents import (
    ChangedOnDiskError,
    Document,
    Origin,
    open_document,
    running_document,
    save_document,
)
from marble_console.pages.manifest.state import ManifestState, Tab
from marble_console.parts import Action, BannerState, Cell, ChipState, Notice, Row, Tone
from marble_console.shell_state import StatusText
from marble_console.target import Target
from marble_console.tasks import Generation, Runner
from marble_console.words import ntr, tr
from marble_core.errors import MarbleError
from marble_core.manifest.findings import Finding, Severity

RUNNING = "running"

_LOOKS = {
    Severity.ERROR: (Tone.FAILED, "circle-x"),
    Severity.WARNING: (Tone.CAUTION, "triangle-alert"),
    Severity.ADVICE: (Tone.INFO, "info"),
}


class View(Protocol):
    """What the presenter wants of the page."""

    def show_state(self, state: ManifestState) -> None: ...


class Elsewhere(Protocol):
    """What the presenter asks of the rest of the console."""

    def compare(self, document: Document) -> None: ...

    def set_manifest(self, document: Document) -> None: ...


@dataclass
class _Open:
    """A document in a tab, with what is known of it."""

    document: Document
    findings: tuple[Finding, ...] | None = None
    fingerprint: str = ""
    facts: tuple[str, ...] = ()  # these two as last checked: computing them takes time on large documents
    typed: bool = False  # the operator typed since the text was last taken over
    generation: Generation = field(default_factory=Generation)


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a check found of a document's bytes."""

    findings: tuple[Finding, ...]
    fingerprint: str
    facts: tuple[str, ...]


class ManifestPresenter:
    """Documents in tabs, their problems, and the actions on the one in front."""

    def __init__(
        self, runner: Runner, elsewhere: Elsewhere, check: Callable[[bytes], Sequence[Finding]]
    ) -> None:
        self._runner = runner
        self._elsewhere = elsewhere
        self._check = check
        self._view: View | None = None
        self._open: dict[str, _Open] = {}
        self._current = ""
        self._revision = 0
        self._numbered = 0
        self._target: Target | None = None
        self._banner: BannerState | None = None
        self._retry: Callable[[], None] | None = None
        self._running = Generation()
        self._state = ManifestState()
        self._render()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self._state)

    @property
    def state(self) -> ManifestState:
        return self._state

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that are open, as last taken over from the editor; without the manifest in force."""
        return tuple(opened.document for key, opened in self._open.items() if key != RUNNING)

    # -- the coordinator ------------------------------------------------------------------------------------------
    def set_target(self, target: Target | None) -> None:
        """Take note of the coordinator in hand; the tab of its manifest follows what is in force."""
        before, self._target = self._target, target
        running = target.running if target is not None else None
        if RUNNING in self._open and (before is None or before.running != running):
            if running is None:
                self.close(RUNNING)
            else:
                self._show_running(running, focus=False)
        self._render()

    def open_running(self) -> None:
        """Show the manifest in force in its own tab."""
        if self._target is None or self._target.running is None:
            return
        self._show_running(self._target.running, focus=True)

    def _show_running(self, running: ServedManifest, *, focus: bool) -> None:
        def arrived(document: Document) -> None:
            self._put(RUNNING, document, focus=focus or self._current == RUNNING)

        self._runner.read(
            partial(running_document, tr("Running"), running.raw),
            then=self._running.next()(arrived),
            failed=partial(self._failed, icon="circle-x"),
        )

    # -- files ----------------------------------------------------------------------------------------------------
    def open_path(self, path: Path) -> None:
        """Open a file in a tab, or bring its tab to the front."""
        key = str(path.resolve())
        if key in self._open:
            self.select(key)
            return
        self._runner.read(
            partial(open_document, path),
            then=partial(self._put, key),
            failed=partial(self._failed, icon="circle-x"),
        )

    def paste(self, raw: bytes) -> None:
        """Open bytes that come from no file."""
        self._numbered += 1
        key = f"draft-{self._numbered}"
        self._put(key, Document(tr("Draft {number}", number=self._numbered), raw, Origin.FILE))

    def save(self, path: Path | None = None, *, overwrite_changes: bool = False) -> None:
        """Save the document in front, byte for byte; to `path`, or where it came from."""
        opened = self._open.get(self._current)
        if opened is None:
            return
        target = path or opened.document.path
        if target is None:
            raise ValueError("a document without a file needs a path")
        job = partial(save_document, opened.document, target, overwrite_changes=overwrite_changes)
        self._runner.write(
            job,
            lane=str(target),
            then=partial(self._saved, self._current),
            failed=partial(self._save_failed, path),
        )

    def _saved(self, key: str, saved: Document) -> None:
        self._banner = None
        opened = self._open.pop(key, None)
        if opened is None:
            return
        # Typing may have gone on while the file was written: the newer bytes stay, the stored ones are what was saved.
        if saved.origin is not opened.document.origin:
            kept = saved
        else:
            kept = replace(saved, raw=opened.document.raw)
        opened.document = kept
        new_key = str(kept.path)
        self._open = {k: v for k, v in self._open.items() if k != new_key} | {new_key: opened}
        if self._current == key:
            self._current = new_key
            self._revision += kept.not_editable_because != self._state.read_only
        self._render()

    def _save_failed(self, path: Path | None, error: MarbleError) -> None:
        if isinstance(error, ChangedOnDiskError):
            self._retry = partial(self.save, path, overwrite_changes=True)
            actions = (
                Action("reload", tr("Open it again")),
                Action("overwrite", tr("Overwrite that change"), "danger"),
            )
            self._failed(error, icon="triangle-alert", actions=actions)
        else:
            self._failed(error, icon="circle-x")

    def overwrite(self) -> None:
        """Save in spite of a change on disk, as the operator decided."""
        retry, self._retry, self._banner = self._retry, None, None
        if retry is not None:
            retry()

    def reload(self) -> None:
        """Drop the edits of the document in front and read its file again."""
        opened = self._open.get(self._current)
        self._banner = None
        if opened is None or opened.document.path is None:
            self._render()
            return
        self._runner.read(
            partial(open_document, opened.document.path),
            then=partial(self._put, self._current),
            failed=partial(self._failed, icon="circle-x"),
        )

    # -- tabs -----------------------------------------------------------------------------------------------------
    def select(self, key: str) -> None:
        if key in self._open and key != self._current:
            self._current = key
            self._revision += 1
            self._render()

    def close(self, key: str) -> None:
        """Close a tab without asking: the page asks first where edits would be lost."""
        if self._open.pop(key, None) is None:
            return
        if key == self._current:
            self._current = next(reversed(self._open), "")
            self._revision += 1
        self._render()

    def unsaved(self, key: str | None = None) -> tuple[str, ...]:
        """The titles of documents with edits that no file has: of one tab, or of all."""
        keys = self._open if key is None else (key,)
        return tuple(
            self._open[k].document.title for k in keys if k in self._open and self._is_modified(self._open[k])
        )

    def _put(self, key: str, document: Document, *, focus: bool = True) -> None:
        self._open[key] = _Open(document)
        self._banner = None
        if focus:
            self._current = key
            self._revision += 1
        self._render()
        self._check_document(key)

    # -- text -----------------------------------------------------------------------------------------------------
    def touched(self) -> None:
        """The operator typed. The text is taken over at the next pause: taking megabytes at each key would be felt."""
        opened = self._open.get(self._current)
        if opened is not None and not opened.typed:
            opened.typed = True
            self._render()

    def take_text(self, text: str) -> None:
        """Take over what the editor holds, and check it."""
        opened = self._open.get(self._current)
        if opened is None or not opened.typed:
            return
        opened.typed = False
        opened.document = opened.document.with_text(text)
        self._check_document(self._current)

    def _check_document(self, key: str) -> None:
        opened = self._open[key]
        current = opened.generation.next()
        self._runner.read(
            partial(_checked, self._check, opened.document),
            then=current(partial(self._checked, key)),
            failed=partial(self._failed, icon="circle-x"),
        )

    def _checked(self, key: str, checked: _Checked) -> None:
        if key in self._open:
            self._open[key].findings = checked.findings
            self._open[key].facts = checked.facts
            self._open[key].fingerprint = checked.fingerprint
            self._render()

    # -- actions --------------------------------------------------------------------------------------------------
    def compare(self) -> None:
        if self._current:
            self._elsewhere.compare(self._open[self._current].document)

    def set_manifest(self) -> None:
        if self._state.deploy.enabled:
            self._elsewhere.set_manifest(self._open[self._current].document)

    def dismiss_banner(self) -> None:
        self._banner = None
        self._render()

    # -- showing --------------------------------------------------------------------------------------------------
    def _failed(self, error: MarbleError, *, icon: str, actions: tuple[Action, ...] = ()) -> None:
        actions = (Action("dismiss", tr("Dismiss"), "quiet"), *actions)
        self._banner = BannerState("manifest", Tone.FAILED, icon, error.sentence, error.hint, actions)
        self._render()

    def _is_modified(self, opened: _Open) -> bool:
        return opened.document.modified or opened.typed

    def _render(self) -> None:
        opened = self._open.get(self._current)
        findings = (opened.findings or ()) if opened is not None else ()
        self._state = ManifestState(
            tabs=tuple(self._tab(key, entry) for key, entry in self._open.items()),
            current=self._current,
            document=opened.document if opened is not None else None,
            revision=self._revision,
            findings=findings,
            problems=tuple(problem_row(index, finding) for index, finding in enumerate(findings)),
            counts=_counts(findings),
            verdict=self._verdict(opened),
            facts=self._facts(opened),
            banner=self._banner,
            empty=None if opened is not None else self._empty(),
            read_only=opened.document.not_editable_because if opened is not None else "",
            save=self._save_action(opened),
            compare=Action(
                "compare",
                tr("Compare"),
                icon="git-compare",
                enabled=opened is not None,
                reason=tr("No manifest is open."),
            ),
            note=self._note(opened),
            deploy=self._deploy_action(opened),
        )
        if self._view is not None:
            self._view.show_state(self._state)

    def _tab(self, key: str, opened: _Open) -> Tab:
        running = opened.document.origin is Origin.RUNNING
        tooltip = str(opened.document.path or opened.document.title)
        icon = "server" if running else "file-code-2"
        return Tab(key, opened.document.title, icon, self._is_modified(opened), tooltip)

    def _verdict(self, opened: _Open | None) -> ChipState | None:
        if opened is None:
            return None
        if opened.findings is None:
            return ChipState(tr("Checking"), Tone.NEUTRAL, "circle-dashed")
        errors = sum(finding.severity is Severity.ERROR for finding in opened.findings)
        if errors:
            text = ntr("{count} error blocks setting", "{count} errors block setting", errors)
            return ChipState(text, Tone.FAILED, "circle-x")
        return ChipState(tr("No errors"), Tone.NEUTRAL, "check")

    def _facts(self, opened: _Open | None) -> tuple[str, ...]:
        if opened is None:
            return ()
        if not opened.fingerprint:
            return ()
        facts = [f"SHA-256 {opened.fingerprint[:8]}…{opened.fingerprint[-8:]}"]
        running = self._target.running if self._target is not None else None
        if running is not None and opened.document.origin is not Origin.RUNNING:
            same = running.fingerprint == opened.fingerprint
            facts.append(tr("same as running") if same else tr("differs from running"))
        return (*facts, *opened.facts)

    def _empty(self) -> Notice:
        can_load = self._target is not None and self._target.running is not None
        actions = (
            Action("open", tr("Open a manifest file…"), "primary", "folder-open"),
            Action(
                "running",
                tr("Load from coordinator"),
                icon="server",
                enabled=can_load,
                reason=self._no_running_because(),
            ),
        )
        return Notice(
            tr("No manifest is open"),
            tr(
                "A manifest names the packages, marbles, secrets and users of a deployment. Drop a file here, or open one."
            ),
            "file-code-2",
            actions=actions,
        )

    def _no_running_because(self) -> str:
        if self._target is None:
            return tr("No coordinator is connected.")
        if self._target.running is None:
            return tr("{name} has no manifest in force.", name=self._target.name)
        return ""

    def _save_action(self, opened: _Open | None) -> Action:
        enabled = opened is not None and (self._is_modified(opened) or opened.document.path is None)
        return Action("save", tr("Save"), icon="download", enabled=enabled, reason=tr("Nothing to save."))

    def _note(self, opened: _Open | None) -> str:
        """Why this coordinator takes no manifest now, whatever the manifest is like."""
        if opened is None:
            return ""
        if self._target is None:
            return tr("No coordinator is connected.")
        return self._target.not_settable_because

    def _deploy_action(self, opened: _Open | None) -> Action:
        reason = ""
        if opened is None:
            reason = tr("No manifest is open.")
        elif self._target is None:
            reason = tr("No coordinator is connected.")
        elif opened.findings is None or opened.typed:
            reason = tr("The manifest is being checked.")
        elif any(finding.severity is Severity.ERROR for finding in opened.findings):
            reason = tr("The coordinator would refuse it: see the problems.")
        else:
            reason = self._target.not_settable_because
        return Action("deploy", tr("Set manifest…"), "primary", "send", enabled=not reason, reason=reason)


def _checked(check: Callable[[bytes], Sequence[Finding]], document: Document) -> _Checked:
    """Runs on a worker, together with what else takes time on a large document."""
    findings = tuple(sorted(check(document.raw), key=_by_severity_and_place))
    return _Checked(findings, document.fingerprint, (document.facts,))


def _by_severity_and_place(finding: Finding) -> tuple[int, int]:
    return finding.severity, finding.span.start.offset if finding.span is not None else -1


def problem_row(index: int, finding: Finding) -> Row:
    """A row of the problem list; its key is the index of the finding."""
    tone, icon = _LOOKS[finding.severity]
    word = {Severity.ERROR: tr("Error"), Severity.WARNING: tr("Warning"), Severity.ADVICE: tr("Advice")}
    place = f"{finding.span.start.line}:{finding.span.start.column}" if finding.span is not None else ""
    return Row(
        str(index),
        (
            Cell(
                word[finding.severity],
                icon=icon,
                tone=tone,
                strong=True,
                tooltip=f"{word[finding.severity]} {finding.rule} {place}".strip(),
            ),
            Cell(finding.rule, mono=True, colour="text2"),
            Cell(place, mono=True, colour="text2"),
            Cell(finding.path, mono=True, elide_middle=True),
            Cell(finding.sentence),
        ),
    )


def _counts(findings: Sequence[Finding]) -> tuple[ChipState, ...]:
    found = Counter(finding.severity for finding in findings)
    return tuple(
        ChipState(str(found[severity]), tone, icon)
        for severity, (tone, icon) in _LOOKS.items()
        if found[severity]
    )


def problems_text(findings: Sequence[Finding]) -> StatusText:
    """How many problems there are, for the status bar: "1 error, 2 warnings"."""
    found = Counter(finding.severity for finding in findings)
    if not found:
        return StatusText(tr("No problems"), "circle-check")
    words = (
        (Severity.ERROR, ntr("{count} error", "{count} errors", found[Severity.ERROR])),
        (Severity.WARNING, ntr("{count} warning", "{count} warnings", found[Severity.WARNING])),
        (Severity.ADVICE, ntr("{count} advice", "{count} advice", found[Severity.ADVICE])),
    )
    tone, icon = _LOOKS[min(found)]
    return StatusText(", ".join(text for severity, text in words if found[severity]), icon, tone)
