"""Templates in the parameters of marbles (spec: manifest.md, section 6; docs/templates.md)."""

from marble_core.templates.budget import Budget
from marble_core.templates.dryrun import TemplateProblem, Use, dry_run, placeholders, readers, uses
from marble_core.templates.engine import render
from marble_core.templates.errors import TemplateError
from marble_core.templates.values import MarbleRunValues, Target, TemplateValues

__all__ = [
    "Budget",
    "MarbleRunValues",
    "Target",
    "TemplateError",
    "TemplateProblem",
    "TemplateValues",
    "Use",
    "dry_run",
    "placeholders",
    "readers",
    "render",
    "uses",
]
