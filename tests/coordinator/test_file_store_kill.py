"""SIGKILL in the middle of continuous writes. Power cuts, where unsynced data are lost too: test_file_store_faults.py."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from marble_coordinator.adapters.file_store import FileStore
from tests.fakes import store_writer


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_no_acknowledged_write_is_lost_by_a_kill(tmp_path, proving):
    chance = random.Random(3)
    acknowledged = -1
    for _ in range(200 if proving else 5):
        acknowledged = kill_a_writer(tmp_path / "seal", acknowledged, lines=chance.randrange(1, 25))


def kill_a_writer(directory: Path, acknowledged: int, lines: int) -> int:
    """Start a writer, kill it after some acknowledged writes, and return the number of the state found after it."""
    command = [sys.executable, store_writer.__file__, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        printed = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        printed += writer.stdout.readlines()
    numbers = [int(line) for line in printed if line.endswith("\n")]
    assert len(numbers) >= lines, "the writer ended by itself"
    assert numbers == list(range(acknowledged + 1, acknowledged + 1 + len(numbers)))

    store = FileStore.open(directory)
    found = store_writer.number_in(store)
    store.close()
    assert numbers[-1] <= found <= numbers[-1] + 1
    return found
