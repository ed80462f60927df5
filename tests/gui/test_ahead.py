import importlib
import subprocess
import sys

import pytest

from marble_console.ahead import DRAWN


def test_what_loads_on_a_worker_brings_no_qt():
    program = "import sys, marble_console.ahead as a; a.load_undrawn(); print('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", DRAWN)
def test_every_page_that_loads_ahead_is_there(name):
    assert importlib.import_module(name)
