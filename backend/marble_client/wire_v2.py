"""The JSON of version 2 of the Client API, as marble_client.wire has that of version 1."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from marble_client.wire import Base64, Text, Wire

Count = Annotated[int, Field(ge=0)]


class StatusData(Wire):
    code: int
    message: str


class ManifestData(Wire):
    manifest_signature_root_ecdsa: Base64
    manifest_fingerprint: str
    manifest: Base64


class LogData(Wire):
    update_log: list[Text]


class SecretsData(Wire):
    secrets: dict[Text, object]


class UpdateData(Wire):
    """`recovery_secrets` are there only when the recovery keys have changed."""

    missing_acknowledgments: Count
    missing_users: list[Text] | None = None
    recovery_secrets: dict[Text, Base64] | None = None
    message: str = ""


class PendingData(Wire):
    manifest: Base64
    message: str = ""
    missing_users: list[Text] | None = None


class MessageData(Wire):
    message: str = ""


class RecoverData(Wire):
    remaining: Count
    message: str = ""


class PublicKeyData(Wire):
    algorithm: str
    ephemeral_public_key: Base64
