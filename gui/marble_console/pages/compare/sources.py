"""What can stand on either side of a comparison, and how its bytes are come by. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from marble_console.pages.manifest.documents import Document, Origin
from marble_console.pages.manifest.inforce import NotEffective
from marble_console.target import Target
from marble_console.words import tr
from marble_core.gojson import GoJsonError
from marble_core.manifest.effective import effective_text
from marble_core.updatelog import Entry, UnreadableLine

RUNNING, EFFECTIVE = "running", "effective"
CLIPBOARD = "clipboard"
PENDING = "pending"


class Ask(StrEnum):
    """Entries of the pickers that ask for something else first."""

    FILE = "ask:file"
    CLIPBOARD = "ask:clipboard"
    HISTORY = "ask:history"
    PENDING = "ask:pending"


@dataclass(frozen=True, slots=True)
class Source:
    """A manifest that can stand on either side.

    `raw` are the bytes as they are kept; `log`, of the effective manifest alone, has what came on top of them.
    """

    key: str
    title: str
    icon: str
    raw: bytes = field(repr=False)
    log: tuple[Entry | UnreadableLine, ...] = field(default=(), repr=False)
    document: Document | None = field(default=None, repr=False)

    def load(self) -> bytes:
        """The bytes to compare. For a worker: those of an effective manifest are made first. Raises NotEffective."""
        if not self.log:
            return self.raw
        try:
            return effective_text(self.raw, (line for line in self.log if isinstance(line, Entry)))
        except GoJsonError as error:
            raise NotEffective(
                tr("The manifest in force cannot be read: {why}", why=error.sentence),
                hint=tr("Compare with the submitted one, as text."),
            ) from error

    def same_as(self, other: Source | None) -> bool:
        return other is not None and self.raw == other.raw and self.log == other.log


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of the pickers; a separator stands before one that `begins_group`."""

    key: str
    title: str
    icon: str
    begins_group: bool = False


def of_target(target: Target | None) -> dict[str, Source]:
    """The manifest in force as it was submitted, and as it is by now where packages were raised since."""
    if target is None or target.running is None:
        return {}
    raw = target.running.raw
    found = {RUNNING: Source(RUNNING, tr("Running · {name}", name=target.name), "server", raw)}
    if target.has_raised:
        title = tr("Effective · {name}", name=target.name)
        found[EFFECTIVE] = Source(EFFECTIVE, title, "server", raw, target.log)
    return found


def of_document(document: Document) -> Source:
    """A document of the manifest page, or a file."""
    key = str(document.path or document.title)
    icon = "server" if document.origin is Origin.RUNNING else "file-code-2"
    return Source(key, document.title, icon, document.raw, document=document)


def of_clipboard(text: str) -> Source:
    raw = text.encode("utf-8", "replace")
    return Source(
        CLIPBOARD,
        tr("Clipboard"),
        "clipboard",
        raw,
        document=Document(tr("clipboard.json"), raw, Origin.FILE),
    )


def of_pending(raw: bytes, fingerprint: str, name: str) -> Source:
    """What waits for users to agree; by its fingerprint, since another one may wait the next time."""
    title = tr("Pending {short} · {name}", short=fingerprint[:8], name=name)
    document = Document(tr("pending-update.json"), raw, Origin.FILE)
    return Source(PENDING, title, "hourglass", raw, document=document)


def choices(sources: dict[str, Source], *, has_history: bool, may_wait: bool = False) -> tuple[Choice, ...]:
    """What a picker offers: the sources at hand, then how to come by others. `may_wait`: an update could be pending."""
    at_hand = [Choice(source.key, source.title, source.icon) for source in sources.values()]
    others = [Choice(Ask.FILE, tr("Open a file…"), "folder-open", begins_group=bool(at_hand))]
    if has_history:
        others.append(Choice(Ask.HISTORY, tr("Deployed before…"), "history"))
    if may_wait:
        others.append(Choice(Ask.PENDING, tr("Pending update"), "hourglass"))
    others.append(Choice(Ask.CLIPBOARD, tr("From the clipboard"), "clipboard"))
    return (*at_hand, *others)


Documents = Callable[[], tuple[Document, ...]]
