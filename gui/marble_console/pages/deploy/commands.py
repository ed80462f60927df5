"""The same change for a terminal, to be read, checked and kept. Keys and certificates are files that the operator has."""

from __future__ import annotations

from shlex import quote

from marble_client.address import Address
from marble_console.pages.deploy.state import Command, Deploy, Draft
from marble_console.words import tr
from marble_core.manifest.model import PackageName
from marble_core.packageupdate import update_text

ROOT, CERTIFICATE, KEY = "coordinator-root.pem", "user-certificate.pem", "user-key.pem"


def commands(draft: Draft, versions: dict[PackageName, int]) -> tuple[Command, ...]:
    """How to send the same with curl, and with the marblerun command."""
    address, server = draft.profile.address, draft.profile.server_name
    if draft.kind is Deploy.FIRST:
        file = draft.document.title if draft.document is not None else "manifest.json"
        call = f"curl {_trust(address, server)} --data-binary {quote('@' + file)} {_url(address, server, '/manifest')}"
        other = f"marblerun manifest set {quote(file)} {address}"
        if draft.contents.holders:
            other += " --recoverydata recovery-secrets.json"
    elif draft.kind is Deploy.FULL:
        file = draft.document.title if draft.document is not None else "manifest.json"
        user = f"--cert {CERTIFICATE} --key {KEY}"
        # Version 2 takes the bytes in base64, inside of JSON; `tr` for those that break the lines of it.
        body = f"""printf '{{"manifest":"%s"}}' "$(base64 < {quote(file)} | tr -d '\\n')\""""
        call = (
            f"{body} | curl {_trust(address, server)} {user} --data-binary @- "
            f"{_url(address, server, '/api/v2/update')}"
        )
        other = f"marblerun manifest update apply {quote(file)} {address} {user}"
        if draft.brings_secrets:
            other += " --recoverydata recovery-secrets.json"
    else:
        file = "package-update.json"
        body = update_text(versions).decode()
        write = f"cat > {file} <<'EOF'\n{body}EOF\n"
        user = f"--cert {CERTIFICATE} --key {KEY}"
        call = (
            f"{write}curl {_trust(address, server)} {user} --data-binary @{file} "
            f"{_url(address, server, '/update')}"
        )
        other = f"{write}marblerun manifest update apply {file} {address} {user}"
    return (
        Command("curl", tr("Copy as curl"), call + "\n"),
        Command("marblerun", tr("Copy as marblerun command"), other + "\n"),
    )


def _trust(address: Address, server_name: str) -> str:
    """The pinned root, and the name in its certificate where that is another one than the address."""
    reach = (
        f" --connect-to {quote(f'{server_name}:{address.port}:{address.host}:{address.port}')}"
        if server_name and server_name != address.host
        else ""
    )
    return f"--cacert {ROOT}{reach}"


def _url(address: Address, server_name: str, path: str) -> str:
    host = f"{server_name}:{address.port}" if server_name else str(address)
    return quote(f"https://{host}{path}")
