"""Activating marbles (spec: marble-api.md): who may be one, and what it gets. Knows nothing of gRPC."""

from marble_coordinator.services.activation.parameters import MarbleParameters
from marble_coordinator.services.activation.request import ActivationRequest
from marble_coordinator.services.activation.service import ActivationService, Watcher

__all__ = ["ActivationRequest", "ActivationService", "MarbleParameters", "Watcher"]
