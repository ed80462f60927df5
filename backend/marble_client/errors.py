"""What can go wrong between the console and a coordinator, each with a sentence and a way on.

Text that a coordinator sent is never part of a sentence: it is kept apart, cut to `SERVER_TEXT_LIMIT` characters, and
whoever shows it shows it as plain text in quotes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from marble_core.errors import MarbleError

SERVER_TEXT_LIMIT = 2000


def cut(text: str) -> str:
    """Limit what a server may make us keep and show, in characters."""
    return text if len(text) <= SERVER_TEXT_LIMIT else text[: SERVER_TEXT_LIMIT - 1] + "…"


class ClientError(MarbleError):
    """Anything a call to a coordinator can end in, other than its answer."""

    code = "client_error"


class AddressInvalid(ClientError):
    """The text is not `host:port`."""

    code = "address_invalid"


class CertificateUnreadable(ClientError):
    """The file or text holds no certificate that can be read."""

    code = "certificate_unreadable"


class Unreachable(ClientError):
    """No answer came, and nothing was changed. The subclasses say how far the call got."""

    code = "unreachable"


class HostUnknown(Unreachable):
    """The name has no address (DNS)."""

    code = "host_unknown"


class ConnectionRefused(Unreachable):
    """The host answers, but nothing listens at the port."""

    code = "connection_refused"


class TimedOut(Unreachable):
    """Connecting or the answer took longer than allowed."""

    code = "timed_out"


class ConnectionLost(Unreachable):
    """The connection ended before the answer was complete."""

    code = "connection_lost"


class TlsFailed(Unreachable):
    """Both sides speak TLS but found no common ground."""

    code = "tls_failed"


class NotTrusted(ClientError):
    """The server's certificate is not the one trusted. Nothing was sent."""

    code = "not_trusted"


class NameMismatch(NotTrusted):
    """The right certificate, but made for other names; `names` are those it holds."""

    code = "name_mismatch"

    def __init__(self, sentence: str, *, hint: str, names: Sequence[str]) -> None:
        super().__init__(sentence, hint=hint)
        self.names = tuple(names)


class RootChanged(NotTrusted):
    """Another certificate than the pinned root; both as lower-case SHA-256 of their DER.

    `presented_der` is the other one itself, to compare. Nobody vouches for anything in it.
    """

    code = "root_changed"

    def __init__(
        self, sentence: str, *, hint: str, pinned: str, presented: str, presented_der: bytes = b""
    ) -> None:
        super().__init__(sentence, hint=hint)
        self.pinned = pinned
        self.presented = presented
        self.presented_der = presented_der


class UnexpectedAnswer(ClientError):
    """The answer has not the shape that the Client API gives it."""

    code = "unexpected_answer"


class NotACoordinator(UnexpectedAnswer):
    """Something else than a coordinator answers at the address."""

    code = "not_a_coordinator"


class AnswerTooLarge(UnexpectedAnswer):
    """The answer is larger than any honest one, and was not read to its end."""

    code = "answer_too_large"


class ChainRejected(UnexpectedAnswer):
    """The certificates of GET `/quote` do not belong together."""

    code = "chain_rejected"


class ManifestNotAuthentic(UnexpectedAnswer):
    """The manifest does not fit its fingerprint or the root's signature."""

    code = "manifest_not_authentic"


class Refused(ClientError):
    """The coordinator understood the request and refused it; nothing changed.

    `status` is the HTTP status, `server_text` the coordinator's own words: untrusted, possibly empty.
    """

    code = "refused"

    def __init__(self, sentence: str, *, hint: str = "", status: int, server_text: str) -> None:
        super().__init__(sentence, hint=hint)
        self.status = status
        self.server_text = cut(server_text)


class Unauthorized(Refused):
    """No certificate was sent, or one that belongs to no user of the manifest (401)."""

    code = "unauthorized"


class NotOffered(ClientError):
    """The coordinator does not know this call: it speaks an older version of the Client API. Nothing changed."""

    code = "not_offered"


class OutcomeUnknown(ClientError):
    """A change was sent, but no answer that can be read came back: it may or may not be in force."""

    code: ClassVar[str] = "outcome_unknown"
