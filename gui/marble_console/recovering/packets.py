"""What goes back and forth to a machine without a connection: a request of the online one, an answer of the offline one.

Small signed JSON, as a file or as a QR code. A request is signed by a key that is made for it, which shows that it was not
changed on the way if the code on both screens is the same; an answer is signed by the holder's recovery key. Where the
coordinator offers its ephemeral key, the secret in the answer is encrypted to it: then nobody on the way can read it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from marble_console.recovering.errors import RecoveringError, WrongShare
from marble_console.recovering.keys import HolderKey, fingerprint
from marble_console.recovering.known import Deployment
from marble_console.recovering.opening import Contributed, Given, Where, open_share, repeated
from marble_console.recovering.shares import SavedShare, SavedShares
from marble_console.words import tr
from marble_core.recovery import Contribution, encrypt_to, is_signed_by
from marble_core.secretbytes import SecretBytes

REQUEST: Final = "marble-console recovery request"
ANSWER: Final = "marble-console recovery answer"
LARGEST: Final = 16_384  # characters; a QR code holds fewer than 3000
_VERSION: Final = 1
_CODE_GROUPS: Final = 5
_LONGEST_TEXT: Final = 300


class PacketUnreadable(RecoveringError):
    """The file or picture holds no such packet, or one that was changed on the way."""

    code = "packet_unreadable"


@dataclass(frozen=True, slots=True)
class Request:
    """What the online machine asks of a holder. `ephemeral` is the coordinator's key, None where it offers none.

    `share` is the saved share, if the online machine had it. `text` is the packet itself.
    """

    id: str
    made: dt.datetime
    name: str
    address: str
    root: str
    manifest: str
    ephemeral: RSAPublicKey | None
    share: SavedShare | None
    text: str = field(repr=False)

    @property
    def code(self) -> str:
        """What both screens show, to be compared by voice: eighty bits of the packet's fingerprint."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return " ".join(digest[4 * at : 4 * at + 4] for at in range(_CODE_GROUPS))


def make_request(
    name: str,
    address: str,
    root: str,
    known: Deployment | None,
    ephemeral: RSAPublicKey | None,
    share: SavedShare | None,
    now: dt.datetime,
) -> Request:
    """Ask a holder for the answer to a coordinator with this temporary root."""
    signer = Ed25519PrivateKey.generate()
    packet: dict[str, Any] = {
        "type": REQUEST,
        "version": _VERSION,
        "id": secrets.token_hex(8),
        "made": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "name": name[:_LONGEST_TEXT],
        "address": address,
        "root": root,
        "manifest": known.manifest if known is not None else "",
        "signer": _b64(signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)),
    }
    if ephemeral is not None:
        packet["key"] = _b64(ephemeral.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    if share is not None:
        packet["holder"] = share.holder
        packet["share"] = _b64(share.encrypted)
    packet["signature"] = _b64(signer.sign(_signed(packet)))
    return _request(packet)


def read_request(text: str) -> Request:
    """Read a request, from whatever it came on. Raises PacketUnreadable."""
    packet = _packet(text, REQUEST)
    try:
        signer = Ed25519PublicKey.from_public_bytes(_bytes(packet, "signer"))
        signer.verify(_bytes(packet, "signature"), _signed(packet))
    except (InvalidSignature, ValueError):
        raise _unreadable(tr("its signature does not fit: it was changed on the way")) from None
    return _request(packet)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a holder gives back. `text` is the packet; `is_sealed` says whether the secret in it is encrypted."""

    holder: str
    is_sealed: bool
    text: str = field(repr=False)


def make_answer(request: Request, shares: SavedShares, key: HolderKey) -> Answer:
    """Decrypt and sign on the offline machine. Raises WrongShare. Nothing of the key is in the answer."""
    share = open_share(shares, key)
    try:
        sent = encrypt_to(request.ephemeral, share.sent) if request.ephemeral else share.sent.reveal()
    finally:
        share.wipe()
    public = key.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    packet: dict[str, Any] = {
        "type": ANSWER,
        "version": _VERSION,
        "request": request.id,
        "root": request.root,
        "holder": share.holder[:_LONGEST_TEXT],
        "sealed": request.ephemeral is not None,
        "secret": _b64(sent),
        "proof": _b64(share.signature),
        "public": _b64(public),
    }
    packet["signature"] = _b64(key.sign(SecretBytes(_signed(packet))))
    return Answer(share.holder, request.ephemeral is not None, _written(packet))


def take_answer(
    text: str, source: str, root: str, known: Deployment | None, given: Given | None = None
) -> Contributed:
    """Read what came back, for a coordinator with this temporary root. Raises PacketUnreadable, WrongShare, RepeatedShare."""
    packet = _packet(text, ANSWER)
    public = _public(packet)
    if not is_signed_by(public, Contribution(SecretBytes(_signed(packet)), _bytes(packet, "signature"))):
        raise _unreadable(tr("its signature does not fit: it was changed on the way"))
    print_ = fingerprint(public)
    owner = known.holder_of(print_) if known is not None else None
    holder = owner.name if owner is not None else _text(packet, "holder")
    if _text(packet, "root") != root:
        raise WrongShare(
            tr("The answer in {source} was made for another start of the coordinator.", source=source),
            hint=tr("Each start has a temporary root of its own. Make a new request for this holder."),
            holder=holder,
        )
    if known is not None and known.holders and owner is None:
        raise WrongShare(
            tr("The answer in {source} is signed by none of the recovery keys of the last known manifest.", source=source),
            hint=tr("Ask its holder which key was used."),
        )  # fmt: skip
    if print_ in (given or {}):
        raise repeated(holder)
    return Contributed(
        holder, source, Where.OFFLINE, SecretBytes(_bytes(packet, "secret")), _bytes(packet, "proof"), print_
    )


# -- the form of packets ------------------------------------------------------------------------------------------------
def _request(packet: dict[str, Any]) -> Request:
    share = None
    if "share" in packet:
        share = SavedShare(_text(packet, "holder"), _bytes(packet, "share"))
    try:
        made = dt.datetime.fromisoformat(_text(packet, "made"))
    except ValueError:
        raise _unreadable(tr("it has no time")) from None
    return Request(
        _text(packet, "id"),
        made if made.tzinfo else made.replace(tzinfo=dt.UTC),
        _text(packet, "name"),
        _text(packet, "address"),
        _text(packet, "root"),
        _text(packet, "manifest"),
        _public(packet, "key") if "key" in packet else None,
        share,
        _written(packet),
    )


def _packet(text: str, kind: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise _unreadable(tr("it is larger than any packet"))
    try:
        packet = json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable(tr("it is no JSON")) from None
    if not isinstance(packet, dict) or packet.get("type") not in {REQUEST, ANSWER}:
        raise _unreadable(tr("it is something else"))
    if packet["type"] != kind:
        wanted = tr("a request is wanted") if kind == REQUEST else tr("an answer is wanted")
        raise _unreadable(tr("{wanted}, and it is the other one", wanted=wanted))
    if packet.get("version") != _VERSION:
        raise _unreadable(tr("it is of another version of the console"))
    return packet


def _written(packet: dict[str, Any]) -> str:
    return json.dumps(packet, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _signed(packet: dict[str, Any]) -> bytes:
    """What a signature is over: everything but itself."""
    return _written({name: value for name, value in packet.items() if name != "signature"}).encode()


def _text(packet: dict[str, Any], name: str) -> str:
    value = packet.get(name, "")
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise _unreadable(tr("its field “{name}” is no short text", name=name))
    return value


def _bytes(packet: dict[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(packet.get(name, ""), validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise _unreadable(tr("its field “{name}” is no base64", name=name)) from None


def _public(packet: dict[str, Any], name: str = "public") -> RSAPublicKey:
    try:
        key = load_der_public_key(_bytes(packet, name))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        raise _unreadable(tr("its field “{name}” is no RSA key", name=name))
    return key


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _unreadable(why: str) -> PacketUnreadable:
    return PacketUnreadable(
        tr("This is no packet that can be used: {why}.", why=why),
        hint=tr("Choose the file or picture that the other machine has made."),
    )
