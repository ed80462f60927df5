"""Jobs run elsewhere, outcomes arrive here, in order within a lane, and never after the end."""

import sys
import threading

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QWidget

from marble_console.tasks import Generation, InlineRunner
from marble_console.tasks.runner import QtRunner
from marble_core.errors import MarbleError
from tests.fakes.patience import PATIENCE


@pytest.fixture
def runner(qtbot):
    runner = QtRunner()
    yield runner
    runner.close()


def never(_):
    pytest.fail("this outcome was not to be delivered")


def test_a_job_runs_on_another_thread_and_its_outcome_arrives_on_this_one(runner, qtbot):
    seen = []
    runner.read(
        threading.get_ident, then=lambda ident: seen.append((ident, threading.get_ident())), failed=never
    )
    qtbot.waitUntil(lambda: bool(seen))
    ((job, outcome),) = seen
    assert job != outcome == threading.get_ident()


def test_a_marble_error_goes_to_failed(runner, qtbot):
    seen = []

    def job():
        raise MarbleError("The file is gone.")

    runner.read(job, then=never, failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0].sentence == "The file is gone."


def test_a_defect_is_raised_on_the_asking_thread(runner, qtbot):
    with qtbot.captureExceptions() as raised:
        runner.read(lambda: 1 / 0, then=never, failed=never)
        qtbot.waitUntil(lambda: bool(raised))
    assert raised[0][0] is ZeroDivisionError


def test_jobs_of_a_lane_run_one_after_another(runner, qtbot):
    seen = []
    first_may_end = threading.Event()
    runner.write(lambda: first_may_end.wait(PATIENCE) and "first", lane="a", then=seen.append, failed=never)
    runner.write(lambda: "second", lane="a", then=seen.append, failed=never)
    runner.write(lambda: "other lane", lane="b", then=seen.append, failed=never)
    qtbot.waitUntil(lambda: seen == ["other lane"])
    first_may_end.set()
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert seen == ["other lane", "first", "second"]


def test_what_computes_begins_when_the_window_is_drawn_and_one_at_a_time(runner, qtbot):
    class Drawn(QWidget):
        def event(self, event):
            if event.type() == QEvent.Type.Paint:
                seen.append("drawn")
            return super().event(event)

    seen = []
    threads = set()

    def job(name):
        threads.add(threading.get_ident())
        seen.append(name)

    widget = Drawn()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(lambda: "drawn" in seen)
    seen.clear()

    def ask():
        for name in ("first", "second"):
            runner.compute(lambda name=name: job(name), then=lambda _: None, failed=never)
        widget.update()

    QTimer.singleShot(0, ask)
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert seen == ["drawn", "first", "second"]
    assert len(threads) == 1


def test_what_computes_does_not_begin_after_closing(qtbot):
    runner = QtRunner()
    begun = []
    runner.compute(lambda: begun.append("before"), then=never, failed=never)
    runner.close()
    assert runner.compute(lambda: begun.append("after"), then=never, failed=never).cancelled
    qtbot.wait(20)
    assert begun == []


def test_what_a_job_leads_to_goes_away_on_this_thread(runner, qtbot):
    class Window:
        def show(self, outcome):
            shown.append(outcome)

        def __del__(self):
            gone.append(threading.get_ident())

    shown, gone = [], []
    for at in range(200):
        runner.read(lambda at=at: at, then=Window().show, failed=never)
        runner.read(lambda: None, then=Window().show, failed=never).cancel()
    qtbot.waitUntil(lambda: len(gone) == 400)
    assert sorted(shown) == list(range(200))
    assert set(gone) == {threading.get_ident()}


def test_a_cancelled_task_is_ignored(runner, qtbot):
    may_end = threading.Event()
    done = []
    runner.read(lambda: may_end.wait(PATIENCE), then=never, failed=never).cancel()
    runner.read(lambda: may_end.wait(PATIENCE), then=done.append, failed=never)
    may_end.set()
    qtbot.waitUntil(lambda: bool(done))


def test_busy_and_idle_frame_the_work(runner, qtbot):
    with qtbot.waitSignals([runner.busy, runner.idle], order="strict"):
        runner.read(lambda: None, then=lambda _: None, failed=never)


def test_outcomes_that_arrive_together_are_delivered_turn_by_turn(runner, qtbot):
    """Between any two of them the window gets to draw itself and to listen to its user."""
    seen = []
    turn = QTimer(interval=0)
    turn.timeout.connect(lambda: seen.append("turn"))
    arrived = threading.Barrier(3)
    for _ in range(2):
        runner.read(arrived.wait, then=lambda _: seen.append("outcome"), failed=never)
    arrived.wait()
    while runner._under_way and len(runner._outcomes) < 2:
        QCoreApplication.sendPostedEvents(runner)  # without a turn, so that both wait for the next one
    turn.start()
    qtbot.waitUntil(lambda: seen.count("outcome") == 2)
    turn.stop()
    first = seen.index("outcome")
    assert "turn" in seen[first : seen.index("outcome", first + 1)]


def test_a_job_that_computes_lets_the_window_in_soon(qtbot):
    before = sys.getswitchinterval()
    runner = QtRunner()
    assert sys.getswitchinterval() < before / 5
    runner.close()
    assert sys.getswitchinterval() == before


def test_nothing_is_delivered_after_closing(qtbot):
    runner = QtRunner()
    runner.read(lambda: None, then=never, failed=never)
    runner.close()
    runner.read(lambda: None, then=never, failed=never)
    QCoreApplication.processEvents()


def test_an_older_generation_is_dropped():
    generation = Generation()
    old, seen = generation.next(), []
    new = generation.next()
    runner = InlineRunner()
    runner.read(lambda: "old", then=old(seen.append), failed=never)
    runner.read(lambda: "new", then=new(seen.append), failed=never)
    assert seen == ["new"]
