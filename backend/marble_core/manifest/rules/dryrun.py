"""The template dry run: R29 and R30."""

from __future__ import annotations

from collections.abc import Iterator

from marble_core.manifest.rules.base import Fault, Judged


def null_bytes(it: Judged) -> Iterator[Fault]:
    """R29."""
    return _problems(it, "R29")


def templates(it: Judged) -> Iterator[Fault]:
    """R30."""
    return _problems(it, "R30")


def _problems(it: Judged, rule: str) -> Iterator[Fault]:
    for problem in it.template_problems:
        if problem.rule == rule:
            path = ("Marbles", problem.marble, "Parameters", problem.section, problem.entry)
            offset = problem.position.offset if problem.position else None
            yield Fault(path, problem.message, problem.sentence, offset)
