"""Decides what the manifest page shows and what its actions do. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from marble_console.acceptances import accept_beside
from marble_console.draftplace import DraftPlace
from marble_console.pages.manifest.checking import Check, Checked, checked
from marble_console.pages.manifest.desk import EFFECTIVE, RUNNING, Desk, Opened
from marble_console.pages.manifest.documents import (
    ChangedOnDiskError,
    Document,
    Origin,
    open_document,
    save_document,
)
from marble_console.pages.manifest.drafting import Drafting
from marble_console.pages.manifest.inforce import Difference, InForce
from marble_console.pages.manifest.keeping import Keeper
from marble_console.pages.manifest.newones import new_manifest
from marble_console.pages.manifest.served import Served
from marble_console.pages.manifest.showing import shown
from marble_console.pages.manifest.state import ManifestState
from marble_console.pages.manifest.watching import Watching
from marble_console.parts import Action, BannerState, Tone
from marble_console.target import Target
from marble_console.tasks import Runner
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest.accepted import Acceptance
from marble_core.manifest.findings import Severity

__all__ = ["RUNNING", "Elsewhere", "ManifestPresenter", "View"]


class View(Protocol):
    """What the presenter wants of the page."""

    def show_state(self, state: ManifestState) -> None: ...

    def show_texts(self, title: str, before: str, after: str) -> None:
        """Show two texts side by side."""
        ...


class Elsewhere(Protocol):
    """What the presenter asks of the rest of the console."""

    def compare(self, document: Document) -> None: ...

    def set_manifest(self, document: Document) -> None: ...

    def new_certificate(self, place: DraftPlace) -> None: ...

    def new_recovery_key(self, place: DraftPlace) -> None: ...


class ManifestPresenter:
    """Documents in tabs, their problems, and the actions on the one in front."""

    def __init__(
        self, runner: Runner, elsewhere: Elsewhere, check: Check, keeper: Keeper | None = None
    ) -> None:
        self._runner = runner
        self._elsewhere = elsewhere
        self._check = check
        self._keeper = keeper
        self._view: View | None = None
        self._desk = Desk()
        self._target: Target | None = None
        self._banner: BannerState | None = None
        self._retry: Callable[[], None] | None = None
        self._drafting = Drafting(runner, keeper, self) if keeper is not None else None
        self._served = Served(runner, self._desk, self)
        self._watching = Watching(runner, self._desk, self)
        self._numbered = 0
        self._recent = keeper.recent() if keeper is not None else ()
        self._state = ManifestState()
        self.render()

    def attach(self, view: View) -> None:
        self._view = view
        view.show_state(self._state)

    @property
    def state(self) -> ManifestState:
        return self._state

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that are open, as last taken over from the editor; without the manifest in force."""
        return tuple(it.sendable for it in self._desk if it.key not in {RUNNING, EFFECTIVE})

    # -- the coordinator ------------------------------------------------------------------------------------------
    def set_target(self, target: Target | None) -> None:
        """Take note of the coordinator in hand; the tab of its manifest follows what is in force."""
        self._target = target
        self._served.follow(target)
        self.render()

    def open_running(self, then: Callable[[], None] = lambda: None) -> None:
        """Show the manifest in force, as it was submitted, in its own tab; `then` is called once it is there."""
        self._served.show(RUNNING, then=then)

    def open_effective(self) -> None:
        """Show the manifest in force, with what was raised since, in its own tab."""
        self._served.show(EFFECTIVE)

    def put_served(self, found: InForce, key: str, *, focus: bool) -> None:
        """Open what the coordinator has, or show it anew in its tab."""
        focus = focus or self._desk.current == key
        self._put(found.document, key, focus=focus, differences=found.differences)

    # -- documents ------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """Open what was open last time, and offer the drafts that a crash has left."""
        if self._keeper is None or self._drafting is None:
            return
        tabs = self._keeper.tabs()
        for path in tabs.paths:
            self._runner.read(
                partial(open_document, path),
                then=partial(self._put_back, is_front=path == tabs.front),
                failed=_gone,  # a file that is no longer there is not what anybody came for
            )
        self._drafting.begin()

    def open_path(self, path: Path) -> None:
        """Open a file in a tab, or bring its tab to the front."""
        there = self._desk.at(path)
        if there is not None:
            self.select(there.key)
            return
        self._runner.read(
            partial(open_document, path),
            then=self._put_file,
            failed=partial(self.failed, icon="circle-x"),
        )

    def paste(self, raw: bytes, title: str = "") -> None:
        """Open bytes that come from no file."""
        self._numbered += 1
        self._put(Document(title or tr("Draft {number}", number=self._numbered), raw, Origin.FILE))

    def new_from(self, template: str) -> None:
        """Open a new manifest that is made from the model."""
        self.paste(new_manifest(template))

    def put_draft(self, document: Document) -> None:
        """Open what a crash has left."""
        there = self._desk.at(document.path) if document.path is not None else None
        self._put(document, there.key if there is not None else "")

    def _put_back(self, document: Document, *, is_front: bool) -> None:
        if document.path is not None and self._desk.at(document.path) is None:
            self._put(document, focus=is_front and self._desk.front is None)

    def _put_file(self, document: Document) -> None:
        # Asked for twice before the first answer came: the second one finds it open.
        there = self._desk.at(document.path) if document.path is not None else None
        if there is not None and there.is_modified:
            self.select(there.key)
        else:
            self._put(document, there.key if there is not None else "")

    def _put(
        self,
        document: Document,
        key: str = "",
        *,
        focus: bool = True,
        differences: tuple[Difference, ...] = (),
    ) -> None:
        opened = self._desk.put(document, key, focus=focus, differences=differences)
        if self._banner is not None and self._banner.key == "manifest":
            self._banner = None
        self._note_tabs(document.path)
        self.render()
        self._look_through(opened)

    def _note_tabs(self, path: Path | None = None) -> None:
        if self._keeper is not None:
            self._keeper.keep_tabs(self._desk.tabs())
            if path is not None:
                self._keeper.note_recent(path)
                self._recent = self._keeper.recent()

    # -- saving ---------------------------------------------------------------------------------------------------
    def save(
        self,
        path: Path | None = None,
        *,
        key: str = "",
        overwrite_changes: bool = False,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Save a document, the one in front if no other is named, byte for byte; to `path`, or where it came from."""
        opened = self._desk.get(key or self._desk.current)
        if opened is None:
            return
        target = path or opened.document.path
        if target is None:
            raise ValueError("a document without a file needs a path")
        self._runner.write(
            partial(save_document, opened.document, target, overwrite_changes=overwrite_changes),
            lane=str(target),
            then=partial(self._saved, opened, then),
            failed=partial(self._save_failed, path, opened.key),
        )

    def _saved(self, opened: Opened, then: Callable[[], None] | None, saved: Document) -> None:
        self._banner = None
        # Typing may have gone on while the file was written: the newer bytes stay, the stored ones are what was saved.
        was = opened.document
        opened.document = saved if saved.origin is not was.origin else replace(saved, raw=was.raw)
        opened.kept_mine = None
        if was.origin is not Origin.FILE:  # a copy was saved: it is a document of its own
            self._desk.close(opened.key)
            self._put(opened.document)
        other = next((it for it in self._desk if it is not opened and it.document.path == saved.path), None)
        if other is not None and self._desk.get(opened.key) is opened:
            self._desk.close(other.key)
        if self._drafting is not None:
            self._drafting.drop(opened.key)
        self._note_tabs(saved.path)
        self._look_through(opened)
        self.render()
        if then is not None:
            then()

    def _save_failed(self, path: Path | None, key: str, error: MarbleError) -> None:
        if isinstance(error, ChangedOnDiskError):
            self._retry = partial(self.save, path, key=key, overwrite_changes=True)
            actions = (
                Action("reload", tr("Open it again")),
                Action("overwrite", tr("Overwrite that change"), "danger"),
            )
            self.failed(error, icon="triangle-alert", actions=actions)
        else:
            self.failed(error, icon="circle-x")

    def overwrite(self) -> None:
        """Save in spite of a change on disk, as the operator decided."""
        retry, self._retry, self._banner = self._retry, None, None
        if retry is not None:
            retry()

    def reload(self) -> None:
        """Drop the edits of the document in front and read its file again."""
        opened = self._desk.front
        self._banner = None
        if opened is None or opened.document.path is None:
            self.render()
            return
        self._runner.read(
            partial(open_document, opened.document.path),
            then=partial(self._put, key=opened.key),
            failed=partial(self.failed, icon="circle-x"),
        )

    def look_at_disk(self) -> None:
        """Find out whether files that are open were changed by somebody else."""
        if self._banner is None:
            self._watching.look()

    # -- tabs -----------------------------------------------------------------------------------------------------
    def select(self, key: str) -> None:
        if self._desk.select(key):
            self._note_tabs()
            self.render()

    def close(self, key: str) -> None:
        """Close a tab without asking: the page asks first where edits would be lost."""
        if self._desk.close(key) is None:
            return
        if self._drafting is not None:
            self._drafting.drop(key)
        self._note_tabs()
        self.render()

    def unsaved(self, key: str | None = None) -> tuple[str, ...]:
        """The titles of documents with edits that no file has: of one tab, or of all."""
        return tuple(it.document.title for it in self._desk.unsaved(key))

    def unsaved_keys(self, key: str | None = None) -> tuple[str, ...]:
        return tuple(it.key for it in self._desk.unsaved(key))

    def give_up(self, key: str | None = None) -> None:
        """Edits are not wanted: no draft of them shall be offered again."""
        for opened in self._desk.unsaved(key):
            if self._drafting is not None:
                self._drafting.drop(opened.key)

    # -- text -----------------------------------------------------------------------------------------------------
    def touched(self) -> None:
        """The operator typed. The text is taken over at the next pause: taking megabytes at each key would be felt."""
        opened = self._desk.front
        if opened is not None and not opened.typed:
            opened.typed = True
            self.render()

    @property
    def wants_text(self) -> bool:
        """Whether the editor holds something that was not taken over yet."""
        opened = self._desk.front
        return opened is not None and opened.typed

    def take_text(self, text: str) -> None:
        """Take over what the editor holds, and check it."""
        opened = self._desk.front
        if opened is None or not opened.typed:
            return
        opened.typed = False
        opened.document = opened.document.with_text(text)
        self._look_through(opened)

    def keep_draft(self) -> None:
        """Keep the edits of the document in front in a draft."""
        opened = self._desk.front
        if self._drafting is not None and opened is not None and opened.document.modified:
            self._drafting.keep(opened)

    def check_again(self) -> None:
        """Check the document in front anew."""
        if self._desk.front is not None:
            self._look_through(self._desk.front)

    def _look_through(self, opened: Opened) -> None:
        current = opened.generation.next()
        self._runner.compute(
            partial(checked, self._check, opened.document),
            then=current(partial(self._checked, opened)),
            failed=partial(self.failed, icon="circle-x"),
        )

    def _checked(self, opened: Opened, found: Checked) -> None:
        if self._desk.get(opened.key) is opened:
            opened.checked = found
            if found.trouble and self._banner is None:
                self.failed(MarbleError(found.trouble), icon="triangle-alert")
            self.render()

    def accept(self, index: int, reason: str) -> None:
        """Accept a piece of advice in the document in front, with the reason, in the file beside it."""
        opened = self._desk.front
        if opened is None or opened.document.path is None or not self.can_accept(index):
            return
        finding = self._state.findings[index]
        path = opened.document.path
        acceptance = Acceptance(path.name, finding.rule, finding.path, reason)
        self._runner.write(
            partial(accept_beside, path, acceptance),
            lane=str(path),
            then=lambda _: self._look_through(opened),
            failed=partial(self.failed, icon="circle-x"),
        )

    def can_accept(self, index: int) -> bool:
        """Whether a finding is advice on a document that has a file."""
        document = self._state.document
        if document is None or document.path is None or not 0 <= index < len(self._state.findings):
            return False
        return self._state.findings[index].severity is Severity.ADVICE

    # -- actions --------------------------------------------------------------------------------------------------
    def show_json(self) -> None:
        """Open the JSON that a YAML document is sent as, byte for byte."""
        opened = self._desk.front
        if opened is not None and opened.checked is not None and opened.checked.sent is not None:
            self.paste(opened.checked.sent, opened.sendable.title)

    def compare(self) -> None:
        if self._desk.front is not None:
            self._elsewhere.compare(self._desk.front.sendable)

    def set_manifest(self) -> None:
        if self._state.deploy.enabled and self._desk.front is not None:
            self._elsewhere.set_manifest(self._desk.front.sendable)

    def make(self, what: str, place: DraftPlace) -> None:
        """Have a certificate or a recovery key made for a place in the document in front."""
        if what == "certificate":
            self._elsewhere.new_certificate(place)
        else:
            self._elsewhere.new_recovery_key(place)

    def banner_chosen(self, key: str) -> None:
        """A button of the banner was pressed."""
        if self._drafting is not None and self._drafting.chosen(key):
            return
        if self._watching.chosen(key):
            return
        match key:
            case "overwrite":
                self.overwrite()
            case "reload":
                self.reload()
            case _:
                self.dismiss_banner()

    def dismiss_banner(self) -> None:
        self.set_banner(None)

    # -- showing --------------------------------------------------------------------------------------------------
    def set_banner(self, banner: BannerState | None) -> None:
        self._banner = banner
        self.render()

    def show_texts(self, title: str, before: str, after: str) -> None:
        if self._view is not None:
            self._view.show_texts(title, before, after)

    def failed(self, error: MarbleError, *, icon: str, actions: tuple[Action, ...] = ()) -> None:
        """Say what went wrong in the banner."""
        actions = (Action("dismiss", tr("Dismiss"), "quiet"), *actions)
        self.set_banner(BannerState("manifest", Tone.FAILED, icon, error.sentence, error.hint, actions))

    def render(self) -> None:
        self._state = shown(self._desk, self._target, self._banner, self._recent)
        if self._view is not None:
            self._view.show_state(self._state)


def _gone(_: MarbleError) -> None:
    """Nothing to say."""
