"""Values as text for the screen and the clipboard, and certificates as facts. No Qt; pure functions."""

from __future__ import annotations

import base64
import datetime as dt
import textwrap
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from marble_console.pages.secrets.reading import Value
from marble_console.parts import Fact, Tone
from marble_console.times import expiry
from marble_console.words import tr
from marble_core.keypair import key_words
from marble_core.secretinput import is_issued_by, names_of

MOST_SHOWN = 4096  # bytes of a value on the screen; all of it is copied
_GROUP, _GROUPS = 4, 8  # hex characters of a group, groups of a line
_PEM_LINE = 64


class Form(Enum):
    """How a value is shown and copied."""

    TEXT = "text"
    PEM = "pem"
    HEX = "hex"
    BASE64 = "base64"


def forms(value: Value) -> tuple[Form, ...]:
    """The forms that a value can take, the usual one first."""
    if value.kind.is_certificate:
        return (Form.PEM, Form.HEX, Form.BASE64)
    if _text(value) is not None:
        return (Form.TEXT, Form.HEX, Form.BASE64)
    return (Form.HEX, Form.BASE64)


def copied(value: Value, form: Form) -> str:
    """The whole value as text in one form, for the clipboard."""
    content = value.secret.reveal()
    match form:
        case Form.TEXT:
            return _text(value) or ""
        case Form.PEM:
            return pem("PRIVATE KEY", content)
        case Form.HEX:
            return content.hex()
        case Form.BASE64:
            return base64.b64encode(content).decode("ascii")


def shown(value: Value, form: Form) -> str:
    """The value for reading, in lines, and cut where it is very long."""
    text = copied(value, form)
    if form is Form.HEX:
        text = text[: 2 * MOST_SHOWN]
        groups = textwrap.wrap(text, _GROUP)
        lines = [" ".join(groups[at : at + _GROUPS]) for at in range(0, len(groups), _GROUPS)]
        return "\n".join(lines)
    text = text[:MOST_SHOWN]
    return "\n".join(textwrap.wrap(text, _PEM_LINE)) if form is Form.BASE64 else text


def is_cut(value: Value) -> bool:
    return len(value.secret) > MOST_SHOWN


def pem(label: str, der: bytes) -> str:
    """PEM of some DER."""
    lines = textwrap.wrap(base64.b64encode(der).decode("ascii"), _PEM_LINE)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def certificate_facts(
    value: Value, now: dt.datetime, intermediate: x509.Certificate | None
) -> tuple[Fact, ...]:
    """What a certificate says; `intermediate` is the issuer of the coordinator in hand, if it is known."""
    certificate = value.certificate
    if certificate is None:
        return (Fact(tr("Certificate"), tr("cannot be read"), Tone.FAILED),)
    ends, soon = expiry(certificate.not_valid_after_utc, now)
    names = names_of(certificate)
    facts = [Fact(tr("Subject"), certificate.subject.rfc4514_string() or tr("empty"))]
    if names:
        facts.append(Fact(tr("Names"), ", ".join(names), tooltip="\n".join(names)))
    begins = certificate.not_valid_before_utc
    facts += [
        Fact(tr("Valid from"), f"{begins:%d %b %Y}"),
        Fact(tr("Ends"), ends, Tone.CAUTION if soon else None),
        Fact(tr("Issuer"), certificate.issuer.rfc4514_string() or tr("empty")),
        _key_fact(value, certificate),
        Fact(tr("Chain"), _chain(certificate, intermediate)),
        Fact(tr("SHA-256"), value.fingerprint, fingerprint=True),
    ]
    return tuple(facts)


def _key_fact(value: Value, certificate: x509.Certificate) -> Fact:
    words = key_words(certificate.public_key())
    if value.matches is None:
        return Fact(tr("Key"), tr("{key} · no private key", key=words), Tone.CAUTION)
    if value.matches:
        return Fact(tr("Key"), tr("{key} · matches the certificate", key=words))
    return Fact(tr("Key"), tr("{key} · does not match", key=words), Tone.FAILED)


def _chain(certificate: x509.Certificate, intermediate: x509.Certificate | None) -> str:
    # The issuer of generated certificates has the name and the key of the intermediate (secrets-and-certs.md, 5).
    if intermediate is not None and is_issued_by(certificate, intermediate):
        return tr("issued by this coordinator")
    if certificate.issuer == certificate.subject:
        return tr("self-signed")
    return tr("the issuer is not stored here")


def certificate_file(value: Value, encoding: Encoding) -> bytes:
    """The certificate as a file."""
    if encoding is Encoding.DER or value.certificate is None:
        return value.cert_der
    return value.certificate.public_bytes(Encoding.PEM)


def _text(value: Value) -> str | None:
    """The value as text, where it is some that can be shown."""
    try:
        text = value.secret.reveal().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if all(char.isprintable() or char in "\n\t\r" for char in text) else None
