"""What cannot stay as it is in the form of a connection, by field. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from marble_client.address import Address, is_host
from marble_client.collateral import ServiceAddress
from marble_client.proxies import ProxyChoice
from marble_console.coordinators.profiles import Kind
from marble_console.pages.connections.state import Draft, TrustBy
from marble_console.words import tr
from marble_core.attestation.anchors import INTEL, TrustAnchor
from marble_core.errors import MarbleError

LONGEST_TIMEOUT: Final = 300  # seconds


def what_is_wrong(draft: Draft) -> dict[str, str]:
    """A sentence for each field that keeps the connection from being saved, in the order of the form."""
    wrong = {}
    if not draft.name.strip():
        wrong["name"] = tr("Give the connection a name.")
    if draft.kind is Kind.LOCAL:
        return wrong
    found = {
        "address": _address(draft.address),
        "server_name": _server_name(draft.server_name.strip()),
        "root": _root(draft),
        "policy": draft.policy.objection,
        "anchor": _anchor(draft.anchor_der),
        "service": _parsed(ServiceAddress.parse, draft.service),
        "collateral_proxy": _parsed(ProxyChoice.parse, draft.collateral_proxy),
        "proxy": _parsed(ProxyChoice.parse, draft.proxy),
        "timeout": _timeout(draft.timeout.strip()),
    }
    return wrong | {field: sentence for field, sentence in found.items() if sentence}


def _address(text: str) -> str:
    return _parsed(Address.parse, text) if text.strip() else tr("Give the address as host:port.")


def _server_name(text: str) -> str:
    if not text or is_host(text):
        return ""
    return tr("“{name}” is no name that a certificate could hold.", name=text)


def _root(draft: Draft) -> str:
    if draft.trust_by is TrustBy.FILE and not draft.root_der:
        return tr("Choose the file with the root certificate.")
    return ""


def _anchor(der: bytes) -> str:
    """Intel's own root is no simulation root; naming it would only look as if something had been changed."""
    if not der:
        return ""
    try:
        anchor = TrustAnchor.from_der(der)
    except MarbleError as error:
        return error.sentence
    return (
        tr("This is Intel’s root itself. Choose “Intel”.") if anchor.certificate == INTEL.certificate else ""
    )


def _parsed(parse: Callable[[str], object], text: str) -> str:
    if not text.strip():
        return ""
    try:
        parse(text)
    except MarbleError as error:
        return error.sentence
    return ""


def _timeout(text: str) -> str:
    if not text or (text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= LONGEST_TIMEOUT):
        return ""
    return tr("Give the seconds as a number from 1 to {most}.", most=LONGEST_TIMEOUT)
