"""How long the event loop of the window takes for a turn: the window stands still for as long."""

import gc
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer


@dataclass(frozen=True)
class Gap:
    """Between two turns: seconds on the clock, and seconds of this thread's own computing.

    Without those in which Python's collector looked through the heap: that of a whole test run, which no window has.
    """

    wall: float
    computing: float


class Turns(QObject):
    """Counts the gaps between turns while it runs. What a test does itself between two turns goes into `not_ours`."""

    def __init__(self, limit: float) -> None:
        super().__init__()
        self._limit = limit
        self.gaps: list[Gap] = []
        self._last = 0.0, 0.0
        self._collecting = 0.0  # seconds that the collector took of this thread, and since when it works
        self._collector_began = 0.0
        self._thread = threading.get_ident()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=1)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        gc.callbacks.append(self._collector)
        self._begin()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        if self._collector in gc.callbacks:
            gc.callbacks.remove(self._collector)

    @contextmanager
    def not_ours(self):
        """What happens inside is the test's own work: it ends the turn before, and begins the next one after."""
        if self._timer.isActive():
            self._turn()
        try:
            yield
        finally:
            self._begin()

    @property
    def longest(self) -> Gap:
        return max(self.gaps, key=lambda gap: gap.wall)

    def judge(self) -> None:
        """Fail if the window itself computed for too long at a time: opening a page for the first time takes longest.

        The clock is printed but not judged: on a machine that is busy with other things it tells more of those.
        """
        assert max(gap.computing for gap in self.gaps) < self._limit, self.summary()

    def summary(self) -> str:
        """In words, for `pytest -s` and reports."""
        wall = sorted(gap.wall * 1000 for gap in self.gaps)
        longest = self.longest
        return (
            f"{len(wall)} turns, 99 % within {wall[int(len(wall) * 0.99)]:.1f} ms, longest {wall[-1]:.1f} ms "
            f"({longest.computing * 1000:.1f} ms of it computing), {sum(each > 50 for each in wall)} over 50 ms"  # the limit of the design
        )

    def _collector(self, phase: str, _facts: dict) -> None:
        if threading.get_ident() != self._thread:
            return
        if phase == "start":
            self._collector_began = time.thread_time()
        else:
            self._collecting += time.thread_time() - self._collector_began

    def _now(self) -> tuple[float, float]:
        return time.perf_counter(), time.thread_time() - self._collecting

    def _begin(self) -> None:
        self._last = self._now()

    def _turn(self) -> None:
        now = self._now()
        self.gaps.append(Gap(now[0] - self._last[0], now[1] - self._last[1]))
        self._last = now
