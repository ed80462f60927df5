"""Sharing an attested root with the `marblerun` CLI. For worker threads: it reads and writes a disk."""

from __future__ import annotations

from pathlib import Path

from marble_client.answers import CertificateChain
from marble_client.chain_file import read_chain_file, write_chain_file
from marble_client.errors import CertificateUnreadable
from marble_console.attesting.subject import Attestation
from marble_console.files import reason, replace_file
from marble_console.words import tr
from marble_core.errors import MarbleError

_LARGEST = 1 << 20  # bytes; a file beyond that holds no two certificates
_FOLDER_MODE, _FILE_MODE = 0o755, 0o600  # as the CLI makes them


class ChainNotWritten(MarbleError):
    """The file of the CLI cannot be written."""

    code = "chain_not_written"


def import_chain(path: Path) -> CertificateChain:
    """What the CLI trusts; raises CertificateUnreadable. Verify the coordinator where it shows another root."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
    except OSError as error:
        raise CertificateUnreadable(
            tr("{file} cannot be read: {reason}.", file=path, reason=reason(error)),
            hint=tr("The command line makes it when it verifies a coordinator."),
        ) from error
    return read_chain_file(content)


def export_chain(path: Path, attestation: Attestation) -> None:
    """Let the CLI trust what was attested. Raises NotAttested, RootIsTemporary or ChainNotWritten.

    Replaces the file: it holds one coordinator.
    """
    attestation.require_lasting_root()
    content = write_chain_file(CertificateChain.parse(attestation.evidence.certificates))
    try:
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        replace_file(path, content, mode=_FILE_MODE)
    except OSError as error:
        raise ChainNotWritten(
            tr("{file} cannot be written: {reason}.", file=path, reason=reason(error)),
            hint=tr("Check the folder, and your right to write there."),
        ) from error
