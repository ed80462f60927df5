"""Drafts: kept while somebody edits, offered after a crash, dropped when the edits are saved or given up. No Qt."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from marble_console.pages.manifest.desk import Opened
from marble_console.pages.manifest.documents import Document, digest
from marble_console.pages.manifest.keeping import Draft, Keeper
from marble_console.parts import Action, BannerState, Tone
from marble_console.tasks import Runner
from marble_console.words import tr
from marble_core.errors import MarbleError

_LANE = "drafts"


class Host(Protocol):
    """What drafts want of the presenter."""

    def set_banner(self, banner: BannerState | None) -> None: ...

    def show_texts(self, title: str, before: str, after: str) -> None: ...

    def put_draft(self, document: Document) -> None: ...

    def render(self) -> None: ...


class Drafting:
    """Drafts found at the start are offered one after the other."""

    def __init__(self, runner: Runner, keeper: Keeper, host: Host) -> None:
        self._runner = runner
        self._keeper = keeper
        self._host = host
        self._left: list[Draft] = []

    def begin(self) -> None:
        self._runner.read(self._keeper.drafts, then=self._found, failed=_never)

    def keep(self, opened: Opened) -> None:
        document = opened.document

        def kept(may_be: bool) -> None:
            if opened.unkept is may_be:
                opened.unkept = not may_be
                self._host.render()

        self._runner.write(
            partial(self._keeper.keep_draft, opened.key, document), lane=_LANE, then=kept, failed=_never
        )

    def drop(self, key: str) -> None:
        self._runner.write(partial(self._keeper.drop_draft, key), lane=_LANE, then=_nothing, failed=_never)

    def chosen(self, key: str) -> bool:
        """Whether a button of the banner was about a draft."""
        if not self._left or not key.startswith("draft-"):
            return False
        draft = self._left[0]
        if key == "draft-compare":
            self._runner.read(partial(_both, draft), then=self._compare, failed=_never)
            return True
        del self._left[0]
        if key == "draft-restore":
            self._runner.read(draft.document, then=self._host.put_draft, failed=_never)
        self._runner.write(partial(self._keeper.drop, draft), lane=_LANE, then=_nothing, failed=_never)
        self._offer()
        return True

    def _found(self, drafts: tuple[Draft, ...]) -> None:
        self._left = list(drafts)
        if self._left:
            self._offer()

    def _offer(self) -> None:
        if not self._left:
            self._host.set_banner(None)
            return
        draft = self._left[0]
        more = len(self._left) - 1
        consequence = tr("They are from before the console ended unexpectedly.")
        if more:
            consequence += " " + tr("{more} more follow.", more=more)
        self._host.set_banner(
            BannerState(
                "draft",
                Tone.CAUTION,
                "clock",
                tr("{name} has edits that were not saved.", name=draft.title),
                consequence,
                (
                    Action("draft-discard", tr("Discard"), "quiet"),
                    Action("draft-compare", tr("Compare")),
                    Action("draft-restore", tr("Restore"), "primary"),
                ),
            )
        )

    def _compare(self, both: tuple[str, str, str]) -> None:
        self._host.show_texts(*both)


def _both(draft: Draft) -> tuple[str, str, str]:
    """A title, the file as it is now, and the draft."""
    document = draft.document()
    now = document.stored or b""
    note = (
        "" if not draft.based_on or digest(now) == draft.based_on else " " + tr("The file was changed since.")
    )
    title = tr("{name}: the file, and the draft.", name=draft.title) + note
    return title, now.decode("utf-8", "replace"), draft.raw.decode("utf-8", "replace")


def _nothing(_: object) -> None:
    pass


def _never(error: MarbleError) -> None:
    raise error
