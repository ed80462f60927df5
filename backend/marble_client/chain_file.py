"""The file in which the `marblerun` CLI remembers a coordinator: intermediate and root, PEM (spec: client-compat.md, section 4).

One coordinator per file. Sharing it lets both tools trust the same root; nothing in it is secret.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from cryptography.hazmat.primitives.serialization import Encoding

from marble_client.answers import CertificateChain
from marble_client.errors import CertificateUnreadable, ChainRejected


def default_chain_file() -> Path:
    """Where the CLI keeps it unless it is told otherwise."""
    return platformdirs.user_config_path("marblerun", appauthor=False, roaming=True) / "coordinator-cert.pem"


def read_chain_file(content: bytes) -> CertificateChain:
    """The chain in such a file; raises CertificateUnreadable. Nobody has verified it: the file only says what was once."""
    try:
        chain = CertificateChain.parse(content.decode())
    except (UnicodeDecodeError, ChainRejected) as error:
        raise CertificateUnreadable(
            "The file does not hold the intermediate certificate of a coordinator and its root.",
            hint="Choose the coordinator-cert.pem of the command line, or verify the coordinator anew.",
        ) from error
    if chain.intermediate == chain.root:
        raise CertificateUnreadable(
            "The file holds one certificate, and two are needed: the intermediate and the root.",
            hint="Verify the coordinator, then write the file from here.",
        )
    return chain


def write_chain_file(chain: CertificateChain) -> bytes:
    """The content of such a file."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in (chain.intermediate, chain.root))
