"""Find out what this machine lacks for working on Marble Console, say it in one sentence, install it where that is allowed.

    doctor.py venv       before the virtual environment is made: can this Python make one?
    doctor.py tests      before the tests: the libraries Qt needs to draw into memory
    doctor.py window     before a window opens: libraries for the display of this session, and the display itself
    doctor.py system     install all of it for every kind of display
    doctor.py bundle     before the bundle is built: the same, since the bundle carries them, and PyInstaller's programs

On Debian and its relatives missing packages are installed at once by root or by a user whose sudo asks no password;
everybody else gets the sentence. Plain standard library; needs `gui` on PYTHONPATH.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from marble_console import preflight


class Trouble(Exception):
    """What is wrong, in one sentence for the person at the terminal."""


def install(packages: Sequence[str], why: str) -> bool:
    """Install Debian packages if that needs no question to anybody; `why` is said first. False: not allowed to."""
    command = _privileged()
    if command is None or not packages:
        return False
    print(f"{why} Installing {' '.join(packages)} now.", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*command, *step], env=env, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode:
            raise Trouble(f"{why} Installing it did not work:\n{(done.stdout + done.stderr).strip()}")
    return True


def _privileged() -> list[str] | None:
    """The apt-get command that may install, or None."""
    apt = shutil.which("apt-get")
    if apt is None:
        return None
    if os.geteuid() == 0:
        return [apt]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", apt]
    return None


def check_venv() -> None:
    if importlib.util.find_spec("ensurepip"):
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    default = shutil.which("python3")
    is_default = default is not None and os.path.realpath(default) == os.path.realpath(sys.executable)
    package = "python3-venv" if is_default else f"python{version}-venv"
    why = f"Python cannot make virtual environments: install {package} ('sudo apt-get install {package}')."
    if not install([package], why):
        raise Trouble(why)


def check_libraries(find_missing: Callable[[], Sequence[preflight.Library]]) -> None:
    if not (missing := find_missing()):
        return
    why = preflight.libraries_sentence(missing)
    if not install(preflight.packages(missing), why):
        raise Trouble(why)
    if still := find_missing():
        raise Trouble(f"After the installation it still holds: {preflight.libraries_sentence(still)}")


def check_tests() -> None:
    check_libraries(lambda: preflight.missing_libraries(["offscreen"]))


def check_window() -> None:
    check_libraries(preflight.missing_for_display)
    if sentence := preflight.obstacle():
        raise Trouble(sentence)


def check_system() -> None:
    check_libraries(lambda: preflight.missing_libraries(["offscreen", *preflight.BY_PLATFORM]))


def check_bundle() -> None:
    check_system()
    if all(map(shutil.which, ("objcopy", "objdump"))):
        return
    why = "PyInstaller needs objdump and objcopy: install binutils ('sudo apt-get install binutils')."
    if not install(["binutils"], why):
        raise Trouble(why)


CHECKS: dict[str, Callable[[], None]] = {
    "venv": check_venv,
    "tests": check_tests,
    "window": check_window,
    "system": check_system,
    "bundle": check_bundle,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Say what this machine lacks, and install it where allowed.")
    parser.add_argument("check", choices=CHECKS)
    chosen = parser.parse_args(arguments)
    try:
        CHECKS[chosen.check]()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
