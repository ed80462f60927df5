"""The JSON of the Client API, taken apart strictly; letter case of field names is free, as with Go clients.

Nothing here repeats a value it did not accept: an answer may hold secrets. Raises NotACoordinator when the body is no
JSend object, UnexpectedAnswer when the inner shape is wrong.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from marble_client.errors import NotACoordinator, UnexpectedAnswer, cut


def _base64(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("should be base64 text")  # noqa: TRY004  pydantic collects ValueError, TypeError ends it
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("should be base64 text") from None


def _unicode(value: object) -> object:
    # JSON can name halves of characters, which no encoding takes.
    if isinstance(value, str) and not value.isascii():
        value.encode("utf-8")  # raises a ValueError
    return value


Base64 = Annotated[bytes, BeforeValidator(_base64)]
Text = Annotated[str, BeforeValidator(_unicode)]


class Wire(BaseModel):
    """Fields are named as in Python; on the wire they are the same words run together, in any letter case."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: name.replace("_", ""),
    )

    @model_validator(mode="before")
    @classmethod
    def _fold_names(cls, value: object) -> object:
        return {name.lower(): item for name, item in value.items()} if isinstance(value, dict) else value


class Envelope(Wire):
    status: str
    data: Any = None
    message: str | None = None


class StatusData(Wire):
    status_code: int
    status_message: str


class QuoteData(Wire):
    cert: Text
    quote: Base64 | None = None


class ManifestData(Wire):
    manifest_signature_root_ecdsa: Base64 | None = None
    manifest_signature: str = ""
    manifest: Base64 | None = None


class SetManifestData(Wire):
    recovery_secrets: dict[str, Base64]


class SecretData(Wire):
    type: str
    size: int = 0
    shared: bool = False
    user_defined: bool = False
    cert: Base64 | None = None
    valid_for: int = 0
    private: Base64 | None = None
    public: Base64 | None = None


class RecoverData(Wire):
    status_message: str


@dataclass(frozen=True, slots=True)
class Success:
    """`data` is whatever JSON the call gives; None where it has nothing to say."""

    data: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """`message` is the server's own text: untrusted, possibly empty."""

    status: int
    message: str


def open_envelope(status: int, body: bytes) -> Success | Failure:
    """Take an answer apart by its HTTP status: 200 alone is a success (spec: client-api-v1.md, section 1).

    A success may have no body at all, as a package update has with some coordinators. An error may be followed by a
    second document: GET `/update` of v1.1.0 sends two, of which the first counts.
    """
    is_error = status >= HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.OK and not body.strip():
        return Success(None)
    envelope = _envelope(body, may_be_followed=is_error)
    if is_error:
        return Failure(status, envelope.message or "")
    if status != HTTPStatus.OK or envelope.status.lower() != "success":
        raise NotACoordinator(
            f"The answer (HTTP status {status}) is neither a success nor an error of a coordinator.",
            hint="Check the address and the port.",
        )
    return Success(envelope.data)


def _envelope(body: bytes, *, may_be_followed: bool) -> Envelope:
    try:
        text = body.decode().strip()
        document, end = _DECODER.raw_decode(text)
        envelope = Envelope.model_validate(document)
    except (ValueError, RecursionError):
        # Without the cause: its text may quote the body.
        raise _no_envelope() from None
    if end < len(text) and not may_be_followed:
        raise _no_envelope()
    return envelope


def _no_envelope() -> NotACoordinator:
    return NotACoordinator(
        "The answer is not the JSON that a coordinator sends.", hint="Check the address and the port."
    )


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)
Model = TypeVar("Model", bound=Wire)


def parse(model: type[Model], data: object, call: str) -> Model:
    """Read the `data` of the answer to `call`, for example `GET /status`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # The place and the rule, never the value.
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(step) for step in ("data", *first["loc"]))
        raise unexpected(call, cut(f"{place}: {first['msg']}")) from None


def unexpected(call: str, detail: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"The answer to {call} has another shape than the Client API gives it ({detail}).",
        hint="The coordinator may be of a version that this console does not know.",
    )
