"""What a template becomes: rendered with placeholders, or why not, with the column. No Qt."""

from __future__ import annotations

from marble_console.words import tr
from marble_core.gojson import Path
from marble_core.manifest.decode import DecodedManifest
from marble_core.manifest.model import Marble
from marble_core.templates import Budget, Target, TemplateError, placeholders, render

_LONGEST = 240


def preview(decoded: DecodedManifest, path: Path, marble: Marble | None) -> tuple[str, str]:
    """The preview of the Files or Env value at a path, and its problem; both empty where there is no template."""
    if marble is None:
        return "", ""
    entries = marble.parameters.files if path[-2] == "Files" else marble.parameters.env
    value = entries.get(str(path[-1]))
    if value is None or value.no_templates or b"{{" not in value.data:
        return "", ""
    target = Target.FILE if path[-2] == "Files" else Target.ENV
    values = placeholders(decoded.manifest)
    try:
        text = render(value.data, target, values, budget=Budget.of_one_template()).decode("utf-8", "replace")
    except TemplateError as error:
        return "", error.sentence
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return tr("With placeholders: {text}", text=shown), ""
