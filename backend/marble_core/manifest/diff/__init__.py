"""What differs between two manifests, by meaning and not by text (spec: ux.md, section 5; manifest.md, section 1)."""

from marble_core.manifest.diff.changes import Change, ChangeKind, ManifestDiff
from marble_core.manifest.diff.compare import diff
from marble_core.manifest.diff.jsonpatch import HIDDEN, Operation, json_patch, patch_text
from marble_core.manifest.diff.normal import Plain, Verbatim, normal_form
from marble_core.manifest.diff.patch import apply
from marble_core.manifest.diff.policies import ListPolicy

__all__ = [
    "HIDDEN",
    "Change",
    "ChangeKind",
    "ListPolicy",
    "ManifestDiff",
    "Operation",
    "Plain",
    "Verbatim",
    "apply",
    "diff",
    "json_patch",
    "normal_form",
    "patch_text",
]
