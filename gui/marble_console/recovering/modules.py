"""PKCS #11 libraries that are installed here: those of known names and places, and those that p11-kit has on its list."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_NAMES: Final = {
    "opensc-pkcs11": "OpenSC",
    "libykcs11": "YubiKey",
    "libsofthsm2": "SoftHSM",
    "libeToken": "SafeNet eToken",
    "libIDPrimePKCS11": "IDPrime",
    "libcryptoki": "Luna HSM",
    "yubihsm_pkcs11": "YubiHSM",
    "tpm2_pkcs11": "TPM",
    "libykcs11-2": "YubiKey",
    "libtpm2_pkcs11": "TPM",
    "libbeidpkcs11": "Belgian eID",
}
_LINUX: Final = tuple(
    Path(base) / folder
    for base in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib")
    for folder in ("", "pkcs11", "softhsm")
)  # fmt: skip
_MAC: Final = (
    Path("/Library/OpenSC/lib"),
    Path("/opt/homebrew/lib"),
    Path("/opt/homebrew/lib/softhsm"),
    Path("/usr/local/lib"),
    Path("/usr/local/lib/softhsm"),
)
_WINDOWS: Final = (
    Path("C:/Windows/System32"),
    Path("C:/Program Files/OpenSC Project/OpenSC/pkcs11"),
    Path("C:/Program Files/Yubico/Yubico PIV Tool/bin"),
    Path("C:/SoftHSM2/lib"),
)
_P11_KIT: Final = (Path("/usr/share/p11-kit/modules"), Path("/etc/pkcs11/modules"))
_IN_NO_USE: Final = frozenset(
    {"p11-kit-trust", "p11-kit-client"}
)  # certificates only, and a door for sandboxes


def module_name(module: Path) -> str:
    """What a library is called: by the vendor, where that is known."""
    vendor = _NAMES.get(module.name.split(".")[0])
    return f"{vendor} · {module.name}" if vendor else module.name


def find_modules() -> tuple[Path, ...]:
    """The libraries found, each once, in the order of their names. Nothing is loaded."""
    folders, ending = _here()
    named = (folder / f"{name}{ending}" for folder in folders for name in _NAMES)
    found: dict[Path, Path] = {}
    for path in (*named, *_listed(folders)):
        with contextlib.suppress(OSError):
            if path.is_file():
                found.setdefault(path.resolve(), path)
    return tuple(sorted(found.values(), key=module_name))


def _here() -> tuple[Iterable[Path], str]:
    if sys.platform == "darwin":
        return _MAC, ".dylib"
    if sys.platform == "win32":
        return _WINDOWS, ".dll"
    return _LINUX, ".so"


def _listed(folders: Iterable[Path]) -> Iterator[Path]:
    """Those of p11-kit: one file for each, with a line `module: NAME`, relative to where libraries are."""
    for place in _P11_KIT:
        for file in sorted(place.glob("*.module")):
            if file.stem in _IN_NO_USE:
                continue
            for module in _named_in(file):
                if module.is_absolute():
                    yield module
                else:
                    yield from (folder / module for folder in folders)


def _named_in(file: Path) -> tuple[Path, ...]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ()
    pairs = (line.partition(":") for line in lines)
    return tuple(Path(value.strip()) for key, _, value in pairs if key.strip() == "module" and value.strip())
