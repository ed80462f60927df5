"""Writing down what the compare page shows. For a worker: documents of thousands of rows take their time. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from marble_console.files import reason, replace_file
from marble_console.pages.compare.comparison import Comparison
from marble_console.words import tr
from marble_core.errors import MarbleError
from marble_core.manifest.diff import json_patch, patch_text
from marble_core.manifest.impact import UpdateKind, raised_versions
from marble_core.manifest.model import PackageName
from marble_core.manifest.review import as_html, as_markdown
from marble_core.packageupdate import update_text

PrintPdf = Callable[[str, Path], Path]


class NotExported(MarbleError):
    """The file could not be written."""

    code = "not_exported"


class Export(StrEnum):
    """What a review can be saved as; the value is the suffix of the file."""

    MARKDOWN = "md"
    HTML = "html"
    PDF = "pdf"
    PATCH = "json"


def export(
    found: Comparison,
    titles: tuple[str, str],
    reviewed: frozenset[str],
    kind: Export,
    path: Path,
    print_pdf: PrintPdf,
) -> Path:
    """Save the review, values of secrets masked. Raises NotExported."""
    review = found.review(titles, reviewed)
    if review is None:
        raise NotExported(tr("One side is no JSON, so there is no review to save."))
    match kind:
        case Export.PDF:
            return print_pdf(as_html(review), path)
        case Export.HTML:
            text = as_html(review)
        case Export.MARKDOWN:
            text = as_markdown(review)
        case Export.PATCH:
            text = patch_text(json_patch(review.difference))
    return save(text.encode(), path)


def save(content: bytes, path: Path) -> Path:
    """Write a file whole or not at all. Raises NotExported."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise NotExported(
            tr("{name} cannot be written: {why}.", name=path.name, why=reason(error)),
            hint=tr("Choose another place."),
        ) from error
    return path


def package_update(found: Comparison) -> dict[PackageName, int] | None:
    """The versions that the difference raises; None where it is more than that, or nothing."""
    if found.difference is None or found.assessment is None:
        return None
    if found.assessment.update is not UpdateKind.PACKAGES:
        return None
    return dict(raised_versions(found.difference))


def lowered_versions(found: Comparison) -> tuple[str, ...]:
    """The packages whose version falls, with both."""
    leaves = found.difference.leaves() if found.difference is not None else ()
    return tuple(
        f"{change.new_path[1]} {change.before} → {change.after}"
        for change in leaves
        if change.new_path is not None
        and change.new_path[::2] == ("Packages", "SecurityVersion")
        and isinstance(change.before, int)
        and isinstance(change.after, int)
        and change.after < change.before
    )


def save_update(found: Comparison, path: Path) -> Path:
    """Save the package-update file that the difference amounts to. Raises NotExported."""
    versions = package_update(found)
    if versions is None:
        raise NotExported(tr("The manifests differ in more than the versions of packages."))
    return save(update_text(versions), path)
