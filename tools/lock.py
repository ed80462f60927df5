"""Keep requirements.lock in step with pyproject.toml.

    lock.py check     offline: does the lock answer exactly the requirements that pyproject.toml states now?
    lock.py update    resolve with uv, for every supported Python and platform, with hashes; pins that still fit stay
    lock.py upgrade   the same, with the newest version of everything

The first line of the lock is a fingerprint of the requirements it was made from, so that a dependency that was dropped
or loosened is noticed as well as one that was added.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)", re.MULTILINE)
LOCK = "requirements.lock"
MARK = "# made by 'make lock' from requirements with fingerprint "


def requirements(pyproject: dict[str, Any]) -> list[Requirement]:
    """All that the project asks for: at run time, and in every dependency group."""
    groups = pyproject.get("dependency-groups", {}).values()
    stated = [*pyproject["project"]["dependencies"], *(entry for group in groups for entry in group)]
    return [Requirement(text) for text in stated]


def fingerprint(pyproject: dict[str, Any]) -> str:
    lines = sorted({str(requirement) for requirement in requirements(pyproject)})
    lines.append(pyproject["project"]["requires-python"])
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def complaints(pyproject: dict[str, Any], lock: str) -> Iterator[str]:
    """Why the lock does not fit, in sentences."""
    if not lock.startswith(MARK + fingerprint(pyproject)):
        yield "pyproject.toml states other requirements than those the lock was made from"
    pins = {canonicalize_name(pin["name"]): pin["version"] for pin in PIN.finditer(lock)}
    for requirement in requirements(pyproject):
        version = pins.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{requirement.name} is not in the lock"
        elif not requirement.specifier.contains(version, prereleases=True):
            yield f"the lock has {requirement.name} {version}, and pyproject.toml asks for '{requirement}'"
    if "://" in lock:
        yield "the lock names a host; it must work with any registry"


def update(root: Path, pyproject: dict[str, Any], *, upgrade: bool) -> None:
    groups = [f"--group={name}" for name in pyproject["dependency-groups"]]
    floor = pyproject["project"]["requires-python"].removeprefix(">=")
    options = ["--quiet", "--universal", "--generate-hashes", f"--python-version={floor}"]
    options += ["--upgrade"] if upgrade else []
    options += ["--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    compilation = ["uv", "pip", "compile", *options, *groups, "--output-file", LOCK, "pyproject.toml"]
    subprocess.run([sys.executable, "-m", *compilation], cwd=root, check=True)
    target = root / LOCK
    target.write_text(
        f"{MARK}{fingerprint(pyproject)}\n{target.read_text(encoding='utf-8')}", encoding="utf-8"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Keep requirements.lock in step with pyproject.toml.")
    parser.add_argument("action", choices=["check", "update", "upgrade"])
    action = parser.parse_args(arguments).action
    root = Path(__file__).resolve().parent.parent
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    if action != "check":
        update(root, pyproject, upgrade=action == "upgrade")
    found = list(complaints(pyproject, (root / LOCK).read_text(encoding="utf-8")))
    for complaint in found:
        print(f"{LOCK}: {complaint}. Run 'make lock'.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
