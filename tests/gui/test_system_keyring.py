"""A passphrase in GNOME's keyring, over a bus and with a login of its own; skipped where there is none."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.fakes.patience import PATIENCE

pytestmark = pytest.mark.slow

ASKED = """
from marble_console.passphrases import SystemKeyring
from marble_core.secretbytes import SecretBytes

name, word = "3b" * 32, "open sésame"
assert SystemKeyring().get(name) is None
SystemKeyring().keep(name, SecretBytes(word.encode()))
assert SystemKeyring().get(name).reveal().decode() == word
SystemKeyring().forget(name)
SystemKeyring().forget(name)
assert SystemKeyring().get(name) is None
print("kept and forgotten")
"""
# The keyring opens with a password from its standard input, as with that of a login.
SESSION = """
printf login | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
"$PYTHON" -c "$ASKED"
"""


def test_the_keyring_of_gnome_keeps_a_passphrase_and_forgets_it():
    for program in ("dbus-run-session", "gnome-keyring-daemon"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program} on this computer")
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", SESSION],
        env=os.environ | {"PYTHON": sys.executable, "ASKED": ASKED},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "kept and forgotten"), done.stderr
