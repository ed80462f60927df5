"""Why the coordinator refuses a call. The sentence is what the client reads as `message` (spec: client-api-v1.md).

Which HTTP status each becomes is decided in one place only, `api/errors.py`.
"""

from __future__ import annotations

from marble_core.errors import MarbleError


class Refused(MarbleError):
    """A call that is refused for what it says: malformed, forbidden, or not valid now."""

    code = "refused"


class BadRequest(Refused):
    """A call that cannot be read, or asks for nothing."""

    code = "bad_request"


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


class WrongRecoverySecrets(MarbleError):
    """Every holder's secret is there, and together they do not open the state. They are all dropped."""

    code = "wrong_recovery_secrets"

    def __init__(self) -> None:
        super().__init__(
            "the secrets do not open the sealed state. All of them were dropped; begin with the first again"
        )


class NotDecryptable(MarbleError):
    """A recovery secret of no known length that is not encrypted to the ephemeral key either."""

    code = "not_decryptable"

    def __init__(self) -> None:
        super().__init__(
            "the recovery secret has not the length of one, and is not encrypted to the ephemeral key of this process"
        )


class NotAMarble(MarbleError):
    """The client presented no certificate that the present marble root issued to a marble."""

    code = "not_a_marble"

    def __init__(self) -> None:
        super().__init__(
            "unauthorized marble: client certificate was not issued to a marble by the current marble root"
        )


class NoMarbleCertificate(MarbleError):
    """A marble called without a TLS certificate of its own."""

    code = "no_marble_certificate"

    def __init__(self) -> None:
        super().__init__("couldn't get marble TLS certificate")


class MarbleRefused(MarbleError):
    """A marble that may not be activated: of an unknown type, with no package or no valid quote, or one too many."""

    code = "marble_refused"


class NotAUuid(MarbleError):
    """A marble did not say who it is."""

    code = "not_a_uuid"

    def __init__(self) -> None:
        super().__init__(
            "invalid UUID: it must be 32 hexadecimal digits, plain, with hyphens, in braces or as a URN"
        )


class CannotActivate(MarbleError):
    """A marble that may be activated, and for which no certificate or parameters can be made; `sentence` says why."""

    code = "cannot_activate"


class GateClosed(MarbleError):
    """The manifest in force does not open the feature gate, or there is none."""

    code = "gate_closed"

    def __init__(self, gate: str) -> None:
        super().__init__(f"feature gate {gate} is not enabled in the manifest")


class QuoteRefused(MarbleError):
    """A quote that is not signed; `sentence` is the reason."""

    code = "quote_refused"


class NoPendingUpdate(MarbleError):
    """There is no update to show, acknowledge or cancel."""

    code = "no_pending_update"

    def __init__(self) -> None:
        super().__init__("no update is pending")


class NotStored(MarbleError):
    """The change could not be written; the former state is in force."""

    code = "not_stored"

    def __init__(self, reason: str) -> None:
        super().__init__(f"storing state: {reason}")


class QuoteFailed(MarbleError):
    """The platform makes quotes, and this one could not be made."""

    code = "quote_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"getting quote: {reason}")


class StartFailed(MarbleError):
    """The coordinator cannot start; the process ends with code 1 and this sentence."""

    code = "start_failed"
