"""SIGKILL against the whole coordinator in the middle of continuous writes."""

import base64
import http.client
import json
import random
import sys
import threading

import pytest

from tests.fakes.api_driver import ferry, user
from tests.fakes.coordinator_process import CoordinatorProcess, ask

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")]

LONGEST_LIFE = 0.15  # seconds of writing; a write takes a few milliseconds


def test_no_acknowledged_write_is_lost_by_a_kill(tmp_path, proving):
    chance = random.Random(11)
    with CoordinatorProcess(tmp_path) as coordinator:
        coordinator.start()
        assert coordinator.call("POST", "/manifest", json.dumps(ferry()).encode())["status"] == "success"
        in_force = 0
        for _ in range(200 if proving else 3):
            acknowledged = write_until_killed(coordinator, in_force, chance.uniform(0, LONGEST_LIFE))
            coordinator.start()
            assert coordinator.ready["state"] == 3
            in_force = number_in(coordinator)
            assert acknowledged <= in_force <= acknowledged + 1
            assert len(coordinator.call("GET", "/update")["data"].splitlines()) == 1 + in_force
        assert in_force > 0
    assert not any(line["level"] in {"error", "fatal"} for line in coordinator.log_lines)


def write_until_killed(coordinator: CoordinatorProcess, last: int, seconds: float) -> int:
    """Write rising numbers until the coordinator is killed; gives the last one that it acknowledged."""
    connection = coordinator.connect(user("mate"))
    killer = threading.Timer(seconds, coordinator.process.kill)
    killer.start()
    try:
        while True:
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
