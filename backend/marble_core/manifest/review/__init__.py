"""A difference as people read it and pass it on: values in words, what is secret masked, and the review as a document."""

from marble_core.manifest.review.document import as_html, as_json, as_markdown, as_text, verdict
from marble_core.manifest.review.masking import masked_lines
from marble_core.manifest.review.model import ORDERS, Review, ReviewedSide, Row, rows
from marble_core.manifest.review.values import HIDDEN, revealed, shown_change, shown_value

__all__ = [
    "HIDDEN",
    "ORDERS",
    "Review",
    "ReviewedSide",
    "Row",
    "as_html",
    "as_json",
    "as_markdown",
    "as_text",
    "masked_lines",
    "revealed",
    "rows",
    "shown_change",
    "shown_value",
    "verdict",
]
