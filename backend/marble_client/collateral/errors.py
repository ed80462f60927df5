"""Why there is no collateral. None of them is a verdict on a coordinator: it could not be checked."""

from __future__ import annotations

from marble_core.errors import MarbleError


class ServiceAddressInvalid(MarbleError):
    """The text is not the base URL of a collateral service."""

    code = "service_address_invalid"


class CollateralUnavailable(MarbleError):
    """No collateral came. The subclasses say why."""

    code = "collateral_unavailable"


class ServiceUnreachable(CollateralUnavailable):
    """No whole answer came from the service."""

    code = "service_unreachable"


class PlatformUnknown(CollateralUnavailable):
    """The service has nothing for this platform (404)."""

    code = "platform_unknown"


class CollateralGone(CollateralUnavailable):
    """The service no longer has what was asked for (410)."""

    code = "collateral_gone"


class ServiceBusy(CollateralUnavailable):
    """Too many requests, or maintenance (429, 503). `retry_after` is in seconds, None where the service names no time."""

    code = "service_busy"

    def __init__(self, sentence: str, *, hint: str, retry_after: int | None) -> None:
        super().__init__(sentence, hint=hint)
        self.retry_after = retry_after


class ServiceRefused(CollateralUnavailable):
    """Any other answer than the collateral; `status` is the HTTP status."""

    code = "service_refused"

    def __init__(self, sentence: str, *, hint: str, status: int) -> None:
        super().__init__(sentence, hint=hint)
        self.status = status


class CollateralWrong(CollateralUnavailable):
    """The answer is not what was asked for: of another form, too large, or for another platform."""

    code = "collateral_wrong"
