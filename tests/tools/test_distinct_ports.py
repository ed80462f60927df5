"""Conformance tests on several workers never meet at a port."""

import random
from types import ModuleType

import pytest

from tools import distinct_ports


def drawing(seed):
    chance = random.Random(seed)
    return lambda: chance.randrange(12_000, 12_400)


def test_no_port_is_given_out_twice_by_one_worker_or_by_two():
    workers = [distinct_ports.distinct(drawing(seed), seed, 3) for seed in range(3)]
    ports = [draw() for draw in workers for _ in range(100)]
    assert len(set(ports)) == 300


@pytest.mark.parametrize(("worker", "rest"), [("gw0", 0), ("gw3", 3)])
def test_the_harness_draws_for_its_worker(monkeypatch, worker, rest):
    harness = ModuleType("harness")
    harness.free_port = drawing(0)
    monkeypatch.setitem(distinct_ports.sys.modules, "harness", harness)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "4")
    distinct_ports.pytest_configure()
    assert {harness.free_port() % 4 for _ in range(50)} == {rest}
