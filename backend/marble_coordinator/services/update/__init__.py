"""Updates: of security versions at once, of the whole manifest when enough users have acknowledged it."""

from marble_coordinator.services.update.outcome import Outcome
from marble_coordinator.services.update.service import UpdateService

__all__ = ["Outcome", "UpdateService"]
