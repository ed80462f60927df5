"""What a remark is."""

from __future__ import annotations

from typing import NamedTuple

from marble_core.gojson import Path
from marble_core.manifest.findings import Severity


class Remark(NamedTuple):
    """Something to think about at `path`; an empty path means the whole manifest."""

    rule: str
    severity: Severity
    path: Path
    sentence: str


def advise(rule: str, path: Path, sentence: str) -> Remark:
    """A remark on something that is meant, and worth a second thought."""
    return Remark(rule, Severity.ADVICE, path, sentence)


def warn(rule: str, path: Path, sentence: str) -> Remark:
    """A remark on something that is hardly meant."""
    return Remark(rule, Severity.WARNING, path, sentence)
