"""Why the coordinator refuses a call. The sentence is what the client reads as `message` (spec: client-api-v1.md).

Which HTTP status each becomes is decided in one place only, `api/errors.py`.
"""

from __future__ import annotations

from marble_core.errors import MarbleError


class Refused(MarbleError):
    """A call that is refused for what it says: malformed, forbidden, or not valid now."""

    code = "refused"


class Unauthorized(MarbleError):
    """The client presented no certificate, or none of a user of the manifest in force."""

    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("unauthorized user: client certificate did not match any MarbleRun users")


class WrongState(MarbleError):
    """The call is not served in the present state."""

    code = "wrong_state"

    def __init__(self) -> None:
        super().__init__("server is not in expected state")


class WrongRecoveryKey(MarbleError):
    """What was sent to `/recover` does not open the sealed state."""

    code = "wrong_recovery_key"

    def __init__(self) -> None:
        super().__init__("loading state: cannot unseal encryption key")


class SeveralRecoveryKeys(MarbleError):
    """The sealed state was locked for several parties, whose secrets `/recover` cannot tell apart."""

    code = "several_recovery_keys"

    def __init__(self) -> None:
        super().__init__(
            "Recovering the Coordinator using the /recover API endpoint has been disabled. "
            "Use the /api/v2/recover endpoint instead."
        )


class NotStored(MarbleError):
    """The change could not be written; the former state is in force."""

    code = "not_stored"

    def __init__(self, reason: str) -> None:
        super().__init__(f"storing state: {reason}")


class StartFailed(MarbleError):
    """The coordinator cannot start; the process ends with code 1 and this sentence."""

    code = "start_failed"
