"""Connections as a file, to hand on or to keep: where coordinators are and how they have to prove who they are.

No identity goes with it, no verification, nothing of what was seen, and no secret: there is none in a connection. The root and
the policy do go with it, so whoever wrote the file says whom to trust. Reading is strict; an error names the entry.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography import x509

from marble_client.address import Address
from marble_client.collateral import ServiceAddress
from marble_client.link import Link
from marble_client.proxies import ProxyChoice
from marble_console.coordinators.attested import Terms
from marble_console.coordinators.profiles import Environment, Kind, Profile
from marble_console.words import tr
from marble_core.attestation.policy import Acceptance
from marble_core.errors import MarbleError

FORMAT: Final = "marble-console-connections"
LARGEST: Final = 4 << 20  # bytes
_VERSION: Final = 1
_MOST: Final = 1000
_LONGEST_NAME: Final = 200


class ConnectionsRefused(MarbleError):
    """The file holds no connections that this console can take."""

    code = "connections_refused"


def write_connections(connections: Sequence[tuple[Profile, Terms]]) -> bytes:
    """The file of some connections, in their order."""
    document = {
        "format": FORMAT,
        "version": _VERSION,
        "connections": [_written(*each) for each in connections],
    }
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def read_connections(content: bytes, now: dt.datetime) -> tuple[tuple[Profile, Terms], ...]:
    """The connections of a file, with ids yet to be given. Raises ConnectionsRefused."""
    try:
        document = json.loads(content)
    except ValueError as error:
        raise ConnectionsRefused(tr("The file is no JSON.")) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConnectionsRefused(tr("The file holds no connections of this console."))
    if document.get("version") != _VERSION:
        raise ConnectionsRefused(
            tr("The file is of another version."),
            hint=tr("Export it again with the same version of the console."),
        )
    entries = document.get("connections")
    if not isinstance(entries, list) or len(entries) > _MOST:
        raise ConnectionsRefused(tr("The file has no list of connections, or a very long one."))
    return tuple(_read(number, entry, now) for number, entry in enumerate(entries, 1))


def _written(profile: Profile, terms: Terms) -> dict[str, object]:
    return {
        "name": profile.name,
        "address": str(profile.address),
        "server_name": profile.server_name,
        "group": profile.group,
        "environment": profile.environment.value,
        "read_only": profile.read_only,
        "proxy": profile.proxy,
        "timeout": profile.timeout,
        "root": _text(profile.root_der),
        "attestation": {
            "policy": terms.policy,
            "policy_name": terms.policy_name,
            "anchor": _text(terms.anchor_der or b""),
            "service": str(terms.service) if terms.service else "",
            "service_authority": _text(terms.service_authority_der),
            "proxy": str(terms.proxy),
            "recheck": int(terms.recheck.total_seconds()) if terms.recheck else None,
            "acceptances": [
                {
                    "subject": each.subject,
                    "reason": each.reason,
                    "until": each.until.isoformat() if each.until else None,
                }
                for each in terms.acceptances
            ],
        },
    }


def _read(number: int, entry: object, now: dt.datetime) -> tuple[Profile, Terms]:
    where = tr("Connection {number}", number=number)
    try:
        fields = _Fields(entry)
        profile = Profile(
            fields.text("name", longest=_LONGEST_NAME).strip(),
            Kind.REMOTE,
            Address.parse(fields.text("address")),
            now,
            server_name=fields.text("server_name"),
            environment=Environment(fields.text("environment") or Environment.NONE.value),
            root_der=fields.certificate("root"),
            group=fields.text("group", longest=_LONGEST_NAME).strip(),
            read_only=fields.flag("read_only"),
            proxy=str(ProxyChoice.parse(fields.text("proxy") or "none")),
            timeout=fields.seconds("timeout"),
        )
        Link(ProxyChoice.parse(profile.proxy), profile.timeout)
        terms = _terms(_Fields(fields.get("attestation", {})))
        terms.read_policy()
        terms.read_anchor()
    except MarbleError as error:
        raise ConnectionsRefused(f"{where}: {error.sentence}", hint=error.hint) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise ConnectionsRefused(tr("{where} cannot be read.", where=where)) from error
    if not profile.name:
        raise ConnectionsRefused(tr("{where} has no name.", where=where))
    return profile, terms


def _terms(fields: _Fields) -> Terms:
    seconds = fields.seconds("recheck")
    return Terms(
        policy=fields.text("policy", longest=LARGEST),
        policy_name=fields.text("policy_name"),
        anchor_der=fields.certificate("anchor") or None,
        service=ServiceAddress.parse(service) if (service := fields.text("service")) else None,
        service_authority_der=fields.certificate("service_authority"),
        proxy=ProxyChoice.parse(fields.text("proxy")),
        recheck=dt.timedelta(seconds=seconds) if seconds else None,
        acceptances=tuple(map(_acceptance, fields.list("acceptances"))),
    )


def _acceptance(entry: object) -> Acceptance:
    fields = _Fields(entry)
    until = fields.text("until")
    return Acceptance(
        fields.text("subject"), fields.text("reason"), dt.datetime.fromisoformat(until) if until else None
    )


class _Fields:
    """The fields of an object by their kind; raises ValueError and TypeError. What is missing is empty."""

    def __init__(self, entry: object) -> None:
        if not isinstance(entry, dict):
            raise TypeError
        self._entry: Mapping[str, Any] = entry

    def get(self, name: str, missing: object = None) -> object:
        return self._entry.get(name, missing)

    def text(self, name: str, *, longest: int = 4096) -> str:
        value = self.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError
        return value

    def flag(self, name: str) -> bool:
        value = self.get(name, False)
        if not isinstance(value, bool):
            raise TypeError
        return value

    def seconds(self, name: str) -> int | None:
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise ValueError
        return value

    def list(self, name: str) -> Sequence[object]:
        value = self.get(name, [])
        if not isinstance(value, list):
            raise TypeError
        return value

    def certificate(self, name: str) -> bytes:
        try:
            der = base64.b64decode(self.text(name, longest=LARGEST), validate=True)
        except binascii.Error as error:
            raise ValueError from error
        if der:
            x509.load_der_x509_certificate(der)
        return der


def _text(der: bytes) -> str:
    return base64.b64encode(der).decode()
