"""What a manifest change means: who gains which right, what must restart, what is lost, whom it locks out."""

from marble_core.manifest.impact.assess import assess, assess_package_update
from marble_core.manifest.impact.model import (
    CLIENT_API_V1,
    CLIENT_API_V2,
    Assessment,
    Impact,
    ImpactKind,
    ImpactSeverity,
    PermissionDelta,
    SectionSummary,
    Target,
    UpdateKind,
)
from marble_core.manifest.impact.situation import raised_versions

__all__ = [
    "CLIENT_API_V1",
    "CLIENT_API_V2",
    "Assessment",
    "Impact",
    "ImpactKind",
    "ImpactSeverity",
    "PermissionDelta",
    "SectionSummary",
    "Target",
    "UpdateKind",
    "assess",
    "assess_package_update",
    "raised_versions",
]
