"""Tokens of SoftHSM, where it is installed: the calls are those of a card, only the hardware is missing."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.patience import PATIENCE

PIN = "8035-canary-pin"
MODULE = next(
    filter(
        Path.exists,
        map(
            Path,
            (
                "/usr/lib/softhsm/libsofthsm2.so",
                "/usr/lib64/pkcs11/libsofthsm2.so",
                "/opt/homebrew/lib/softhsm/libsofthsm2.so",
            ),
        ),
    ),
    None,
)
TOOL = shutil.which("softhsm2-util")


@dataclass(frozen=True)
class SoftHsm:
    """Tokens in a folder of their own. All must be made before the library is loaded: it reads them once in a process."""

    folder: Path
    module: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "softhsm2.conf"

    def prepare(self) -> None:
        (self.folder / "tokens").mkdir()
        text = f"directories.tokendir = {self.folder}/tokens\nlog.level = ERROR\n"
        self.configuration.write_text(text, encoding="utf-8")

    def make_token(self, label: str, keys: dict[str, RSAPrivateKey]) -> None:
        _util("--init-token", "--free", "--label", label, "--so-pin", "so-pin-0", "--pin", PIN)
        for number, (name, key) in enumerate(keys.items(), 1):
            pem = self.folder / f"{label}-{name}.pem"
            pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            _util("--import", pem, "--token", label, "--label", name, "--id", f"0{number}", "--pin", PIN)
            pem.unlink()


def _util(*arguments: object) -> None:
    if TOOL is None:
        raise FileNotFoundError("softhsm2-util")
    subprocess.run(
        [TOOL, *map(str, arguments)], check=True, capture_output=True, env=os.environ, timeout=PATIENCE
    )
