"""Templates in `Files` and `Env` of a marble: render them, or try them without real values.

The language is the subset of Go's text/template that docs/templates.md lists; docs/adr/0004-templates.md says why it is
our own. The law: a text that this renders is the text that MarbleRun renders. What lies outside is refused.
"""

from __future__ import annotations

from marble_core.templates.budget import Budget, BudgetSpentError
from marble_core.templates.errors import Source, TemplateError
from marble_core.templates.functions import FUNCTIONS, LAZY
from marble_core.templates.machine import Machine
from marble_core.templates.parser import parse
from marble_core.templates.values import Target, TemplateValues, root_of


def render(data: bytes, target: Target, values: TemplateValues, *, budget: Budget | None = None) -> bytes:
    """The text that a marble receives for a `Files` or `Env` entry without `NoTemplates`.

    `data` is the entry after decoding. The budget is one of a single template unless given. Raises TemplateError:
    the text is no template, it fails with these values, it does too much work, or a NUL byte would reach an
    environment variable.
    """
    rendered = _run(data, target, values, budget or Budget.of_one_template()) if b"{{" in data else data
    if target is Target.ENV and b"\0" in rendered:
        detail = "content contains null bytes"
        raise TemplateError("An environment variable cannot hold null bytes.", message=detail)
    return rendered


def _run(data: bytes, target: Target, values: TemplateValues, budget: Budget) -> bytes:
    source = Source.of(data)
    functions = FUNCTIONS[target]
    try:
        program = parse(source, functions.keys() | LAZY, budget)
        return Machine(source, program, functions, budget).run(root_of(values))
    except BudgetSpentError as error:
        sentence = f"The template was stopped: {error}."
        raise TemplateError(sentence, message=f"template: data: stopped: {error}") from error
