"""Collateral: what a quote is judged by, exactly as Intel's service sends it (spec: attestation.md, section 7)."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Final

from marble_core import gojson
from marble_core.attestation.errors import CollateralUnreadable
from marble_core.attestation.records import is_encodable
from marble_core.gojson import GoJsonError

MAX_COLLATERAL: Final = 2 * 1024 * 1024


@dataclass(frozen=True)
class Collateral:
    """Revocation lists as DER, certificate chains as PEM, signed objects as the exact text that was signed.

    Signatures are r and s, 32 bytes each. `pck_certificate_chain` is for the rare quotes that do not hold it.
    """

    pck_crl_issuer_chain: str
    root_ca_crl: bytes
    pck_crl: bytes
    tcb_info_issuer_chain: str
    tcb_info: str
    tcb_info_signature: bytes
    qe_identity_issuer_chain: str
    qe_identity: str
    qe_identity_signature: bytes
    pck_certificate_chain: str = ""

    def as_json(self) -> dict[str, str]:
        """The fields as dcap-qvl names and writes them: bytes in hex."""
        given = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        if not self.pck_certificate_chain:
            del given["pck_certificate_chain"]
        return {name: value.hex() if isinstance(value, bytes) else value for name, value in given.items()}


def read_collateral(raw: bytes) -> Collateral:
    """Read a collateral file; raises CollateralUnreadable. Whether what it holds makes sense is a matter of the steps."""
    if len(raw) > MAX_COLLATERAL:
        raise CollateralUnreadable(
            f"The collateral has {len(raw)} bytes, and more than {MAX_COLLATERAL} are not read."
        )
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise CollateralUnreadable("The collateral is no JSON.") from error
    return collateral_from(given)


def collateral_from(given: Any) -> Collateral:
    """Collateral from its JSON form; raises CollateralUnreadable. Members that are not known are ignored."""
    if not isinstance(given, dict):
        raise CollateralUnreadable("The collateral is no JSON object.")
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Collateral):
        value = given.get(field.name, field.default)
        if not isinstance(value, str) or not is_encodable(value):
            raise CollateralUnreadable(f"The collateral has no text {field.name}.")
        values[field.name] = _from_hex(field.name, value) if field.type == "bytes" else value
    return Collateral(**values)


def write_collateral(collateral: Collateral) -> bytes:
    return json.dumps(collateral.as_json(), indent=1).encode() + b"\n"


def split_signed(answer: bytes, member: str) -> tuple[str, bytes]:
    """The exact text of the signed object in an answer of the service, and its signature.

    `member` is `tcbInfo` or `enclaveIdentity`. Raises CollateralUnreadable.
    """
    try:
        tree = gojson.scan(answer)
    except GoJsonError as error:
        raise CollateralUnreadable(f"The answer is no JSON: {error.sentence}") from error
    members = {key.value: value for key, value in tree.members} if isinstance(tree, gojson.Object) else {}
    signed, signature = members.get(member), members.get("signature")
    if not isinstance(signed, gojson.Object) or not isinstance(signature, gojson.String):
        raise CollateralUnreadable(f"The answer holds no {member} with its signature.")
    return signed.text, _from_hex("signature", signature.value)


def _from_hex(name: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise CollateralUnreadable(f"In the collateral, {name} is not hex.") from error
