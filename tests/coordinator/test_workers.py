import asyncio
import os
import threading
from concurrent.futures import CancelledError

import pytest

from marble_coordinator.services.workers import Workers
from tests.fakes.patience import PATIENCE


def test_changes_run_one_at_a_time_in_the_order_they_came():
    order = []

    async def scenario(workers):
        await asyncio.gather(*(workers.in_door(order.append, number) for number in range(20)))

    workers = Workers()
    asyncio.run(scenario(workers))
    workers.close()
    assert order == list(range(20))


def test_a_stop_gives_up_a_change_that_waits_for_keys_not_begun():
    """What the door does here is what key generation does: wait for the futures that it has submitted."""
    workers = Workers()
    busy, finish = threading.Barrier((os.cpu_count() or 1) + 1), threading.Event()

    def make_key():
        busy.wait(PATIENCE)
        finish.wait(PATIENCE)

    def change():
        first = [workers.key_makers.submit(make_key) for _ in range(os.cpu_count() or 1)]
        last = workers.key_makers.submit(pytest.fail, "a key was made after the stop")
        busy.wait(PATIENCE)
        stopping = threading.Thread(target=workers.close)
        stopping.start()
        with pytest.raises(CancelledError):
            last.result(PATIENCE)
        finish.set()
        return stopping, [key.result(PATIENCE) for key in first]

    stopping, made = asyncio.run(workers.in_door(change))
    stopping.join(PATIENCE)
    assert made == [None] * len(made)
    assert not stopping.is_alive()


@pytest.mark.skipif(
    not hasattr(os, "getpriority"), reason="threads have a priority of their own on Linux only"
)
def test_threads_that_make_keys_step_back_for_readers():
    workers = Workers()
    here = os.getpriority(os.PRIO_PROCESS, 0)
    there = workers.key_makers.submit(
        lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    ).result()
    workers.close()
    assert there > here
