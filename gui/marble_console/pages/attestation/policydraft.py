"""A policy being edited. The text is the truth; the form is a view of it, and an edit in the form is an edit of the text.

So nothing that the form does not know is lost, and what is wrong in a field is told by the same reader as for a file.
No Qt.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from marble_console.words import tr
from marble_core import gojson
from marble_core.attestation.errors import PolicyRefused
from marble_core.attestation.policy import (
    DEFAULT_STATUSES,
    DecodedPolicy,
    Policy,
    decode_policy,
    read_policy,
    write_policy,
)
from marble_core.attestation.tcb import TcbStatus
from marble_core.gojson import GoJsonError
from marble_core.manifest.findings import Finding, Severity

LINES: Final = ("UniqueID", "SignerID", "ProductID", "SecurityVersion", "AcceptedAdvisories", "Nonce")
_NUMBERS: Final = frozenset({"ProductID", "SecurityVersion"})
_DEBUG: Final = "Debug"
_STATUSES: Final = "AcceptedTCBStatuses"
_KNOWN: Final = {name.casefold(): name for name in (*LINES, _DEBUG, _STATUSES, "InsecureSkipVerify")}

# What a policy can accept. UpToDate needs no entry, and no entry helps a revoked platform.
CHOICES: Final = tuple(
    status.value for status in TcbStatus if status not in {TcbStatus.UP_TO_DATE, TcbStatus.REVOKED}
)


@dataclass(frozen=True)
class PolicyDraft:
    """A text that is, or may become, a policy. `kept` is the text that is in force for the connection."""

    text: str = ""
    name: str = ""
    kept: str = ""
    kept_name: str = ""

    @property
    def is_changed(self) -> bool:
        return (self.text, self.name) != (self.kept, self.kept_name)

    @cached_property
    def _decoded(self) -> DecodedPolicy | GoJsonError:
        try:
            return decode_policy(self.text.encode(errors="replace") or b"{}")
        except GoJsonError as error:
            return error

    @cached_property
    def _members(self) -> Mapping[str, gojson.Node] | None:
        """The last value of each field, under its known spelling; None where the text is no JSON object."""
        try:
            tree = gojson.scan(self.text.encode(errors="replace") or b"{}")
        except GoJsonError:
            return None
        if not isinstance(tree, gojson.Object):
            return None
        return {_KNOWN.get(key.value.casefold(), key.value): value for key, value in tree.members}

    @property
    def is_readable(self) -> bool:
        """Whether there are fields for a form to show."""
        return self._members is not None

    @property
    def is_empty(self) -> bool:
        return not self.text.strip()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What stands against the policy first, then what is odd about it; nothing for no policy at all."""
        if self.is_empty:
            return ()
        decoded = self._decoded
        if isinstance(decoded, GoJsonError):
            return (Finding("P0", Severity.ERROR, "", decoded.sentence, span=decoded.span),)
        return (*decoded.refusals, *decoded.gaps, *decoded.warnings)

    @property
    def objection(self) -> str:
        """The first thing that keeps the text from being a policy; empty if it is one, or none at all."""
        return next((one.sentence for one in self.findings if one.severity is Severity.ERROR), "")

    @property
    def policy(self) -> Policy | None:
        """What the text says, if it is usable."""
        try:
            return read_policy(self.text.encode(), self.name)
        except (PolicyRefused, UnicodeEncodeError):
            return None

    @property
    def values(self) -> dict[str, str]:
        """The lines of the form."""
        members = self._members or {}
        return {name: _line(members[name]) if name in members else "" for name in LINES}

    @property
    def debug(self) -> bool:
        node = (self._members or {}).get(_DEBUG)
        return isinstance(node, gojson.Bool) and node.value

    @property
    def statuses(self) -> frozenset[str]:
        node = (self._members or {}).get(_STATUSES)
        if not isinstance(node, gojson.Array):
            return frozenset(DEFAULT_STATUSES)
        return frozenset(item.value for item in node.items if isinstance(item, gojson.String))

    def with_text(self, text: str) -> PolicyDraft:
        return dataclasses.replace(self, text=text)

    def with_line(self, name: str, line: str) -> PolicyDraft:
        """The draft with another line in the form; an empty one takes the field out."""
        line = line.strip()
        value: object = line
        if name in _NUMBERS and line.isascii() and line.isdecimal() and len(line) < 20:  # noqa: PLR2004 # of 64 bits
            value = int(line)
        elif name == "AcceptedAdvisories":
            value = [part.strip() for part in line.split(",") if part.strip()]
        return self._with(name, value or None)

    def with_debug(self, *, allowed: bool) -> PolicyDraft:
        return self._with(_DEBUG, True if allowed else None)

    def with_status(self, status: str, *, accepted: bool) -> PolicyDraft:
        """The draft that accepts a TCB status, or no longer does. The defaults need no entry."""
        wanted = self.statuses | {status} if accepted else self.statuses - {status}
        known: list[str] = [one.value for one in TcbStatus]
        listed = [one for one in known if one in wanted] + sorted(wanted.difference(known))
        return self._with(_STATUSES, None if set(listed) == set(DEFAULT_STATUSES) else listed)

    def with_identity_of(self, policy: Policy) -> PolicyDraft:
        """The draft that names the enclave as `policy` does, and keeps the rest."""
        draft = self
        for name, value in json.loads(write_policy(policy)).items():
            draft = draft._with(name, value)  # another draft
        return draft

    def _with(self, name: str, value: object) -> PolicyDraft:
        members: dict[str, object] = {}
        for key, node in (self._members or {}).items():
            # The text of a value is JSON: it was scanned. Unknown fields stay as they are.
            members[key] = json.loads(node.text)
        if value is None:
            members.pop(name, None)
        else:
            members[name] = value
        text = json.dumps(members, indent=2, ensure_ascii=False) + "\n" if members else ""
        return dataclasses.replace(self, text=text)


def _line(node: gojson.Node) -> str:
    """A value as a line: the text of a string, a list by its entries, everything else as it is written."""
    if isinstance(node, gojson.String):
        return node.value
    if isinstance(node, gojson.Array):
        return ", ".join(_line(item) for item in node.items)
    return "" if isinstance(node, gojson.Null) else node.text


def field_of(finding: Finding) -> str:
    """The field of the form that a finding is about; empty for none."""
    name = finding.path.split("[", 1)[0].split(".", 1)[0]
    return _KNOWN.get(name.casefold(), "")


def suggested_name(address: str) -> str:
    """A file name for the policy of a connection."""
    kept = "".join(character if character.isalnum() or character in "-._" else "-" for character in address)
    return tr("{name}-era.json", name=kept or "coordinator")
