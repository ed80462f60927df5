"""One change at a time, and readers who never wait for one."""

import asyncio
import threading

import pytest

from marble_coordinator.pki import issue
from tests.fakes.api_driver import ApiDriver, ferry
from tests.fakes.patience import PATIENCE


@pytest.fixture
def slow_generation(monkeypatch):
    """Key generation that has begun and goes on until `finish` is set."""

    class Slow:
        begun = threading.Event()
        finish = threading.Event()

    real = issue.generate_all

    def generate_all(*args):
        Slow.begun.set()
        assert Slow.finish.wait(PATIENCE)
        return real(*args)

    monkeypatch.setattr(issue, "generate_all", generate_all)
    return Slow


def test_of_manifests_set_at_once_exactly_one_wins(waiting):
    async def race():
        manifests = [ferry() | {"Number": number} for number in range(6)]
        return await asyncio.gather(*(waiting.request("POST", "/manifest", one) for one in manifests))

    replies = waiting.runner.run(race())
    assert sorted(reply.status for reply in replies) == [200] + [400] * 5
    assert {reply.refusal for reply in replies if reply.status == 400} == {
        (400, "server is not in expected state")
    }
    assert len(waiting.call("GET", "/update").data.splitlines()) == 1


def test_readers_are_answered_while_keys_are_generated(waiting, slow_generation):
    async def scenario():
        setting = asyncio.create_task(waiting.request("POST", "/manifest", ferry()))
        await asyncio.to_thread(slow_generation.begun.wait, PATIENCE)
        during = [
            (await waiting.request("GET", path)).status
            for path in ("/status", "/quote", "/manifest", "/update")
        ]
        refused = (await waiting.request("GET", "/secrets?s=valve", as_user="mate")).status
        state = waiting.world.state
        slow_generation.finish.set()
        return during, refused, state, (await setting).status

    assert waiting.runner.run(scenario()) == ([200, 200, 200, 500], 401, 2, 200)


def test_a_caller_who_gives_up_leaves_memory_and_disk_agreed(waiting, directory, slow_generation):
    async def scenario():
        setting = asyncio.create_task(waiting.request("POST", "/manifest", ferry()))
        await asyncio.to_thread(slow_generation.begun.wait, PATIENCE)
        setting.cancel()
        await asyncio.wait([setting])
        slow_generation.finish.set()
        # The next change waits its turn behind the abandoned one.
        return (await waiting.request("POST", "/manifest", ferry())).status

    assert waiting.runner.run(scenario()) == 400
    before = waiting.snapshot()
    waiting.vault.close()
    with ApiDriver(directory) as again:
        assert again.snapshot() == before


def test_writes_at_once_are_all_kept(running):
    async def write_all():
        bodies = [{"code": {"Key": f"AAECAwQFBg{letter}="}} for letter in "ABCDEFGH"]
        return await asyncio.gather(
            *(running.request("POST", "/secrets", body, as_user="mate") for body in bodies)
        )

    assert {reply.status for reply in running.runner.run(write_all())} == {200}
    assert len(running.call("GET", "/update").data.splitlines()) == 9


def test_a_user_who_is_gone_when_the_turn_comes_is_refused(running, monkeypatch):
    """Who calls is decided in the same world that the change is made in."""
    monkeypatch.setattr(type(running.changes), "require_user", lambda _self, certificate: certificate or b"-")
    assert running.call("POST", "/secrets", {"door": {"Key": "b3Blbg=="}}, as_user="stranger").status == 401
    assert running.call("POST", "/update", {}, as_user=None).status == 401
