"""The effective manifest as a document: the submitted text with the versions that the update log has raised. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from marble_console.pages.manifest.documents import Document, Origin, looked_through
from marble_console.parts import Cell, Row, Tone
from marble_console.times import stamp
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.gojson import GoJsonError, Span
from marble_core.manifest.decode import decode_manifest
from marble_core.manifest.effective import Raised, effective_text, raised
from marble_core.updatelog import Entry, UnreadableLine


class NotEffective(MarbleError):
    """The manifest in force cannot be read, so that nobody can say what its package updates amount to."""

    code = "not_effective"


@dataclass(frozen=True, slots=True)
class Difference:
    """A version in the effective manifest that is not the submitted one, and its place in the text."""

    raised: Raised
    span: Span

    @property
    def submitted(self) -> str:
        return str(self.raised.submitted) if self.raised.submitted is not None else tr("none")

    @property
    def sentence(self) -> str:
        entry = self.raised.entry
        return tr(
            "{package}: submitted with {before}, raised to {after} on {when} by {user}. Line {line} of the update log.",
            package=self.raised.package,
            before=self.submitted,
            after=self.raised.version,
            when=stamp(entry.time),
            user=entry.text("user") or tr("somebody"),
            line=entry.number,
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """The effective manifest, and where it differs from the submitted one."""

    document: Document
    differences: tuple[Difference, ...]


def in_force(title: str, submitted: bytes, log: Iterable[Entry | UnreadableLine]) -> InForce:
    """Work it out; for a worker. Raises NotEffective."""
    entries = [line for line in log if isinstance(line, Entry)]
    try:
        raises = [
            it for it in raised(decode_manifest(submitted).manifest, entries) if it.version != it.submitted
        ]
        # Where nothing differs the bytes are the submitted ones, whatever they are.
        raw = effective_text(submitted, entries) if raises else submitted
        now = decode_manifest(raw)
    except GoJsonError as error:
        raise NotEffective(
            tr("The manifest in force cannot be read: {why}", why=error.sentence),
            hint=tr("The submitted one can still be shown as text."),
        ) from error
    differences = tuple(
        Difference(it, now.find(("Packages", it.package, "SecurityVersion")).span) for it in raises
    )
    return InForce(looked_through(Document(title, raw, Origin.EFFECTIVE)), differences)


def difference_row(at: int, it: Difference) -> Row:
    """A row of the list of differences; its key is the index."""
    entry = it.raised.entry
    return Row(
        str(at),
        (
            Cell(it.raised.package, strong=True, icon="package"),
            Cell(it.submitted, colour="text2"),
            Cell(str(it.raised.version), icon="arrow-up", tone=Tone.CHANGED, strong=True),
            Cell(stamp(entry.time)),
            Cell(entry.text("user") or tr("not told")),
            Cell(str(entry.number), colour="text2"),
        ),
    )
