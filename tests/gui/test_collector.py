"""Garbage goes when no job is under way, and on the GUI thread."""

import gc
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from marble_console.tasks.collector import Collector


class Ring:
    """Held by itself alone, so that only the collector finds it; tells where it went."""

    def __init__(self, gone):
        self._self = self
        self._gone = gone

    def __del__(self):
        self._gone.append(threading.get_ident())


@pytest.fixture
def busy():
    return []


@pytest.fixture
def collector(qapp, busy):
    collector = Collector(lambda: bool(busy))
    collector.start()
    yield collector
    collector.stop()


def litter(gone):
    for _ in range(2 * gc.get_threshold()[0]):
        Ring(gone)


def test_garbage_goes_on_the_gui_thread(collector, qtbot):
    gone = []
    worker = threading.Thread(target=litter, args=(gone,))
    worker.start()
    worker.join()
    assert gone == []
    qtbot.waitUntil(lambda: bool(gone))
    assert set(gone) == {threading.get_ident()}


def test_nothing_is_collected_while_a_job_is_under_way(collector, busy):
    gone = []
    litter(gone)
    busy.append("a job")
    collector.collect()
    assert gone == []
    busy.clear()
    collector.collect()
    assert gone


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        (Qt.ApplicationState.ApplicationActive, {0, 1}),
        (Qt.ApplicationState.ApplicationInactive, {0, 1, 2}),
    ],
)
def test_everything_is_looked_through_while_nobody_is_there(collector, monkeypatch, state, seen):
    monkeypatch.setattr(QGuiApplication, "applicationState", lambda: state)
    looked = set()
    gc.callbacks.append(lambda phase, info: phase == "start" and looked.add(info["generation"]))
    try:
        for _ in range(13 * 13):
            litter([])
            collector.collect()
    finally:
        gc.callbacks.pop()
    assert looked == seen


def test_the_automatic_collector_is_back_afterwards(collector):
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
