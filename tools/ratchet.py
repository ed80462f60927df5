"""Coverage only goes up: `fail_under` in pyproject.toml is a floor that is raised and never lowered.

    ratchet.py              after a measured run: say when the floor can be raised
    ratchet.py --history    refuse a floor below one that an earlier commit had reached

That a run stays above the floor is checked by coverage itself.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

FLOOR = re.compile(r"^[+-]?fail_under = (?P<percent>[0-9.]+)", re.MULTILINE)


def floor(pyproject: str) -> float:
    return float(tomllib.loads(pyproject)["tool"]["coverage"]["report"]["fail_under"])


def earlier_floors(root: Path) -> list[float]:
    """Every floor that the known history has seen; none where there is no git."""
    command = ["git", "log", "-p", "-G^fail_under", "--format=", "--", "pyproject.toml"]
    try:
        log = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [float(match["percent"]) for match in FLOOR.finditer(log)]


def advice(measured: float, wanted: float) -> str | None:
    """What to raise the floor to, once there is a whole point to win."""
    if measured < wanted + 1:
        return None
    return f"Coverage is {measured:.1f} %: raise fail_under in pyproject.toml from {wanted:g} to {int(measured)}."


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Coverage only goes up.")
    parser.add_argument(
        "--history", action="store_true", help="compare the floor with those of earlier commits"
    )
    options = parser.parse_args(arguments)
    root = Path(__file__).resolve().parent.parent
    wanted = floor((root / "pyproject.toml").read_text(encoding="utf-8"))
    if options.history:
        if lower_than := [percent for percent in earlier_floors(root) if percent > wanted]:
            print(f"fail_under is {wanted:g} and was {max(lower_than):g}: it only goes up.", file=sys.stderr)
            return 1
        return 0
    command = [
        sys.executable,
        "-m",
        "coverage",
        "report",
        "--format=total",
        "--precision=2",
        "--fail-under=0",
    ]
    total = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    if sentence := advice(float(total), wanted):
        print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main())
