"""Completion while somebody types: what may stand at a place, also in a text that is no JSON yet."""

from marble_core.manifest.completion.proposals import Proposal, complete

__all__ = ["Proposal", "complete"]
