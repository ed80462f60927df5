"""Facts about the whole machine: without them a figure says nothing."""

import datetime as dt
import os
import platform
import re
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path


def facts(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and value; `folder` is where the measured programs keep their data."""
    yield "when", dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield "commit", _command("git", "describe", "--always", "--dirty")
    yield "processor", f"{_processor()}, {os.cpu_count()} cores, {len(os.sched_getaffinity(0))} usable here"
    yield "memory", f"{_memory_gib():.1f} GiB"
    yield "load before", " ".join(f"{load:.2f}" for load in os.getloadavg())
    yield "system", f"{_distribution()}, {platform.system()} {platform.release()}"
    yield "file system", _file_system(folder)
    yield "Python", f"{platform.python_implementation()} {platform.python_version()}, {ssl.OPENSSL_VERSION}"


def _command(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _processor() -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "unknown distribution"


def _file_system(folder: Path) -> str:
    """Type of the mount that holds `folder`: it decides what an fsync costs."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, point, this_kind, *_ = line.split(" ")
        if folder.resolve().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, this_kind
    return kind
