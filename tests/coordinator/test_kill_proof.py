"""SIGKILL against the whole coordinator in the middle of continuous writes."""

import asyncio
import base64
import datetime as dt
import http.client
import json
import random
import sys
import threading
from pathlib import Path

import pytest
from grpclib import GRPCError
from grpclib.exceptions import StreamTerminatedError

from marble_coordinator.adapters.file_store import FileStore
from marble_coordinator.adapters.plain_sealer import PlainSealer
from marble_coordinator.starting import first_world
from marble_coordinator.vault import Vault
from tests.fakes.api_driver import ferry, user
from tests.fakes.coordinator_process import CoordinatorProcess, ask
from tests.fakes.marble import Marble
from tests.fakes.tls_client import make_identity

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")]

LONGEST_LIFE = 0.15  # seconds of writing; a write takes a few milliseconds
MOST_ON_A_CONNECTION = 40


def test_no_acknowledged_write_is_lost_by_a_kill(tmp_path, proving):
    chance = random.Random(11)
    with CoordinatorProcess(tmp_path) as coordinator:
        coordinator.start()
        assert coordinator.call("POST", "/manifest", json.dumps(ferry()).encode())["status"] == "success"
        in_force = 0
        for life in range(200 if proving else 3):
            # The first life sees at least one write through, however busy the machine.
            acknowledged = write_until_killed(
                coordinator, in_force, chance.uniform(0, LONGEST_LIFE), spared=int(life == 0)
            )
            coordinator.start()
            assert coordinator.ready["state"] == 3
            in_force = number_in(coordinator)
            assert acknowledged <= in_force <= acknowledged + 1
            assert len(coordinator.call("GET", "/update")["data"].splitlines()) == 1 + in_force
        assert in_force > 0
    assert not any(line["level"] in {"error", "fatal"} for line in coordinator.log_lines)


def write_until_killed(coordinator: CoordinatorProcess, last: int, seconds: float, *, spared: int) -> int:
    """Write rising numbers until the coordinator is killed; gives the last one that it acknowledged.

    Its last seconds begin after the `spared` first writes.
    """
    connection = coordinator.connect(user("mate"))
    killer = threading.Timer(seconds, coordinator.process.kill)
    first_in_danger = last + 1 + spared
    try:
        while True:
            if last + 1 == first_in_danger:
                killer.start()
            value = base64.b64encode(b"%d" % (last + 1)).decode()
            answer = ask(connection, "POST", "/secrets", json.dumps({"door": {"Key": value}}).encode())
            assert answer == {"status": "success", "data": None}
            last += 1
    except (OSError, http.client.HTTPException):
        return last
    finally:
        connection.close()
        killer.join()
        coordinator.wait()


def number_in(coordinator: CoordinatorProcess) -> int:
    door = coordinator.call("GET", "/secrets?s=door", identity=user("mate"))["data"]["door"]
    return int(base64.b64decode(door["Private"])) if door["Private"] else 0


def test_no_acknowledged_activation_is_forgotten_by_a_kill(tmp_path, proving):
    """Or a marble could be activated more often than its manifest allows."""
    chance = random.Random(12)
    manifest = ferry()
    manifest["Marbles"]["radar"]["MaxActivations"] = 1_000_000
    counted = 0
    with CoordinatorProcess(tmp_path) as coordinator:
        coordinator.start()
        assert coordinator.call("POST", "/manifest", json.dumps(manifest).encode())["status"] == "success"
        for _ in range(100 if proving else 2):
            acknowledged = counted + asyncio.run(
                activate_until_killed(coordinator, chance.uniform(0.05, 2 * LONGEST_LIFE))
            )
            coordinator.wait()
            counted = activations_in(tmp_path / "seal")
            assert acknowledged <= counted <= acknowledged + 1
            coordinator.start()
        assert counted > 0


async def activate_until_killed(coordinator: CoordinatorProcess, seconds: float) -> int:
    """Activate one marble after the other until the coordinator is killed; gives how many it acknowledged."""
    identity = make_identity().write(coordinator.folder)
    activated = 0
    async with Marble(coordinator.ready["mesh_port"], identity) as marble:
        await marble.activate("radar")  # the coordinator is ready a moment before marbles are served
        activated += 1
        killer = threading.Timer(seconds, coordinator.process.kill)
        killer.start()
        try:
            while activated < MOST_ON_A_CONNECTION:
                await marble.activate("radar")
                activated += 1
        except (OSError, GRPCError, StreamTerminatedError):
            pass
        killer.join()
    return activated


def activations_in(folder: Path) -> int:
    store = FileStore.open(folder)
    vault = Vault(store, PlainSealer())
    try:
        return first_world(vault, ["localhost"], lambda: dt.datetime.now(dt.UTC)).activations("radar")
    finally:
        vault.close()
