"""Reports: what a verification found, as JSON for programs and as HTML for people."""

from marble_core.attestation.report.file import read_report, write_report
from marble_core.attestation.report.html import render_html
from marble_core.attestation.report.model import PlatformFacts, QuoteFacts, Report, Root, Window

__all__ = [
    "PlatformFacts",
    "QuoteFacts",
    "Report",
    "Root",
    "Window",
    "read_report",
    "render_html",
    "write_report",
]
