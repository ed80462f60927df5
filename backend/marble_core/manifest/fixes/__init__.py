"""Quick fixes: for a finding, the smallest edit of the text that settles it, where that is safe.

Safe means: the edit says what the author meant, or takes away what has no effect. What would weaken protection, or has to
be decided by somebody, has no quick fix. A fix is a value; who applies it can show it first, and undo it.
"""

from marble_core.manifest.fixes.fix import Fix
from marble_core.manifest.fixes.fixer import Fixer

__all__ = ["Fix", "Fixer"]
