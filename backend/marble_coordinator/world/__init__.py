"""What is true now: one immutable value, swapped whole by the door of `lifecycle.py`.

Answers that only show the world are encoded once, by their first reader, and kept with the part they show. The parts
are values of their own, so a change makes new ones only of what it changes.
"""

from marble_coordinator.world.deployment import Deployment
from marble_coordinator.world.lock import EphemeralKey, Lock
from marble_coordinator.world.manifest import SetManifest
from marble_coordinator.world.states import BEFORE_A_MANIFEST, LOCKED, RUNNING, State
from marble_coordinator.world.users import User, Users
from marble_coordinator.world.world import Renewal, World

__all__ = [
    "BEFORE_A_MANIFEST",
    "LOCKED",
    "RUNNING",
    "Deployment",
    "EphemeralKey",
    "Lock",
    "Renewal",
    "SetManifest",
    "State",
    "User",
    "Users",
    "World",
]
