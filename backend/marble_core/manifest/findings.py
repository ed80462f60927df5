"""What checking a manifest finds, for the coordinator's answers and the console's problem list alike."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from marble_core.gojson.notes import Path
from marble_core.gojson.source import Position, Span

__all__ = ["Finding", "Position", "Severity", "Span"]


class Severity(IntEnum):
    """Most severe first, so that findings sort."""

    ERROR = 0  # a coordinator refuses the manifest
    WARNING = 1  # accepted, but hardly meant: an unknown field, a duplicate
    ADVICE = 2  # accepted and meant, yet worth a second thought


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem.

    `rule` is R0 to R30 as in manifest.md section 3, `Cert` and `Config` for the rules of sections 4 and 5 that have no
    number, C-numbers for warnings, A-numbers for advice. `path` names the place
    as in `Marbles.web.TLS[0]`; empty for the whole text. `sentence` is for the operator; `message` is the text a
    coordinator answers with (errors only), with its stage in front: `checking manifest: ...`. `at` is the path as steps.
    """

    rule: str
    severity: Severity
    path: str
    sentence: str
    message: str = ""
    span: Span | None = None
    at: Path = ()
